"""The back office's own names: complete, or the order is held with every value that has none."""

from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.amounts import RowKind, rows, sold_as
from adapters.remarks import remarks
from adapters.sql.wire import line_values, order_values, payment_values
from adapters.tryton.drafts import PRICE_STEP
from engine.model.buyer import Address, Buyer
from engine.model.ids import LocationId, WarehouseId
from engine.model.order import Order
from engine.orders.mapping import sales_document
from engine.orders.values import Kind, Unnamed, ValueMaps, ValueUnmapped

PLACES = {LocationId("gid://shopify/Location/1"): WarehouseId("WH1")}
ALL: ValueMaps = {
    Kind.PAYMENT: {"card": "1210"},
    Kind.TAX: {"VAT": "VAT20"},
    Kind.CARRIER: {"Post": "POST-AT"},
    Kind.MARKET: {"AT": "10", "none": "1"},
}


def test_every_value_goes_out_in_their_words(order: Order) -> None:
    there = replace(order, buyer=Buyer(shipping=Address(country="AT")))
    sale = sales_document(there, PLACES, ALL)
    assert [paid.account for paid in sale.payments] == ["1210"]
    assert (sale.tax_codes, sale.subsidiary, sale.lines[-1].carrier) == ({"VAT": "VAT20"}, "10", "POST-AT")
    assert sales_document(order, PLACES, ALL).subsidiary == "1"
    items = {row.kind: row.item for row in rows(sale)}
    assert (items[RowKind.TAX], items[RowKind.SHIPPING], items[RowKind.GOODS]) == (
        "VAT20",
        "POST-AT",
        "",
    )
    assert {"VAT20", "POST-AT"} <= {sold_as(row) for row in rows(sale, PRICE_STEP)}
    assert "SALE 60.20 USD by card, account 1210" in remarks(sale, address=False)
    assert order_values(sale)["subsidiary"] == "10"
    assert line_values(sale, sale.lines[0], 1, "7")["tax_codes"] == '["VAT20"]'
    assert line_values(sale, sale.lines[-1], 3, "7")["carrier"] == "POST-AT"
    assert payment_values(sale, "7")[0]["account"] == "1210"


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Kind.PAYMENT, "card"), (Kind.TAX, "VAT"), (Kind.CARRIER, "Post"), (Kind.MARKET, "none")],
)
@pytest.mark.parametrize("table", [{}, {"other": "x"}, {"card": "", "VAT": "", "Post": "", "none": ""}])
def test_a_value_its_table_does_not_name_holds_the_order(
    order: Order, kind: Kind, name: str, table: dict[str, str]
) -> None:
    with pytest.raises(ValueUnmapped) as held:
        sales_document(order, PLACES, {**ALL, kind: table})
    assert held.value.lacking == (Unnamed(kind, name),)
    assert f"“{name}”" in held.value.cause
    assert f"[connections.{kind}]" in held.value.remedy


def test_all_that_is_missing_is_said_at_once(order: Order) -> None:
    with pytest.raises(ValueUnmapped) as held:
        sales_document(order, PLACES, {kind: {} for kind in Kind})
    assert [each.name for each in held.value.lacking] == ["card", "VAT", "Post", "none"]


def test_without_a_table_shopifys_names_are_told(order: Order) -> None:
    sale = sales_document(order, PLACES)
    assert (sale.payments[0].gateway, sale.payments[0].account, sale.subsidiary) == ("card", "", "")
    assert {row.item for row in rows(sale)} == {""}
    assert sum((row.amount for row in rows(sale)), Decimal(0)) == sale.total
