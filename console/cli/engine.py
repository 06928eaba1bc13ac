"""`trueup run` and `trueup check`: the engine without a face, and whether it could run."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.cli.ending import Ending
from console.cli.options import config_option, json_option, put_json
from console.cli.trouble import DONE, NO, plain

if TYPE_CHECKING:
    from console.check_line import CheckLine


@click.command()
@click.option(
    "--no-listener", is_flag=True, help="Webhooks are taken in by trueup listen, in a process of its own."
)
@config_option
def run(no_listener: bool, config: Path) -> None:
    """Run the engine as a daemon.

    SIGTERM, SIGINT or SIGHUP: finish what is in flight and end with 0; a second one ends it at once.
    """
    from console.logs import configure
    from console.permissions import refuse_loose
    from console.running import run_engine
    from console.settings import load

    settings = load(config)
    refuse_loose(settings, config)
    configure(settings)

    async def serve() -> None:
        await run_engine(settings, Ending().event, listens=not no_listener)

    asyncio.run(serve())


@click.command()
@config_option
def listen(config: Path) -> None:
    """Take webhooks in, and nothing else; the engine runs elsewhere with --no-listener.

    Needs the keys that sign webhooks and the database; no key that opens a shop or a back office.
    """
    from console.logs import configure
    from console.permissions import refuse_loose
    from console.running import run_listener
    from console.settings import load

    settings = load(config)
    refuse_loose(settings, config)
    configure(settings)

    async def serve() -> None:
        await run_listener(settings, Ending().event)

    asyncio.run(serve())


@click.command()
@config_option
@json_option
def check(config: Path, as_json: bool) -> int:
    """Check whether all is ready: versions, permissions, database, disk, clocks, TLS, webhooks, keys, rights, locations.

    ok: it holds; note: it holds, and there is something to know; FAIL, with the remedy: exit 1.
    """
    from console import checks
    from console.settings import load

    lines = asyncio.run(checks.check(load(config), config))
    if as_json:
        put_json(
            [
                {
                    "ok": each.ok,
                    "name": each.name,
                    "detail": each.detail,
                    "remedy": each.remedy,
                    "note": each.note,
                }
                for each in lines
            ]
        )
    else:
        put_lines(lines)
    return DONE if all(each.ok for each in lines) else NO


def put_lines(lines: "Sequence[CheckLine]") -> None:
    """Print what was checked, each with its remedy."""
    for each in lines:
        word = "FAIL" if not each.ok else "note" if each.note else "ok  "
        click.echo(f"{word}  {plain(each.name)}: {plain(each.detail)}")
        if each.remedy:
            click.echo(f"      {plain(each.remedy)}")
