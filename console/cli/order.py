"""`trueup order proof`: whether one order adds up, and every field of it is accounted for."""

from pathlib import Path
from typing import Any

import click
import orjson

from console.cli.options import json_option, put_json, put_table
from console.cli.trouble import DONE, NO, WRONG, Trouble, plain


@click.group()
def order() -> None:
    """Orders to the cent."""


@order.command()
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="A GraphQL Order node as JSON; needs no connection and no configuration.",
)
@json_option
def proof(file: Path, as_json: bool) -> int:
    """Print every line of the exact-cent proof; exit 1 when it is not exact or a field is undeclared."""
    from adapters.field_maps import field_map, kinds
    from adapters.shopify.fields import not_asked
    from adapters.shopify.order import order_from
    from adapters.shopify.wire import reading
    from engine.model.failure import Failure
    from engine.orders.coverage import gaps
    from engine.orders.proof import prove

    node = _node(file)
    try:
        with reading("the order in the file"):
            read = order_from(node)
            proven = prove(read)
    except Failure as odd:
        raise Trouble(
            f"{file} is no order that can be read: {odd.log or odd.cause}.", odd.remedy, WRONG
        ) from odd
    declared = {field for kind in kinds() for field in field_map(kind)}
    open_fields = gaps(node, declared, not_asked())
    rows = [(each.label, *each.ours, *each.stated, *each.left) for each in proven.checks]
    if as_json:
        heads = (
            "label",
            "ours",
            "ours_presentment",
            "stated",
            "stated_presentment",
            "left",
            "left_presentment",
        )
        put_json(
            {
                "order": read.name,
                "exact": proven.exact,
                "lines": [
                    {
                        head: cell if head == "label" else str(cell)
                        for head, cell in zip(heads, row, strict=True)
                    }
                    for row in rows
                ],
                "gaps": [{"field": gap.field, "sample": gap.sample} for gap in open_fields],
            }
        )
    else:
        home, abroad = read.currency, read.presentment_currency
        heads = ("", home, f"buyer {abroad}", "Shopify", f"buyer {abroad}", "left", "left")
        put_table(heads[:7], rows)
        first = proven.first
        click.echo(
            f"{plain(read.name)} adds up to the cent in both currencies."
            if first is None
            else f"{plain(read.name)} differs first at {plain(first.label)}: "
            f"{first.ours[0]} against {first.stated[0]} {home}."
        )
        for gap in open_fields:
            click.echo(
                f"gap: {plain(gap.field)} has no declared destination, for example {plain(gap.sample)}"
            )
    return DONE if proven.exact and not open_fields else NO


def _node(file: Path) -> dict[str, Any]:
    """The node, bare or inside a reply; connections given as edges are read as nodes."""
    remedy = "Give the JSON of one order, as the query for orders answers it."
    try:
        found: Any = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as odd:
        raise Trouble(f"{file} is no JSON: {odd}.", remedy, WRONG) from odd
    for wrapper in ("data", "order"):
        if isinstance(found, dict) and isinstance(found.get(wrapper), dict):
            found = found[wrapper]
    if not isinstance(found, dict):
        raise Trouble(f"{file} holds no order.", remedy, WRONG)
    flat = _flat(found)
    assert isinstance(flat, dict)
    return flat


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        return [_flat(each) for each in value]
    if not isinstance(value, dict):
        return value
    read = {name: _flat(each) for name, each in value.items()}
    if "edges" in read and "nodes" not in read:
        read["nodes"] = [each["node"] for each in read.pop("edges")]
    return read
