"""`trueup audit`: whether the ledger is what was written, and taking back what a line of it says."""

from pathlib import Path

import click

from console.cli.options import at_desk, config_option, json_option, operator_option, put_json
from console.cli.trouble import DONE, NO, Trouble


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@config_option
@json_option
def verify(config: Path, as_json: bool) -> int:
    """Follow the hash chain from the first line to the last; exit 1 at the first line that does not fit."""
    from console.settings import load
    from engine.model.clock import SystemClock
    from engine.store.session import Store
    from engine.store.verbs import ledger

    store = Store.open(load(config).store.url, clock=SystemClock())
    try:
        bad = store.read_sync(ledger.verify)
    finally:
        store.close()
    if as_json:
        put_json({"intact": bad is None, "first_bad": bad})
    elif bad is None:
        click.echo("Every line of the ledger follows from the one before it.")
    else:
        click.echo(
            f"Line {bad} of the ledger does not follow from the one before it; restore a backup to compare."
        )
    return DONE if bad is None else NO


@audit.command()
@click.argument("line", type=int)
@operator_option
@config_option
def undo(line: int, operator: str, config: Path) -> int:
    """Ask the engine to take back what LINE says: an edit, a note on a record, units held back or let go.

    LINE is the number (SEQ) that screen 9 shows. What was changed again since is left alone; what has no inverse, as
    a retry, says so.
    """
    why = at_desk(config, lambda desk: desk.undo(line, operator=operator))
    if why:
        raise Trouble(why, "Screen 9 of the console lists what was done, each line with its number.")
    click.echo("Asked: the engine takes it back.")
    return DONE
