"""`trueup support`: a bundle for whoever helps, without secrets and without buyers."""

import asyncio
from pathlib import Path

import click

from console.cli.options import config_option
from console.cli.trouble import DONE, new_file


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@config_option
def support(file: Path, config: Path) -> int:
    """Write a support bundle to FILE: versions, configuration, checks, figures, alerts, the ledger's outline, the log.

    Secrets, addresses of e-mail and telephone numbers are taken out; orders are not in it. Look into it before you
    send it.
    """
    from console.settings import load
    from console.support import bundle

    with new_file(file):
        names = asyncio.run(bundle(load(config), config, file))
    click.echo(f"Written: {file} with {', '.join(names)}. Look into it before you send it.")
    return DONE
