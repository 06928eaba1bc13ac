"""`trueup incident`: a bundle of what happened, and another machine's bundle opened and replayed."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.cli.options import config_option, json_option, put_json
from console.cli.trouble import DONE, new_file, plain

if TYPE_CHECKING:
    from engine.store.rows import LedgerRow

FORMS = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z"]
file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group()
def incident() -> None:
    """Bundle what happened for somebody else, or open such a bundle; without secrets and without buyers."""


@incident.command()
@file_argument
@config_option
def write(file: Path, config: Path) -> int:
    """Write FILE: the whole store, checks, figures and the log, readable by you alone.

    What buyers said of themselves, secrets, addresses of e-mail and telephone numbers are taken out.
    """
    from console.incident import write as bundle
    from console.settings import load

    with new_file(file):
        copied = asyncio.run(bundle(load(config), config, file))
    click.echo(f"Written: {file} with {copied.rows} rows, {copied.lines} of them of the ledger.")
    if copied.cleaned:
        click.echo(
            f"{copied.cleaned} lines of the ledger were cleaned, and its chain linked anew from there."
        )
    return DONE


@incident.command("open")
@file_argument
def open_(file: Path) -> int:
    """Open FILE in the console as it was when it was made; nothing can be changed and no engine runs."""
    from console.face import run_incident

    return run_incident(file)


@incident.command()
@file_argument
@click.option(
    "--begin", type=click.DateTime(FORMS), default=None, help="Leave out what was before this TIME."
)
@click.option("--end", type=click.DateTime(FORMS), default=None, help="Leave out what was after this TIME.")
@click.option("--about", default="", help="Only lines that name this: a SKU, an order, a verb.")
@json_option
def replay(file: Path, begin: datetime | None, end: datetime | None, about: str, as_json: bool) -> int:
    """Tell FILE step by step: every line of its ledger in the order in which it was written."""
    from console.incident import opened
    from engine.store.verbs.ledger import between

    with opened(file) as bundle:
        lines = bundle.store.read_sync(between, begin, end, about)
        if as_json:
            put_json(lines)
        else:
            _say(lines)
            click.echo(f"{len(lines)} of {bundle.told.lines} lines; {plain(bundle.environment)}.")
    return DONE


def _say(lines: "Sequence[LedgerRow]") -> None:
    before: datetime | None = None
    for line in lines:
        gap = "" if before is None else f"+{(line.at - before).total_seconds():.1f}s"
        before = line.at
        click.echo(
            f"{line.at:%Y-%m-%d %H:%M:%S}Z {gap:>9}  {plain(line.connection)} {plain(line.actor)}: {plain(line.action)} "
            f"{plain(line.entity)} {plain(line.detail)}".rstrip()
        )
