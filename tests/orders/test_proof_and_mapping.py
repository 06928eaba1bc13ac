"""An order arrives complete and to the cent, or it is refused with the reason."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.model.failure import Refused, Unmapped
from engine.model.ids import LocationId, WarehouseId
from engine.model.money import Money, MoneyBag
from engine.model.order import FulfilmentOrder, Order
from engine.orders.mapping import sales_document
from engine.orders.proof import document_total, prove

HERE = LocationId("gid://shopify/Location/1")
PLACES = {HERE: WarehouseId("WH1")}


def test_the_document_says_what_the_buyer_was_charged(order: Order) -> None:
    sale = sales_document(order, PLACES)
    assert (sale.total, document_total(sale), sale.presentment_total) == (
        Decimal("60.20"),
        Decimal("60.20"),
        Decimal("120.40"),
    )
    assert [(line.kind, line.warehouse) for line in sale.lines] == [
        ("goods", "WH1"),
        ("goods", "WH1"),
        ("shipping", None),
    ]


@pytest.mark.parametrize("cents", [1, -1])
@pytest.mark.parametrize("side", ["shop", "presentment"])
def test_one_cent_too_much_or_too_little_in_either_currency_is_refused(
    order: Order, cents: int, side: str
) -> None:
    money: Money = getattr(order.total, side)
    wrong = replace(order.total, **{side: replace(money, amount=money.amount + Decimal(cents) / 100)})
    assert not prove(replace(order, total=wrong)).exact
    with pytest.raises(Refused, match="does not add up"):
        sales_document(replace(order, total=wrong), PLACES)


def test_a_location_without_a_warehouse_is_named(order: Order) -> None:
    with pytest.raises(Unmapped, match="Location/1"):
        sales_document(order, {})


def test_a_line_that_ships_from_two_places_is_a_line_per_warehouse(order: Order) -> None:
    there = LocationId("gid://shopify/Location/2")
    split = (
        FulfilmentOrder("f1", "OPEN", HERE, (("l1", 2), ("l2", 1))),
        FulfilmentOrder("f2", "OPEN", there, (("l1", 1),)),
    )
    sale = sales_document(replace(order, fulfilment_orders=split), PLACES | {there: WarehouseId("WH2")})
    mugs = [line for line in sale.lines if line.sku == "MUG"]
    assert [(line.warehouse, line.quantity, line.discount, line.tax) for line in mugs] == [
        ("WH1", 2, Decimal("2.00"), Decimal("1.80")),
        ("WH2", 1, Decimal("1.00"), Decimal("0.90")),
    ]
    assert len({line.key for line in sale.lines}) == len(sale.lines)
    assert document_total(sale) == sale.total == Decimal("60.20")


def test_units_without_a_location_are_refused(order: Order) -> None:
    short = (FulfilmentOrder("f1", "OPEN", HERE, (("l1", 1), ("l2", 1))),)
    with pytest.raises(Refused, match="ships from locations that hold 1"):
        sales_document(replace(order, fulfilment_orders=short), PLACES)


def test_a_shippable_line_without_a_sku_is_refused(order: Order) -> None:
    nameless = replace(order.lines[0], sku=None)
    with pytest.raises(Unmapped, match="no SKU"):
        sales_document(replace(order, lines=(nameless, order.lines[1])), PLACES)


def test_duties_tips_and_rounding_are_lines_of_their_own(order: Order) -> None:
    def bag(amount: str) -> MoneyBag:
        return MoneyBag(Money(Decimal(amount), "USD"), Money(Decimal(amount) * 2, "EUR"))

    paid = replace(order.transactions[0], amount=bag("65.70"), rounding=bag("-0.20"))
    full = replace(
        order,
        duties=bag("4.00"),
        tips=bag("1.50"),
        rounding=bag("-0.20"),
        total=bag("65.50"),
        transactions=(paid,),
    )
    sale = sales_document(full, PLACES)
    assert [line.kind for line in sale.lines[-3:]] == ["duty", "tip", "rounding"]
    assert document_total(sale) == Decimal("65.50")
