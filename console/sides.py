"""Both systems' values of a product, an order or a customer at this moment, by connection."""

from collections.abc import Sequence

from adapters.field_maps import field_map
from console.lookup import Found, find
from console.products import both_sides
from console.settings import Settings
from engine.model.compared import Compared
from engine.model.failure import Failure
from engine.model.sale import SalesDocument
from engine.orders.mapping import sales_document
from engine.orders.sides import buyer_sides, order_sides

KINDS = ("product", "order", "customer")
"""What has two sides. A customer is named by one of their orders."""

Sides = list[tuple[str, Sequence[Compared]]]


async def sides(settings: Settings, kind: str, reference: str, connection: str) -> Sides:
    """Every field, by connection that has the thing; Failure when a side cannot be asked."""
    if kind == "product":
        return [(name, rows) for name, rows in await both_sides(settings, connection, reference)]
    found = await find(settings, reference, connection)
    kinds = {one.name: one.back_office.kind for one in settings.connections}
    rows: Sides = []
    for each in found:
        if each.silent is not None:
            raise each.silent
        rules = field_map(kinds[each.connection])
        if kind == "customer":
            rows.append((each.connection, buyer_sides(each.order, each.document, rules)))
        else:
            rows.append((each.connection, order_sides(each.order, each.document, _mapped(each), rules)))
    return rows


def _mapped(found: Found) -> SalesDocument | str:
    """The document the order would be, or why it is none."""
    try:
        return sales_document(found.order, found.warehouse_of, found.values, found.document)
    except Failure as held:
        return held.cause
