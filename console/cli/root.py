"""The commands and what they are called; each is loaded when it is asked for."""

import importlib
from collections.abc import Sequence
from functools import cache

import click

from console.cli.rights import bound
from console.cli.trouble import DONE, NO, WRONG, Told, Trouble, say

COMMANDS = {
    "init": "console.cli.init",
    "run": "console.cli.engine",
    "listen": "console.cli.engine",
    "check": "console.cli.engine",
    "demo": "console.cli.demo",
    "sandbox": "console.cli.sandbox",
    "drill": "console.cli.drill",
    "status": "console.cli.reading",
    "stock": "console.cli.reading",
    "explain": "console.cli.explain",
    "risk": "console.cli.risk",
    "hold": "console.cli.hold",
    "conflict": "console.cli.conflict",
    "simulate": "console.cli.simulate",
    "plan": "console.cli.plan",
    "apply": "console.cli.plan",
    "failed": "console.cli.failed",
    "order": "console.cli.order",
    "product": "console.cli.product",
    "mapping": "console.cli.mapping",
    "alerts": "console.cli.alerts",
    "shadow": "console.cli.shadow",
    "golive": "console.cli.shadow",
    "shift": "console.cli.shift",
    "audit": "console.cli.audit",
    "backup": "console.cli.backup",
    "restore": "console.cli.backup",
    "support": "console.cli.support",
    "incident": "console.cli.incident",
    "completion": "console.cli.completion",
}
"""Where each command lives, in the order in which the help names them."""


@cache
def _loaded(name: str) -> click.Command:
    """The command, with the check of who may use it put before it."""
    command = getattr(importlib.import_module(COMMANDS[name]), name)
    assert isinstance(command, click.Command)
    return bound(command, name)


class Root(click.Group):
    """Loads a command when it is named, so that one verb never pays for another."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, the daily ones first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        return _loaded(cmd_name) if cmd_name in COMMANDS else None


@click.command(cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def root() -> None:
    """Keep a back office and Shopify in agreement.

    Without a command: the console, read-only unless --rw is given (trueup [--config FILE] [--rw] [--theme NAME] [--ascii]).
    """


def run(words: Sequence[str]) -> int:
    """Run one command; its exit code."""
    try:
        answer = root.main(args=list(words), prog_name="trueup", standalone_mode=False)
    except click.UsageError as wrong:
        helped = wrong.ctx.command_path if wrong.ctx else "trueup"
        say(wrong.format_message(), f"Run: {helped} --help")
        return WRONG
    except click.ClickException as wrong:
        say(wrong.format_message(), "Correct it and try again.")
        return NO
    except click.Abort as gone:
        if not isinstance(gone.__context__, EOFError):
            return 130  # Ctrl-C
        say(
            "The input ended before the question was answered.",
            "Run it at a terminal, or answer by an option.",
        )
        return WRONG
    except Told as told:
        return told.code
    except Exception as error:  # noqa: BLE001 a defect is raised again by explained()
        return explained(error)
    return answer if isinstance(answer, int) else DONE


def explained(error: Exception) -> int:
    """Exit code of an error that names its cause and remedy; any other is a defect and is raised again."""
    from console.settings.trouble import SettingsTrouble
    from engine.model.failure import Failure, Misset
    from engine.store.trouble import StoreBroken, StoreTrouble

    match error:
        case StoreBroken(cause=cause, remedy=remedy):
            say(cause, remedy)
            return NO
        case (
            SettingsTrouble(cause=cause, remedy=remedy)
            | StoreTrouble(cause=cause, remedy=remedy)
            | Misset(cause=cause, remedy=remedy)
        ):
            say(cause, remedy)
            return WRONG
        case Trouble(cause=cause, remedy=remedy, code=code):
            say(cause, remedy)
            return code
        case Failure(cause=cause, remedy=remedy):
            say(cause, remedy)
            return NO
        case ExceptionGroup(exceptions=(Exception() as only,)):
            return explained(only)
        case _:
            raise error
