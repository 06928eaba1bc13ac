"""What an edit to the maps would do to orders: the same orders mapped before and after, in fields and in posted sums."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.model.failure import Failure
from engine.model.ids import LocationId, WarehouseId
from engine.model.order import Order
from engine.model.sale import LineKind, SalesDocument
from engine.orders.mapping import sales_document
from engine.orders.values import ValueMaps

Posting = tuple[str, str]
"""(what a sum is posted to, its name): ("account", "1210")."""


@dataclass(frozen=True, slots=True)
class Maps:
    """What an edit may change: warehouses behind locations, and the back office's names."""

    warehouses: Mapping[LocationId, WarehouseId]
    values: ValueMaps


@dataclass(frozen=True, slots=True)
class Changed:
    """One field or one sum of one order, before and after the edit."""

    order: str
    field: str
    before: str
    after: str
    amount: Decimal | None = None
    """By how much a posted sum grows, in the shop's currency; None for a field."""


def regression(order: Order, old: Maps, new: Maps) -> tuple[Changed, ...]:
    """Fields first, then sums; nothing when the edit does not touch this order."""
    before, after = _mapped(order, old), _mapped(order, new)
    if before == after:
        return ()
    return (*_fields(order, before, after), *_sums(order, before, after))


Mapped = SalesDocument | str
"""The document, or why the order would be held."""


def _mapped(order: Order, maps: Maps) -> Mapped:
    try:
        return sales_document(order, maps.warehouses, maps.values)
    except Failure as held:
        return held.cause


def _fields(order: Order, before: Mapped, after: Mapped) -> Iterator[Changed]:
    if isinstance(before, str) or isinstance(after, str):
        yield Changed(order.name, "booked", _outcome(before), _outcome(after))
        return
    one, other = _told(before), _told(after)
    for field in (*one, *(field for field in other if field not in one)):
        if one.get(field, "") != other.get(field, ""):
            yield Changed(order.name, field, one.get(field, ""), other.get(field, ""))


def _outcome(mapped: Mapped) -> str:
    return f"held: {mapped}" if isinstance(mapped, str) else "yes"


def _told(sale: SalesDocument) -> dict[str, str]:
    """Every field of a document that a map decides."""
    found = {"subsidiary": sale.subsidiary}
    for paid in sale.payments:
        found[f"payment {paid.gateway} {paid.key}: account"] = paid.account
    for title, code in sale.tax_codes.items():
        found[f"tax {title}: code"] = code
    for line in sale.lines:
        if line.kind is LineKind.SHIPPING:
            found[f"shipping {line.title} {line.key}: carrier"] = line.carrier
        elif line.warehouse:
            found[f"line {line.sku} {line.key}: warehouse, units"] = f"{line.warehouse}, {line.quantity}"
    return found


def _sums(order: Order, before: Mapped, after: Mapped) -> Iterator[Changed]:
    one, other = _posted(before), _posted(after)
    for posting in sorted(one.keys() | other.keys()):
        was, will = one.get(posting, Decimal(0)), other.get(posting, Decimal(0))
        if was != will:
            yield Changed(order.name, f"sum of {' '.join(posting)}", str(was), str(will), will - was)


def _posted(mapped: Mapped) -> dict[Posting, Decimal]:
    """What a document posts, by account, tax code, carrier, warehouse and subsidiary; nothing for one that is held."""
    found: dict[Posting, Decimal] = {}
    if isinstance(mapped, str):
        return found

    def post(what: str, name: str, amount: Decimal) -> None:
        if name:
            found[what, name] = found.get((what, name), Decimal(0)) + amount

    post("document", mapped.currency, mapped.total)
    post("subsidiary", mapped.subsidiary, mapped.total)
    for paid in mapped.payments:
        post("account", paid.account, paid.amount)
    for line in mapped.lines:
        net = line.unit_price * line.quantity - line.discount
        post("warehouse", line.warehouse or "", net)
        post("carrier", line.carrier, net)
        for title, amount in line.taxes:
            post("tax code", mapped.tax_codes.get(title, ""), amount)
    return found
