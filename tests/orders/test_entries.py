"""What is owed of an order's money: over every made and written order, to the cent, and nothing once it was told."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from adapters.shopify.order import order_from
from engine.model.entry import Entry, EntryKind
from engine.model.failure import Failure, Refused
from engine.model.ids import Sku
from engine.model.money import Money, MoneyBag
from engine.model.order import Order
from engine.orders.credits import left_to_owe
from engine.orders.entries import Told, entries_owed
from engine.orders.proof import prove
from engine.orders.values import NOWHERE, Kind, ValueUnmapped
from tests.orders.made.order import CASES, made
from tests.orders.written import written

NOTHING: dict[Sku, int] = {}


def _exact(orders: Iterable[Order]) -> list[Order]:
    found = []
    for order in orders:
        try:
            if prove(order).exact:
                found.append(order)
        except (Failure, ValueError):
            pass
    return found


ORDERS = _exact(order_from(each.node) for each in (*map(made, range(len(CASES))), *written()))
BY_NAME = {each.name: order_from(each.node) for each in written()}


def told(entries: Iterable[Entry], before: Told | None = None) -> Told:
    """What is known once these were entered."""
    known: dict[EntryKind, dict[str, tuple[Decimal, ...]]] = defaultdict(dict)
    for kind, amounts in (before or Told()).entered.items():
        known[kind] |= amounts
    for entry in entries:
        known[entry.kind][entry.subject] = (*known[entry.kind].get(entry.subject, ()), entry.amount)
    return Told(known)


def of_kind(entries: Iterable[Entry], kind: EntryKind) -> Decimal:
    return sum((entry.amount for entry in entries if entry.kind is kind), Decimal(0))


def test_credit_memos_leave_what_shopify_says_is_owed_whatever_has_shipped() -> None:
    credited = 0
    for order in ORDERS:
        chance = Random(order.name)
        for _ in range(2):
            gone = {
                line.sku: chance.randint(0, line.quantity)
                for line in order.lines
                if line.sku and line.requires_shipping
            }
            left = left_to_owe(order, gone)
            assert left is not None
            assert left[0] == left[1], order.name
            owed = entries_owed(order, gone, Told())
            credited += any(entry.kind is EntryKind.CREDIT for entry in owed)
            assert entries_owed(order, gone, told(owed)) == ()
    assert credited > 300


def test_payments_less_refunds_and_what_is_outstanding_are_what_is_owed() -> None:
    for order in ORDERS:
        owed, stated = entries_owed(order, NOTHING, Told()), order.stated
        assert stated.received is not None
        assert stated.refunded is not None
        assert stated.outstanding is not None
        rounding = Decimal(0) if order.rounding is None else order.rounding.shop.amount
        assert of_kind(owed, EntryKind.PAYMENT) - rounding == stated.received.shop.amount, order.name
        assert of_kind(owed, EntryKind.REFUND) == stated.refunded.shop.amount, order.name
        left = left_to_owe(order, NOTHING)
        assert left is not None
        net = of_kind(owed, EntryKind.PAYMENT) - rounding - of_kind(owed, EntryKind.REFUND)
        assert net + stated.outstanding.shop.amount == left[0], order.name


def test_the_lines_of_a_credit_memo_add_up_to_it() -> None:
    for order in ORDERS:
        for entry in entries_owed(order, NOTHING, Told()):
            if entry.kind is EntryKind.CREDIT:
                tax = Decimal(0) if order.taxes_included else sum((x.tax for x in entry.lines), Decimal(0))
                assert sum((line.amount for line in entry.lines), tax) == entry.amount, order.name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("40-partial-refund-with-restock", [("credit_memo", "11.00"), ("refund", "11.00")]),
        ("41-refund-of-shipping-only", [("credit_memo", "6.60"), ("refund", "6.60")]),
        ("42-goodwill-refund", [("credit_memo", "5.00"), ("refund", "5.00")]),
        ("48-duty-paid-back", [("credit_memo", "46.00"), ("refund", "46.00")]),
        ("39-cancelled-before-it-was-booked", [("refund", "25.00")]),
    ],
)
def test_written_by_hand(name: str, expected: list[tuple[str, str]]) -> None:
    owed = entries_owed(BY_NAME[name], NOTHING, Told())
    assert [(e.kind.value, str(e.amount)) for e in owed if e.kind is not EntryKind.PAYMENT] == expected
    assert all(entry.refund for entry in owed if entry.kind is not EntryKind.PAYMENT)


def test_units_that_the_back_office_sent_all_the_same_are_credited_later_under_a_key_of_their_own() -> None:
    order = next(
        order for order in ORDERS
        if any(r.lines and all(x.restock == "CANCEL" for x in r.lines) for r in order.refunds)
        and not order.cancelled_at and any(line.requires_shipping and line.current_quantity < line.quantity
                                          for line in order.lines)
    )  # fmt: skip
    first = entries_owed(order, NOTHING, Told())
    gone = {line.sku: line.quantity for line in order.lines if line.sku and line.requires_shipping}
    [later] = entries_owed(order, gone, told(first))
    assert later.kind is EntryKind.CREDIT
    before = sum(entry.kind is EntryKind.CREDIT for entry in first)
    assert later.key == (f"{later.subject}#2" if before else later.subject)
    assert entries_owed(order, gone, told([later], told(first))) == ()


def test_what_does_not_leave_what_is_owed_is_held_with_both_figures() -> None:
    order = BY_NAME["42-goodwill-refund"]
    off = MoneyBag(Money(Decimal("-5.01"), "EUR"), Money(Decimal("-5.01"), "EUR"))
    more = MoneyBag(Money(Decimal("39.99"), "EUR"), Money(Decimal("39.99"), "EUR"))
    wrong = replace(order, stated=replace(order.stated, discrepancy=off, current_total=more))
    with pytest.raises(Refused) as held:
        entries_owed(wrong, NOTHING, Told())
    assert held.value.code == "credit_differs"
    assert "34.99" in held.value.cause
    assert "34.98" in held.value.cause


def test_a_gateway_without_an_account_is_named() -> None:
    order = BY_NAME["40-partial-refund-with-restock"]
    with pytest.raises(ValueUnmapped) as held:
        entries_owed(order, NOTHING, Told(), {Kind.PAYMENT: {"bank": "1200"}})
    assert [each.name for each in held.value.lacking] == ["shopify_payments"]
    owed = entries_owed(order, NOTHING, Told(), {Kind.PAYMENT: {"shopify_payments": "1210"}})
    assert {entry.account for entry in owed} == {"1210", ""}


def test_every_entry_names_the_part_of_the_company_that_sold() -> None:
    order = BY_NAME["40-partial-refund-with-restock"]
    owed = entries_owed(order, NOTHING, Told(), {Kind.MARKET: {NOWHERE: "3"}})
    assert len(owed) > 1 and {entry.subsidiary for entry in owed} == {"3"}
    assert {entry.subsidiary for entry in entries_owed(order, NOTHING, Told())} == {""}


@pytest.mark.parametrize("sold_by", ["", "1"])
def test_entries_are_of_the_part_of_the_company_that_the_document_was_made_for(sold_by: str) -> None:
    order = BY_NAME["40-partial-refund-with-restock"]
    owed = entries_owed(order, NOTHING, Told(sold_by=sold_by), {Kind.MARKET: {NOWHERE: "3"}})
    assert owed and {entry.subsidiary for entry in owed} == {sold_by}, "its market is another by now"
