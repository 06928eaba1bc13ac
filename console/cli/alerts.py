"""`trueup alerts`: what stands and who was told, saying that one looks after it, trying channels, and silence."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from console.cli.options import config_option, json_option, operator_option, put_json, put_table
from console.cli.trouble import DONE, NO, Trouble, plain

if TYPE_CHECKING:
    from console.settings import Settings
    from engine.desk.notices import NoticeRow
    from engine.model.clock import Clock
    from engine.store.session import Store

T = TypeVar("T")
MANY = 200
LONGEST = 7 * 24 * 60


@click.group()
def alerts() -> None:
    """Alerts: what stands, who was told of it, and who looks after it."""


def _with_store(config: Path, act: Callable[["Store", "Clock"], Awaitable[T]]) -> T:
    from console.assembly import store_for_an_errand
    from console.settings import load

    settings = load(config)

    async def once() -> T:
        async with store_for_an_errand(settings) as (store, clock):
            return await act(store, clock)

    return asyncio.run(once())


@alerts.command("list")
@click.option("--all", "over", is_flag=True, help="Those that are over, too.")
@config_option
@json_option
def list_(over: bool, config: Path, as_json: bool) -> int:
    """List what stands, newest first, with who was told; exit 1 when something stands unacknowledged."""
    from engine.store.queries.notices import mutes, notices

    async def ask(store: "Store", clock: "Clock") -> tuple[tuple["NoticeRow", ...], tuple[object, ...]]:
        found = await store.read(notices, over=over, limit=MANY)
        return found, await store.read(mutes, clock.now())

    found, muted = _with_store(config, ask)
    if as_json:
        put_json({"alerts": [asdict(one) for one in found], "mutes": list(muted)})
    elif found:
        put_table(
            ("ID", "SEVERITY", "SINCE", "CONNECTION", "RULE", "WHAT", "STATE"), [_row(one) for one in found]
        )
    else:
        click.echo("No alert stands.")
    if muted and not as_json:
        click.echo("Nobody is told at the moment: alerts are muted; trueup alerts unmute ends that.")
    return NO if any(one.over_at is None and one.acked_at is None for one in found) else DONE


def _row(one: "NoticeRow") -> tuple[object, ...]:
    if one.over_at is not None:
        state = f"over {one.over_at:%H:%M:%S}"
    elif one.acked_at is not None:
        state = f"{one.acked_by} looks after it"
    else:
        told = list(dict.fromkeys(each.channel for each in one.tellings if each.told_at is not None))
        waits = list(dict.fromkeys(each.channel for each in one.tellings if each.told_at is None))
        state = f"told {', '.join(told) or 'nobody yet'}" + (
            f"; not reached: {', '.join(waits)}" if waits else ""
        )
    return (
        one.id,
        one.severity,
        f"{one.opened_at:%Y-%m-%d %H:%M:%S}",
        one.connection,
        one.rule,
        one.text,
        state,
    )


@alerts.command()
@click.argument("ids", metavar="ID…|all", nargs=-1, required=True)
@operator_option
@config_option
def ack(ids: tuple[str, ...], operator: str, config: Path) -> int:
    """Say that you look after an alert: nobody further is told of it, until it is over."""
    from engine.store.queries.notices import notices
    from engine.store.verbs.notices import acknowledge

    if ids != ("all",) and not all(each.isdecimal() for each in ids):
        raise click.UsageError("Name alerts by their number, or all.")

    async def act(store: "Store", clock: "Clock") -> tuple[list[int], list[int]]:
        if ids == ("all",):
            wanted = [
                one.id for one in await store.read(notices, over=False, limit=10_000) if not one.acked_at
            ]
        else:
            wanted = [int(each) for each in ids]
        done = [one for one in wanted if await store.write(acknowledge, one, operator, clock.now())]
        return done, [one for one in wanted if one not in done]

    done, refused = _with_store(config, act)
    if done:
        click.echo(f"{plain(operator)} looks after {', '.join(map(str, done))}.")
    if refused:
        raise Trouble(
            f"No alert stands unacknowledged under {', '.join(map(str, refused))}.",
            "trueup alerts list names those that do.",
        )
    return DONE


@alerts.command()
@click.argument("minutes", type=click.IntRange(1, LONGEST))
@click.option("--connection", default="", help="The connection; all without it.")
@click.option("--reason", default="", help="Why, for the audit trail.")
@operator_option
@config_option
def mute(minutes: int, connection: str, reason: str, operator: str, config: Path) -> int:
    """Tell nobody for so many minutes; what still stands then is told."""
    from console.settings import load
    from engine.store.verbs.notices import put_mute

    if connection and connection not in [one.name for one in load(config).connections]:
        raise click.UsageError(f"No connection is called {connection!r}.")

    async def act(store: "Store", clock: "Clock") -> str:
        ends = clock.now() + timedelta(minutes=minutes)
        await store.write(put_mute, connection, ends, reason, operator, clock.now())
        return f"{ends:%Y-%m-%d %H:%M:%S}"

    click.echo(f"Nobody is told until {_with_store(config, act)} UTC.")
    return DONE


@alerts.command()
@operator_option
@config_option
def unmute(operator: str, config: Path) -> int:
    """End every mute at once."""
    from engine.store.verbs.notices import end_mutes

    async def act(store: "Store", clock: "Clock") -> int:
        return await store.write(end_mutes, operator, clock.now())

    ended = _with_store(config, act)
    click.echo("People are told again." if ended else "Nothing was muted.")
    return DONE


@alerts.command()
@click.argument("channels", nargs=-1)
@config_option
@json_option
def test(channels: tuple[str, ...], config: Path, as_json: bool) -> int:
    """Send a message over every channel, or over those named; exit 1 when one did not take it."""
    from console.settings import load

    settings = load(config)
    known = [one.name for one in settings.channels]
    if not known:
        raise Trouble(
            "No channel is configured.", "Add [[channels]] and [[alerts]]; config.example.toml shows how."
        )
    for name in channels:
        if name not in known:
            raise click.UsageError(f"No channel is called {name!r}; there are {', '.join(known)}.")
    said = asyncio.run(_tried(settings, channels or tuple(known)))
    if as_json:
        put_json([{"channel": name, "ok": not why, "trouble": why} for name, why in said.items()])
    else:
        for name, why in said.items():
            click.echo(f"{'FAIL' if why else 'ok  '}  {name}{': ' + plain(why) if why else ''}")
    return NO if any(said.values()) else DONE


async def _tried(settings: "Settings", names: tuple[str, ...]) -> dict[str, str]:
    """Why each channel did not take a message; empty when it did."""
    from console.alerting import channel
    from console.operator import operator
    from console.settings import SettingsTrouble
    from engine.model.clock import SystemClock
    from engine.model.failure import Failure
    from engine.ports import Message

    clock = SystemClock()
    now = clock.now()
    body = f"{operator()} tries whether alerts of TrueUp arrive here. Nothing is to be done."
    text = Message(
        f"test-{now.timestamp():.0f}", "test", "info", f"{settings.environment}: a test of TrueUp's alerts", body,
        "test", "", "", 0, now, settings.environment,
    )  # fmt: skip
    said: dict[str, str] = {}

    async def one(name: str) -> None:
        try:
            made = channel(settings, next(each for each in settings.channels if each.name == name), clock)
            async with asyncio.timeout(30):
                await made.tell(text)
        except (Failure, SettingsTrouble) as trouble:
            said[name] = f"{trouble.cause} {trouble.remedy}"
        except TimeoutError:
            said[name] = "It took longer than 30 s."

    async with asyncio.TaskGroup() as group:
        for name in names:
            said[name] = ""
            group.create_task(one(name))
    return said
