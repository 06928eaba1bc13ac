"""One order on both sides as it is kept here, field by field, for the console's screen: no system is asked.

What Shopify said when the order was read last, what the back office was told and says of the document, what people
edited in between, and which names are missing. What both systems hold at this moment is another question:
`engine.orders.sides`.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.desk.mapping import CompareRow
from engine.desk.orders import OrderDetail
from engine.model.money import exact
from engine.model.wording import Wording
from engine.orders.atlas import FIELD
from engine.orders.coverage import FieldMap
from engine.orders.rewording import FIELDS, told
from engine.orders.values import NOWHERE, WORDS, Kind, ValueMaps

PATHS: Mapping[str, str] = {
    "customer": "customer.displayName", "email": "email", "address": "shippingAddress.formatted", "note": "note",
    "total": "currentTotalPriceSet", "number": "name", "currency": "currencyCode", "units": "lineItems.sku",
    "left": "fulfillments.fulfillmentLineItems.quantity",
}  # fmt: skip
"""Our words for fields of Shopify's order."""
SAME, NAMED, EDITED, MISSING, DIFFERS, WAITS = "same", "named", "edited", "missing", "differs", "waits"


def compare_order(
    detail: OrderDetail,
    body: Mapping[str, Any],
    words: Collection[Wording],
    names: ValueMaps,
    lacking: Collection[tuple[str, str]],
    fields: FieldMap,
) -> tuple[CompareRow, ...]:
    """Its fields, what differs or lacks a name first. `body`: the document as it was sent last, empty before.

    `lacking`: (kind, name) of values of this order that no table has.
    """
    rows = [
        *_heads(detail, body, fields),
        *_words(body, words, fields),
        *_values(body, names, lacking),
        *_units(detail, fields),
    ]
    order = {MISSING: 0, DIFFERS: 0, WAITS: 1, EDITED: 2, NAMED: 3, SAME: 4}
    return tuple(sorted(rows, key=lambda row: order[row.result]))


def _field(name: str, shop: str, office: str, fields: FieldMap, result: str = "") -> CompareRow:
    path = PATHS[name]
    rule = fields.get(path)
    judged = result or (SAME if shop == office else DIFFERS)
    if rule is None:
        return CompareRow(name, office, shop, "no line in the field map", judged)
    return CompareRow(name, office, shop, rule.said, judged, kind=FIELD, name=path)


def _heads(detail: OrderDetail, body: Mapping[str, Any], fields: FieldMap) -> Iterator[CompareRow]:
    row = detail.row
    written = bool(body) and bool(row.document)
    yield _field(
        "number", row.name, row.document or "(no document)", fields, NAMED if row.document else WAITS
    )
    if not body:
        return
    total = exact(Decimal(str(body.get("total", 0))), row.currency)
    same = row.total is not None and total == row.total
    shop = "" if row.total is None else str(exact(row.total, row.currency))
    yield _field("total", shop, str(total), fields, SAME if same else DIFFERS)
    if written and body.get("currency"):
        yield _field("currency", row.currency, str(body["currency"]), fields)


def _words(body: Mapping[str, Any], words: Collection[Wording], fields: FieldMap) -> Iterator[CompareRow]:
    if not body:
        return
    sent, edited = told(body), {one.field: one for one in words}
    for field in FIELDS:
        one = edited.get(field)
        shop = sent[field] if one is None else one.instead_of
        yield _field(field, shop, sent[field], fields, SAME if one is None else EDITED)


def _values(
    body: Mapping[str, Any], names: ValueMaps, lacking: Collection[tuple[str, str]]
) -> Iterator[CompareRow]:
    """Gateways, taxes, shipping methods and the country, each in the words of the back office."""
    used = told_by_value(body)
    for kind, name in lacking:
        used.setdefault((Kind(kind), name), "")
    for (kind, name), theirs in used.items():
        table = names.get(kind)
        if table is None:
            yield CompareRow(WORDS[kind], name, name, "told by Shopify's name: there is no table", SAME)
            continue
        now = table.get(name, "")
        result = MISSING if not now else NAMED if theirs in ("", now) else DIFFERS
        yield CompareRow(
            WORDS[kind], theirs or now, name, f"[connections.{kind}]", result, kind=kind.value, name=name
        )


def told_by_value(body: Mapping[str, Any]) -> dict[tuple[Kind, str], str]:
    """What the back office was told by a document for each value that a table may name; empty for one it was not told."""
    used: dict[tuple[Kind, str], str] = {}
    for paid in body.get("payments", ()):
        used[Kind.PAYMENT, str(paid.get("gateway", ""))] = str(paid.get("account") or "")
    for line in body.get("lines", ()):
        if line.get("kind") == "shipping":
            used[Kind.CARRIER, str(line.get("title", ""))] = str(line.get("carrier") or "")
    for title, code in (body.get("tax_codes") or {}).items():
        used[Kind.TAX, str(title)] = str(code)
    if body.get("subsidiary"):
        used[Kind.MARKET, _country(body)] = str(body["subsidiary"])
    return used


def _country(body: Mapping[str, Any]) -> str:
    buyer = body.get("buyer") or {}
    for side in ("shipping", "billing"):
        if (buyer.get(side) or {}).get("country"):
            return str(buyer[side]["country"])
    return NOWHERE


def _units(detail: OrderDetail, fields: FieldMap) -> Iterator[CompareRow]:
    """Units of each SKU that are still sold, and those that left."""
    shop, left = Counter[str](), Counter[str]()
    office, shipped = Counter[str](), Counter[str]()
    for unit in detail.units:
        shop[unit.sku] += unit.committed + unit.fulfilled
        left[unit.sku] += unit.fulfilled
    for line in detail.booked:
        office[line.sku] += line.quantity
        shipped[line.sku] += line.shipped
    if not detail.row.document:
        return
    for sku in sorted(shop.keys() | office.keys()):
        units = _field("units", str(shop[sku]), str(office[sku]), fields)
        yield replace(units, field=f"units of {sku}")
        if left[sku] or shipped[sku]:
            gone = _field("left", str(left[sku]), str(shipped[sku]), fields)
            yield replace(gone, field=f"left of {sku}")
