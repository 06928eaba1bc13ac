"""`trueup backup` and `trueup restore`: a copy of the store while it is in use, and back to it."""

from pathlib import Path

import click

from console.cli.options import config_option
from console.cli.trouble import Trouble


@click.command()
@config_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(config: Path, file: Path) -> None:
    """Copy the store into a new FILE while the engine runs, and prove the copy: pages, and every line of the ledger."""
    from console.settings import load
    from engine.model.clock import SystemClock
    from engine.store.backup import back_up

    back_up(load(config).store.url, file, SystemClock())
    click.echo(f"{file}: {file.stat().st_size} bytes, whole.")


@click.command()
@config_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(config: Path, file: Path) -> None:
    """Put the store back to a backup. The engine must not run; what was there is kept beside it.

    At its next start the engine finds by reference what was created since, and agrees on every level anew.
    """
    from console.lock import lock_beside
    from console.settings import load
    from engine.model.clock import SystemClock
    from engine.store.backup import put_back

    url = load(config).store.url
    with lock_beside(url) as free:
        if not free:
            raise Trouble(
                "An engine works beside this store.", "Stop it (trueup run or the console), then restore."
            )
        kept = put_back(file, url, SystemClock())
    click.echo(f"The store is as it was in {file}." + (f" What was there is kept as {kept}." if kept else ""))
