"""`trueup conflict`: levels and fields that something other than TrueUp changed."""

import asyncio
from dataclasses import asdict
from pathlib import Path

import click

from console.cli.hold import connection_option
from console.cli.options import at_desk, config_option, json_option, operator_option, put_json, put_table
from console.cli.trouble import DONE, NO, Trouble, plain
from console.cli.watching import watchable
from engine.desk import Desk


@click.group()
def conflict() -> None:
    """List levels and fields of ours that something other than TrueUp changed in Shopify, and judge them."""


@conflict.command("list")
@config_option
@json_option
@watchable
def list_(config: Path, as_json: bool) -> int:
    """List them, the oldest first; exit code 1 when there are any.

    A rise was written away; a fall counts as sold. Shopify does not say which app or person it was.
    """
    from console.products import conflicts
    from console.settings import load

    rows, fields = at_desk(config, lambda desk: desk.conflicts()), asyncio.run(conflicts(load(config)))
    if as_json:
        put_json([*map(asdict, rows), *map(asdict, fields)])
        return NO if rows or fields else DONE
    if fields:
        put_table(
            ("SKU", "FIELD", "WHAT", "BACK OFFICE", "SHOP", "SINCE", "TIMES", "RULE"),
            [
                (row.sku, row.field, row.state, plain(row.note or row.office or "–"), plain(row.shop or "–"),
                 f"{row.since:%Y-%m-%d %H:%M:%S}Z" if row.since else None, row.overwrites, row.rule)
                for row in fields
            ],
        )  # fmt: skip
        click.echo("Decide: trueup conflict field SKU FIELD restore, adopt or snooze.")
    if rows:
        put_table(
            ("SKU", "LOCATION", "WHAT", "UNITS", "SINCE", "BY"),
            [
                (row.sku, plain(row.location_name), row.kind, row.units,
                 f"{row.since:%Y-%m-%d %H:%M:%S}Z" if row.since else None, row.who)
                for row in rows
            ],
        )  # fmt: skip
        click.echo("Judge one: trueup conflict decide SKU LOCATION UNITS --real, or --not-real.")
    elif not fields:
        click.echo("Nobody else has changed a level or a field of ours.")
    return NO if rows or fields else DONE


@conflict.command()
@click.argument("sku")
@click.argument("name", metavar="FIELD")
@click.argument("what", type=click.Choice(["restore", "adopt", "snooze"]))
@click.option(
    "--minutes", type=click.IntRange(1, 43_200), default=1440, show_default=True, help="How long to snooze."
)
@operator_option
@connection_option
@config_option
def field(sku: str, name: str, what: str, minutes: int, operator: str, connection: str, config: Path) -> int:
    """Decide about a field of a product that the shop changed by itself.

    restore: the back office's value comes back. adopt: the shop's value stays until the back office's next changes.
    snooze: it is not shown for a while, unless a value changes.
    """
    from console.products import decide as ask
    from console.settings import load

    asyncio.run(ask(load(config), connection, sku, name, what, minutes, operator))
    click.echo("Asked the engine.")
    return DONE


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
