"""The role each command needs, and the check before it is carried out."""

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

import click

from console.operator import operator
from engine.model.role import Role, too_little

VIEW, ACT, RULE = Role.VIEWER, Role.OPERATOR, Role.ADMIN
NEEDS: Mapping[str, Role] = {
    # nothing of an installation is touched by these
    "init": VIEW, "completion": VIEW, "demo": VIEW, "sandbox": VIEW, "drill": VIEW, "simulate": VIEW, "mapping coverage": VIEW,
    "incident open": VIEW, "incident replay": VIEW,
    # looking
    "check": VIEW, "status": VIEW, "stock": VIEW, "explain": VIEW, "risk": VIEW, "hold list": VIEW,
    "conflict list": VIEW, "failed list": VIEW, "failed show": VIEW,
    "failed export": VIEW, "order show": VIEW, "order proof": VIEW,
    "product list": VIEW, "product drafts": VIEW, "mapping gaps": VIEW, "mapping values": VIEW, "mapping diff": VIEW,
    "alerts list": VIEW, "shadow": VIEW, "golive list": VIEW, "shift": VIEW, "audit verify": VIEW,
    # the daily work
    "hold set": ACT, "hold end": ACT, "conflict decide": ACT, "conflict field": ACT, "plan": ACT, "apply": ACT,
    "failed retry": ACT, "failed assign": ACT, "failed edit": ACT, "failed park": ACT, "failed unpark": ACT,
    "failed resolve": ACT, "failed tag": ACT, "order pull": ACT, "alerts ack": ACT, "alerts test": ACT, "support": ACT,
    "incident write": ACT,
    "audit undo": ACT,
    # how TrueUp itself works
    "run": RULE, "listen": RULE, "product adopt": RULE, "product release": RULE, "product draft": RULE, "product rules": RULE, "alerts mute": RULE,
    "alerts unmute": RULE, "golive take": RULE, "golive back": RULE, "backup": RULE, "restore": RULE,
}  # fmt: skip
"""By command, or by the group when all its commands need the same."""


def needs(path: str) -> Role:
    """The role a command needs; KeyError for one that is not declared."""
    return NEEDS[path] if path in NEEDS else NEEDS[path.partition(" ")[0]]


def bound(command: click.Command, path: str) -> click.Command:
    """The command with all its sub-commands, each behind its check: only once for each command."""
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            bound(each, f"{path} {name}")
    elif command.callback is not None:
        command.callback = _checked(command.callback, path)
    return command


def _checked(act: Callable[..., Any], path: str) -> Callable[..., Any]:
    @wraps(act)
    def first(*args: Any, **given: Any) -> Any:
        role = needs(path)
        if role > Role.VIEWER:
            _require(role, path, given.get("config"))
        return act(*args, **given)

    return first


def _require(role: Role, path: str, config: Path | None) -> None:
    """Raise Refused, and write it down, when the person behind this process has too little a role."""
    from console.roles import role_of

    config = config or Path("config.toml")
    has = role_of(config)
    if has < role:
        refusal = too_little(has, role, f"trueup {path}")
        _write_down(config, path, refusal.cause)
        raise refusal


def _write_down(config: Path, path: str, cause: str) -> None:
    """In the audit trail of every connection; a store that cannot be written says so and refuses all the same."""
    import asyncio
    import logging

    from console.assembly import store_for_an_errand
    from console.settings import load
    from engine.store.trouble import StoreTrouble
    from engine.store.verbs.command import note_refusal

    settings = load(config)

    async def once() -> None:
        async with store_for_an_errand(settings) as (store, clock):
            for one in settings.connections:
                await store.write(note_refusal, one.name, path, operator(), cause, clock.now())

    try:
        asyncio.run(once())
    except StoreTrouble as trouble:
        logging.getLogger("trueup.audit").warning("%s: %s (%s)", operator(), cause, trouble.cause)
