"""`trueup run` and `trueup check`: the engine without a face, and whether it could run."""

import asyncio
from pathlib import Path

import click

from console.cli.ending import Ending
from console.cli.options import config_option, json_option, put_json
from console.cli.trouble import DONE, NO, plain


@click.command()
@config_option
def run(config: Path) -> None:
    """Run the engine as a daemon.

    SIGTERM, SIGINT or SIGHUP: finish what is in flight and end with 0; a second one ends it at once.
    """
    from console.logs import configure
    from console.running import run_engine
    from console.settings import load

    settings = load(config)
    configure(settings)

    async def serve() -> None:
        await run_engine(settings, Ending().event)

    asyncio.run(serve())


@click.command()
@config_option
@json_option
def check(config: Path, as_json: bool) -> int:
    """Check configuration, scopes, connections, locations and permissions."""
    from console import checks
    from console.settings import load

    lines = asyncio.run(checks.check(load(config)))
    if as_json:
        put_json(
            [
                {"ok": each.ok, "name": each.name, "detail": each.detail, "remedy": each.remedy}
                for each in lines
            ]
        )
    else:
        for each in lines:
            click.echo(f"{'ok  ' if each.ok else 'FAIL'}  {plain(each.name)}: {plain(each.detail)}")
            if not each.ok:
                click.echo(f"      {plain(each.remedy)}")
    return DONE if all(each.ok for each in lines) else NO
