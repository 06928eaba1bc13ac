"""`trueup hold`: units an operator holds back from sale in one cell."""

from dataclasses import asdict
from pathlib import Path

import click

from console.cli.options import at_desk, config_option, json_option, operator_option, put_json, put_table
from console.cli.trouble import DONE, Trouble
from engine.desk import Desk
from engine.model.hold import EVERY, LONGEST, MOST

connection_option = click.option(
    "--connection", default="", help="The connection, where several have the cell."
)


@click.group()
def hold() -> None:
    """Hold units of a SKU back at a location for a while; it counts alone there, whatever the configuration says."""


@hold.command("list")
@config_option
@json_option
def list_(config: Path, as_json: bool) -> int:
    """List what operators hold back."""
    held = at_desk(config, lambda desk: desk.holds())
    if as_json:
        put_json([asdict(one) for one in held])
    elif held:
        put_table(
            ("CONNECTION", "SKU", "LOCATION", "HELD BACK"),
            [(one.connection, one.sku, one.location, one.text) for one in held],
        )
    else:
        click.echo("No operator holds anything back.")
    return DONE


@hold.command("set")
@click.argument("sku")
@click.argument("location")
@click.argument("units", metavar="UNITS|all")
@click.option(
    "--minutes", type=click.IntRange(1, LONGEST), default=None, help="How long; until it is ended without."
)
@operator_option
@connection_option
@config_option
def set_(
    sku: str,
    location: str,
    units: str,
    minutes: int | None,
    operator: str,
    connection: str,
    config: Path,
) -> int:
    """Hold so many units back; `all` stops the sale there. LOCATION is a name or an id.

    `'*'` for a SKU stops the sale of everything at the location, and takes no number of units.
    """
    if units != "all" and not units.isdecimal():
        raise click.UsageError(f"{units!r} is neither a number of units nor `all`.")
    wanted = None if units == "all" else int(units)
    if sku == EVERY and wanted is not None:
        raise click.UsageError("Of everything at a location either all is held back or nothing: write `all`.")
    if wanted is not None and wanted > MOST:
        raise click.UsageError(f"At most {MOST:,} units can be held back.")

    async def ask(desk: Desk) -> str:
        return await desk.hold(connection, sku, location, units=wanted, minutes=minutes, operator=operator)

    return _asked(at_desk(config, ask))


@hold.command()
@click.argument("sku")
@click.argument("location")
@operator_option
@connection_option
@config_option
def end(sku: str, location: str, operator: str, connection: str, config: Path) -> int:
    """Let go what is held back of a SKU, or by `'*'` at a whole location."""

    async def ask(desk: Desk) -> str:
        return await desk.let_go(connection, sku, location, operator=operator)

    return _asked(at_desk(config, ask))


def _asked(why_not: str) -> int:
    if why_not:
        raise Trouble(why_not, "trueup stock lists SKUs and locations; trueup hold list what is held back.")
    click.echo("Asked the engine; trueup explain shows it once the cell has been looked at.")
    return DONE
