"""An order after edits, refunds of unsent units and partial cancellations: what is still owed, to the cent."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.model.failure import Refused
from engine.model.ids import DocumentId, LocationId, OrderId, Sku, WarehouseId
from engine.model.order import Allocation, Fulfilment, FulfilmentOrder, Order, Refund, RefundLine, TaxLine
from engine.model.sale import Document, DocumentLine, DocumentStatus
from engine.orders.mapping import sales_document
from engine.orders.proof import document_total
from engine.orders.standing import standing, taken_out
from tests.orders.conftest import HERE, bag

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
WH1, WH2 = WarehouseId("WH1"), WarehouseId("WH2")
PLACES = {HERE: WH1, LocationId("gid://shopify/Location/2"): WH2}
MUG, LAMP = Sku("MUG"), Sku("LAMP")


def taken(order: Order, *given: RefundLine, left: dict[str, int], **more: object) -> Order:
    """The order after one refund, with these units of each line still to ship."""
    gone = {line.line: line.quantity for line in given}
    lines = tuple(
        replace(line, current_quantity=line.quantity - gone.get(line.id, 0)) for line in order.lines
    )
    held = tuple((line, units) for line, units in left.items() if units)
    refund = Refund(f"r{len(order.refunds)}", AT, given, **more)  # type: ignore[arg-type]
    groups = (FulfilmentOrder("f1", "OPEN", HERE, held),) if held else ()
    return replace(order, lines=lines, refunds=(*order.refunds, refund), fulfilment_orders=groups)


def out(
    line: str,
    units: int,
    subtotal: str,
    tax: str = "0",
    restock: str = "CANCEL",
    at: LocationId | None = HERE,
) -> RefundLine:
    return RefundLine(line, units, restock, at, bag(subtotal), bag(tax))


def test_an_order_nothing_was_taken_out_of_is_as_it_was_sold(order: Order) -> None:
    assert standing(order) is order


def test_units_taken_out_take_their_discount_and_their_tax_with_them(order: Order) -> None:
    """3 mugs at 10.00 less 3.00, tax 2.70; one goes for 9.00 and 0.90."""
    fewer = taken(order, out("l1", 1, "9.00", "0.90"), left={"l1": 2, "l2": 1})
    owed = standing(fewer)
    mug = owed.lines[0]
    assert (mug.quantity, mug.allocations[0].amount, mug.taxes[0].amount) == (2, bag("2.00"), bag("1.80"))
    assert owed.total == bag("50.30")
    sale = sales_document(fewer, PLACES)
    assert (sale.total, document_total(sale), sale.presentment_total) == (
        Decimal("50.30"),
        Decimal("50.30"),
        Decimal("100.60"),
    )
    assert [(line.sku, line.quantity) for line in sale.lines if line.sku] == [(MUG, 2), (LAMP, 1)]


def test_the_odd_cent_goes_where_shopify_gave_it_back(order: Order) -> None:
    """Of 3 mugs for 26.99 Shopify gives back 9.00 for one: what stays is 17.99, whatever a third would be."""
    odd = replace(order.lines[0], allocations=(Allocation(0, bag("3.01")),))
    whole = replace(order, lines=(odd, order.lines[1]), total=bag("60.19"))
    owed = standing(taken(whole, out("l1", 1, "9.00", "0.90"), left={"l1": 2, "l2": 1}))
    assert owed.lines[0].allocations[0].amount == bag("2.01")
    assert owed.total == bag("50.29")


def test_a_line_taken_out_altogether_is_not_booked_and_named_only_to_amend(order: Order) -> None:
    gone = taken(order, out("l2", 1, "25.50"), left={"l1": 3})
    assert [line.sku for line in sales_document(gone, PLACES).lines if line.sku] == [MUG]
    held = Document(
        DocumentId("7"),
        order.id,
        DocumentStatus.OPEN,
        order.total.shop.amount,
        (DocumentLine(MUG, WH1, 3, 0, None), DocumentLine(LAMP, WH2, 1, 0, None)),
    )
    sale = sales_document(gone, PLACES, document=held)
    assert [(line.sku, line.quantity, line.warehouse) for line in sale.lines if line.sku] == [
        (MUG, 3, WH1),
        (LAMP, 0, WH2),
    ]
    assert document_total(sale) == sale.total == Decimal("34.70")


def test_units_that_had_left_come_back_as_a_return_and_stay_in_the_document(order: Order) -> None:
    sent = replace(order, fulfilments=(Fulfilment("g", "SUCCESS", HERE, AT, (("l1", 3), ("l2", 1))),))
    back = taken(sent, out("l1", 1, "9.00", "0.90", "RETURN"), left={})
    assert standing(back) is back
    scrapped = taken(sent, out("l1", 1, "9.00", "0.90", "NO_RESTOCK", None), left={})
    assert standing(scrapped) is scrapped


def test_units_taken_out_without_restock_are_told_from_returns_by_what_left(order: Order) -> None:
    """Two mugs left and one came back to the bin; the third was struck off before it left, for another amount."""
    sent = replace(order, fulfilments=(Fulfilment("g", "SUCCESS", HERE, AT, (("l1", 2), ("l2", 1))),))
    both = taken(sent, out("l1", 1, "8.99", "0.90", "NO_RESTOCK", None), left={})
    both = taken(both, out("l1", 1, "9.01", "0.90", "NO_RESTOCK", None), left={})
    both = replace(both, lines=(replace(both.lines[0], current_quantity=1), both.lines[1]))
    found = taken_out(both, {})
    assert {line: each.units for line, each in found.items()} == {"l1": 1}
    assert found["l1"].amount == bag("8.99")


def test_shipping_and_duties_given_back_with_nothing_but_unsent_units_go_with_them(order: Order) -> None:
    dutiable = replace(order, duties=bag("4.00"), total=bag("64.20"))
    given = {"shipping": (("s1", bag("5.00"), bag("0")),), "duties": (bag("1.00"),)}
    some = taken(dutiable, out("l1", 1, "9.00", "0.90"), left={"l1": 2, "l2": 1}, **given)
    owed = standing(some)
    assert (owed.shipping[0].price, owed.duties, owed.total) == (bag("0.00"), bag("3.00"), bag("48.30"))
    returned = replace(some, fulfilments=(Fulfilment("g", "SUCCESS", HERE, AT, (("l1", 1),)),))
    assert standing(returned).shipping == dutiable.shipping


def test_prices_with_tax_inside_give_it_back_once(order: Order) -> None:
    inside = replace(order, taxes_included=True, total=bag("57.50"))
    owed = standing(taken(inside, out("l1", 1, "9.00", "0.82"), left={"l1": 2, "l2": 1}))
    assert (owed.total, owed.lines[0].taxes[0].amount) == (bag("48.50"), bag("1.88"))


def test_taxes_of_several_titles_share_what_is_given_back(order: Order) -> None:
    taxes = (TaxLine("State", None, bag("2.00")), TaxLine("City", None, bag("0.70")))
    two = replace(order, lines=(replace(order.lines[0], taxes=taxes), order.lines[1]))
    owed = standing(taken(two, out("l1", 1, "9.00", "0.91"), left={"l1": 2, "l2": 1}))
    assert [tax.amount.shop.amount for tax in owed.lines[0].taxes] == [Decimal("1.33"), Decimal("0.46")]


def test_units_of_which_no_refund_tells_are_worth_their_share(order: Order) -> None:
    fewer = replace(order.lines[0], current_quantity=2)
    left = (FulfilmentOrder("f1", "OPEN", HERE, (("l1", 2), ("l2", 1))),)
    owed = standing(replace(order, lines=(fewer, order.lines[1]), fulfilment_orders=left))
    assert (owed.total, owed.lines[0].allocations[0].amount) == (bag("50.30"), bag("2.00"))


def test_what_the_back_office_has_sent_all_the_same_stays_in_the_document(order: Order) -> None:
    """Two of three mugs were taken out; two had left by then in the back office's books."""
    fewer = taken(order, out("l1", 2, "18.01", "1.80"), left={"l1": 1, "l2": 1})
    held = Document(
        DocumentId("7"),
        OrderId(order.id),
        DocumentStatus.OPEN,
        order.total.shop.amount,
        (DocumentLine(MUG, WH2, 3, 2, AT), DocumentLine(LAMP, WH1, 1, 0, None)),
    )
    sale = sales_document(fewer, PLACES, document=held)
    mugs = [(line.quantity, line.warehouse) for line in sale.lines if line.sku == MUG]
    assert sum(units for units, _ in mugs) == 2
    assert document_total(sale) == sale.total == order.total.shop.amount - Decimal("9.01") - Decimal("0.90")


def test_more_given_back_than_was_charged_is_held(order: Order) -> None:
    with pytest.raises(Refused, match="another amount"):
        standing(taken(order, out("l2", 1, "25.49"), left={"l1": 3}))
