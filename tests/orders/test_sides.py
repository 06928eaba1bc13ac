"""Orders and their buyers side by side: what is read back is compared, what was told is marked, the rest says its rule."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.field_maps import field_map, kinds
from adapters.shopify.fields import order_fields
from adapters.shopify.order import order_from
from engine.model.buyer import Address, Buyer
from engine.model.compared import Compared, result_of
from engine.model.ids import DocumentId, LocationId, WarehouseId
from engine.model.order import Order
from engine.model.sale import Document, DocumentLine, DocumentStatus, LineKind, SalesDocument
from engine.orders.mapping import sales_document
from engine.orders.sides import READ_BACK, buyer_sides, differing, order_sides
from engine.orders.values import Kind
from tests.orders.written import written

ODOO = field_map("odoo")


@pytest.fixture(scope="module")
def order() -> Order:
    """40.00 by gift card and 50.00 by card, 15.00 of it VAT."""
    found = order_from(next(each for each in written() if each.name.startswith("21")).node)
    return replace(found, note="ring twice", tags=("vip",))


def mapped(order: Order) -> SalesDocument:
    places = {held.location: WarehouseId("WH1") for held in order.fulfilment_orders if held.location}
    places |= {LocationId("gid://shopify/Location/1"): WarehouseId("WH1")}
    return sales_document(order, places, {Kind.PAYMENT: {"gift_card": "3270", "shopify_payments": "1210"}})


def booked(sale: SalesDocument) -> Document:
    lines = tuple(
        DocumentLine(line.sku, line.warehouse, line.quantity, 0, None)
        for line in sale.lines
        if line.kind is LineKind.GOODS and line.sku and line.warehouse
    )
    return Document(DocumentId("S0042"), sale.ref, DocumentStatus.OPEN, sale.total, lines)


def rows(found: tuple[Compared, ...]) -> dict[str, Compared]:
    return {each.field: each for each in found}


def test_a_booked_order_is_the_same_on_both_sides_and_names_its_rules(order: Order) -> None:
    sale = mapped(order)
    found = order_sides(order, booked(sale), sale, ODOO)
    by = rows(found)
    assert not differing(found)
    assert (by["document"].office, by["document"].shop, by["document"].result) == (
        "S0042",
        order.name,
        "same after rule",
    )
    assert by["reference"].result == by["total"].result == by["state"].result == "same"
    assert by["state"].rule == READ_BACK and not by["state"].told
    goods = [each for each in found if " at WH1" in each.field]
    assert goods and all(each.result == "same" and each.office == each.shop for each in goods)
    card = next(each for each in found if each.shop == "shopify_payments")
    assert (card.office, card.result, card.told) == ("1210", "same after rule", True)
    assert (by["note"].office, by["note"].result, by["note"].told) == ("ring twice", "same", True)
    assert (by["tags"].office, by["tags"].result) == ("", "only theirs") and by["tags"].rule.startswith(
        "nowhere: "
    )


def test_what_the_back_office_changed_differs(order: Order) -> None:
    sale = mapped(order)
    held = booked(sale)
    first, *others = held.lines
    moved = replace(
        held, total=held.total + Decimal("0.01"), status=DocumentStatus.CANCELLED,
        lines=(replace(first, quantity=first.quantity + 1, shipped=1), *others),
    )  # fmt: skip
    by = rows(order_sides(order, moved, sale, ODOO))
    assert by["total"].result == by["state"].result == by[f"{first.sku} at WH1"].result == "differs"
    assert (by[f"{first.sku} sent"].office, by[f"{first.sku} sent"].shop) == ("1", "0")
    assert differing(tuple(by.values()))


def test_an_order_that_is_not_booked_is_only_in_the_shop(order: Order) -> None:
    found = order_sides(order, None, mapped(order), ODOO)
    assert {each.result for each in found} == {"only theirs"} and {each.office for each in found} == {""}


def test_an_order_that_would_be_held_says_why(order: Order) -> None:
    found = order_sides(order, None, "Location 9 has no warehouse.", ODOO)
    assert (found[0].result, found[0].rule) == ("invalid", "Location 9 has no warehouse.") and differing(
        found
    )


def test_a_cancelled_order_promises_nothing(order: Order) -> None:
    gone = replace(order, cancelled_at=order.created_at + timedelta(hours=1))
    sale = mapped(order)
    found = order_sides(gone, replace(booked(sale), status=DocumentStatus.CANCELLED), sale, ODOO)
    assert rows(found)["state"].result == "same" and not differing(found)


def test_a_buyer_is_told_what_the_map_says_and_nothing_else(order: Order) -> None:
    ship = Address("Ada", "Ada Ltd", ("1 Long Street", "2nd floor"), "Berlin", "10115", "BE", "DE", "+49")
    bought = replace(
        order, customer="Ada", email="ada@example.com", buyer=Buyer("c1", "Ada", phone="+49", shipping=ship)
    )
    by = rows(buyer_sides(bought, booked(mapped(order)), ODOO))
    assert (by["name"].result, by["name"].told, by["phone"].result) == ("same", True, "only theirs")
    assert (by["ship to city"].office, by["ship to street 2"].office) == ("Berlin", "2nd floor")
    assert {each.office for each in buyer_sides(bought, None, ODOO)} == {""}


@pytest.mark.parametrize("kind", kinds())
def test_every_field_that_is_shown_has_a_rule_in_every_map(order: Order, kind: str) -> None:
    ship = Address("Ada", "Ada Ltd", ("1 Long Street", "2nd floor"), "Berlin", "10115", "BE", "DE", "+49")
    bought = replace(
        order, buyer=Buyer("c1", "Ada", phone="1", locale="de", tax_exempt=True, billing=ship, shipping=ship)
    )
    sale, rules = mapped(bought), field_map(kind)
    both = (*order_sides(bought, booked(sale), sale, rules), *buyer_sides(bought, booked(sale), rules))
    assert not [each.field for each in both if each.rule.startswith("no rule")]
    assert rules.keys() >= set(order_fields())


@pytest.mark.parametrize(
    ("office", "shop", "by_rule", "result"),
    [
        ("a", "a", False, "same"), ("a", "b", True, "same after rule"), ("a", "b", False, "differs"),
        ("a", "", False, "only ours"), ("", "b", True, "only theirs"),
    ],
)  # fmt: skip
def test_what_two_values_come_to(office: str, shop: str, by_rule: bool, result: str) -> None:
    assert result_of(office, shop, by_rule=by_rule) == result
