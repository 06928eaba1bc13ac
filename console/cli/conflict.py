"""`trueup conflict`: levels that something other than TrueUp changed."""

from dataclasses import asdict
from pathlib import Path

import click

from console.cli.hold import connection_option
from console.cli.options import at_desk, config_option, json_option, operator_option, put_json, put_table
from console.cli.trouble import DONE, NO, Trouble, plain
from engine.desk import Desk


@click.group()
def conflict() -> None:
    """List levels that something other than TrueUp changed in Shopify, and say what they were."""


@conflict.command("list")
@config_option
@json_option
def list_(config: Path, as_json: bool) -> int:
    """List them, the oldest first; exit code 1 when there are any.

    A rise was written away; a fall counts as sold. Shopify does not say which app or person it was.
    """
    rows = at_desk(config, lambda desk: desk.conflicts())
    if as_json:
        put_json([asdict(row) for row in rows])
    elif rows:
        put_table(
            ("SKU", "LOCATION", "WHAT", "UNITS", "SINCE", "BY"),
            [
                (row.sku, plain(row.location_name), row.kind, row.units,
                 f"{row.since:%Y-%m-%d %H:%M:%S}Z" if row.since else None, row.who)
                for row in rows
            ],
        )  # fmt: skip
        click.echo("Judge one: trueup conflict decide SKU LOCATION UNITS --real, or --not-real.")
    else:
        click.echo("Nobody else has changed a level.")
    return NO if rows else DONE


@conflict.command()
@click.argument("sku")
@click.argument("location")
@click.argument("units", type=click.IntRange(1, 1_000_000))
@click.option("--real/--not-real", default=None, help="Whether goods really came or went.")
@operator_option
@connection_option
@config_option
def decide(
    sku: str,
    location: str,
    units: int,
    real: bool | None,
    operator: str,
    connection: str,
    config: Path,
) -> int:
    """Say of so many units of a conflict whether goods really came or went.

    A fall is decided only once a listing of orders that must show any sale behind it has been read. One that is real is
    booked in the back office first, then decided here; a rise that is real is decided here
    first, then booked there: in between the shop offers too little, never too much.
    """
    if real is None:
        raise click.UsageError("Give --real or --not-real.")

    async def ask(desk: Desk) -> str:
        return await desk.decide(connection, sku, location, units=units, real=real, operator=operator)

    why_not = at_desk(config, ask)
    if why_not:
        raise Trouble(why_not, "trueup conflict list shows what waits for a decision.")
    click.echo(
        "Asked the engine."
        + (" A rise that is real has to be booked in the back office now." if real else "")
    )
    return DONE
