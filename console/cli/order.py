"""`trueup order`: one order on both sides, its exact-cent proof, and asking the engine to look at orders again."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.cli.options import config_option, json_option, operator_option, put_json
from console.cli.trouble import DONE, NO, Trouble, plain

if TYPE_CHECKING:
    from console.lookup import Found

connection_option = click.option("--connection", default="", help="Look in this connection only.")


@click.group()
def order() -> None:
    """Orders to the cent. REF is an order's name (#1001) or its id."""


@order.command()
@click.argument("ref")
@connection_option
@config_option
@json_option
def show(ref: str, connection: str, config: Path, as_json: bool) -> int:
    """Show one order as the shop has it, and its document in the back office."""
    from console.cli.orders import showing

    found = _found(ref, connection, config)
    if as_json:
        put_json(showing.as_json(found))
    else:
        showing.say(found)
    return NO if found.silent else DONE


@order.command()
@click.argument("ref", default="")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="A GraphQL Order node as JSON; needs no connection and no configuration.",
)
@connection_option
@config_option
@json_option
def proof(ref: str, file: Path | None, connection: str, config: Path, as_json: bool) -> int:
    """Print every line of the exact-cent proof; exit 1 when something differs or a field is undeclared."""
    from console.cli.orders import proving
    from console.cli.orders.file import read_file

    if bool(ref) == bool(file):
        raise click.UsageError("Name an order, or give --file.")
    if file is not None:
        read, undeclared = read_file(file)
        one = proving.shown(read, gaps=undeclared)
    else:
        found = _found(ref, connection, config)
        one = proving.shown(found.order, document=found.document, trouble=_trouble(found))
    if as_json:
        put_json(proving.as_json(one))
    else:
        proving.say(one)
    return DONE if one.exact else NO


@order.command()
@click.argument("refs", nargs=-1)
@click.option(
    "--since",
    type=click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")),
    help="Every order that changed since then, UTC.",
)
@click.option("--gaps", is_flag=True, help="With --since: only orders that TrueUp has never seen.")
@operator_option
@connection_option
@config_option
@json_option
def pull(
    refs: tuple[str, ...],
    since: datetime | None,
    gaps: bool,
    operator: str,
    connection: str,
    config: Path,
    as_json: bool,
) -> int:
    """Ask the engine to read orders again and do what they owe; one that is booked already is never booked twice.

    Orders placed before orders_since of their connection are counted for stock, not booked. What waits for a person
    keeps waiting: trueup failed retry.
    """
    from console.pulling import pull as ask
    from console.settings import load

    if bool(refs) == bool(since) or (gaps and not since):
        raise click.UsageError("Name orders, or give --since, which --gaps may narrow.")
    begin = since.replace(tzinfo=UTC) if since else None
    asked = asyncio.run(ask(load(config), refs, begin, connection, unseen=gaps, operator=operator))
    if as_json:
        put_json(asked)
    else:
        click.echo(f"{asked.accepted} orders will be looked at by the engine.")
        for why in asked.refused:
            click.echo(f"refused: {plain(why)}")
    return NO if asked.refused else DONE


def _found(ref: str, connection: str, config: Path) -> "Found":
    from console.lookup import find
    from console.settings import load

    found = asyncio.run(find(load(config), ref, connection))
    if not found:
        raise Trouble(
            f"No shop has an order {ref!r}.", "Give the name as Shopify shows it, or the order's id."
        )
    if len(found) > 1:
        names = ", ".join(each.connection for each in found)
        raise Trouble(f"Several shops have an order {ref!r}: {names}.", "Name one with --connection.")
    return found[0]


def _trouble(found: "Found") -> tuple[str, str] | None:
    """What keeps the order and its document apart, as the engine would say it."""
    from engine.model.failure import Failure
    from engine.orders.mapping import sales_document

    if found.silent is not None:
        return found.silent.cause, found.silent.remedy
    if found.document is None and found.order.cancelled_at is None:
        try:
            sales_document(found.order, found.warehouse_of, found.values)
        except Failure as held:
            if held.code != "order_does_not_add_up":  # the proof has said it line by line
                return held.cause, held.remedy
    return None
