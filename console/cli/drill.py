"""`trueup drill NAME`: practise trouble on sandboxes, and see the card."""

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.cli.ending import raising_told
from console.cli.options import json_option, put_json
from console.cli.trouble import DONE, NO, Trouble

if TYPE_CHECKING:
    from console.drills import Card

NAMES = (
    "back-office-down", "shop-down", "shop-throttled", "answers-lost", "webhooks-lost", "duplicate-storm", "slow-link",
    "engine-killed", "clock-skew",
)  # fmt: skip
BACK_OFFICES = ("odoo", "netsuite")
"""Sandboxes on HTTP, which can be made to fail in every way."""


@click.command()
@click.argument("name", type=click.Choice((*NAMES, "list")))
@click.option(
    "--seconds",
    type=click.FloatRange(min=3),
    default=30.0,
    show_default=True,
    help="Calm, trouble, and calm again: a third each.",
)
@click.option(
    "--settle",
    type=click.FloatRange(min=1),
    default=90.0,
    show_default=True,
    help="How long both sides may take to agree afterwards.",
)
@click.option("--seed", type=int, default=7, show_default=True)
@click.option("--back-office", type=click.Choice(BACK_OFFICES), default="odoo", show_default=True)
@click.option("--orders-per-minute", type=click.FloatRange(min=1), default=120.0, show_default=True)
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Keep the world's files here.",
)
@json_option
def drill(
    name: str,
    seconds: float,
    settle: float,
    seed: int,
    back_office: str,
    orders_per_minute: float,
    directory: Path | None,
    as_json: bool,
) -> int:
    """Let something go wrong in a world of sandboxes, and print what came of it; exit 1 unless the card has zeros.

    NAME is a drill, or `list`. Nothing outside this machine is touched.
    """
    from console.drills import DRILLS, play
    from console.world.apart import WorldTrouble

    if name == "list":
        for each, described in DRILLS.items():
            click.echo(f"{each:18} {described.about}")
        return DONE
    with _place(directory) as place, raising_told():
        try:
            card = asyncio.run(
                play(
                    name, place, back_office=back_office, seed=seed, seconds=seconds,
                    orders_per_minute=orders_per_minute, settle=settle,
                )
            )  # fmt: skip
        except WorldTrouble as trouble:
            raise Trouble(
                str(trouble), "Its reason stands above: correct it and start the drill again."
            ) from trouble
    if as_json:
        put_json(card.facts())
    else:
        _put(card, DRILLS[name].about)
    return DONE if card.passed else NO


@contextlib.contextmanager
def _place(directory: Path | None) -> Iterator[Path]:
    if directory is not None:
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="trueup-drill-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _put(card: "Card", about: str) -> None:
    click.echo(f"drill             {card.drill}: {about} (seed {card.seed}, {card.seconds:g} s)")
    click.echo(f"orders            {card.orders}")
    click.echo(f"lost              {card.lost}")
    click.echo(f"duplicated        {card.duplicated}")
    click.echo(f"not to the cent   {card.mismatched}")
    click.echo(f"oversold by us    {card.relisted} units offered again although they were sold")
    click.echo(f"left different    {card.differing} cells")
    click.echo(f"oversold at all   {card.oversold} units: two channels sold the last one within one lag")
    word = "both sides agreed" if card.settled else "both sides did NOT agree in time"
    click.echo(f"recovered in      {card.recovered_seconds:g} s after the trouble: {word}")
    click.echo("PASSED" if card.passed else "FAILED")
