"""An order read from a file: a GraphQL Order node as JSON."""

from pathlib import Path
from typing import Any

import orjson

from console.cli.trouble import WRONG, Trouble
from engine.model.order import Order
from engine.orders.coverage import Gap, gaps

REMEDY = "Give the JSON of one order, as the query for orders answers it."


def read_file(file: Path) -> tuple[Order, tuple[Gap, ...]]:
    """The order of a file and its populated fields that no field map declares; Trouble when it cannot be read."""
    from adapters.field_maps import field_map, kinds
    from adapters.shopify.fields import not_asked
    from adapters.shopify.order import order_from
    from adapters.shopify.wire import reading
    from engine.model.failure import Failure

    node = _node(file)
    try:
        with reading("the order in the file"):
            read = order_from(node)
    except Failure as odd:
        raise Trouble(
            f"{file} holds no order that can be read: {odd.log or odd.cause}.", REMEDY, WRONG
        ) from odd
    declared = {field for kind in kinds() for field in field_map(kind)}
    return read, gaps(node, declared, not_asked())


def _node(file: Path) -> dict[str, Any]:
    """The node, bare or inside a reply; connections given as edges are read as nodes."""
    try:
        found: Any = orjson.loads(file.read_bytes())
    except OSError as odd:
        remedy = "Name a file that is there and that you may read."
        raise Trouble(f"{file} cannot be read: {odd.strerror}.", remedy, WRONG) from odd
    except orjson.JSONDecodeError as odd:
        raise Trouble(f"{file} is no JSON: {odd}.", REMEDY, WRONG) from odd
    for wrapper in ("data", "order"):
        if isinstance(found, dict) and isinstance(found.get(wrapper), dict):
            found = found[wrapper]
    if not isinstance(found, dict):
        raise Trouble(f"{file} holds no order.", REMEDY, WRONG)
    try:
        return {name: _flat(value) for name, value in found.items()}
    except (KeyError, TypeError, RecursionError) as odd:
        raise Trouble(
            f"{file} has lists of edges without nodes, or is nested too deeply.", REMEDY, WRONG
        ) from odd


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        return [_flat(each) for each in value]
    if not isinstance(value, dict):
        return value
    read = {name: _flat(each) for name, each in value.items()}
    if "edges" in read and "nodes" not in read:
        read["nodes"] = [each["node"] for each in read.pop("edges")]
    return read
