"""Payments and credit notes of money: looked up before they are sent, no goods in them, refunds left to a person."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from adapters.cin7_omni.selling import Terms
from engine.model.entry import EntryKind
from engine.model.failure import Refused
from tests.accounts import FEE_OFF, entry, sale
from tests.cin7_omni.conftest import MUG, WH1, WH2

Opened = Callable[..., Any]


def paying(office: Opened) -> Any:
    return office(terms=Terms(payment_method="Shopify"))


async def test_a_payment_is_entered_once_under_its_method(account: Any, office: Opened) -> None:
    one = paying(office)
    made = await one.create(sale((MUG, 2, WH1)))
    first = entry(EntryKind.PAYMENT, 1, "4.00", account="PayPal")
    for _ in range(2):
        assert await one.post(made.id, first) == {first.key: Decimal("4")}
    await one.post(made.id, entry(EntryKind.PAYMENT, 2, "5.90"))
    rows = account.state()["payments"]
    assert [(row["document"], row["text"], row["amount"]) for row in rows] == [
        (made.id, "shopify-1", "4.0"),
        (made.id, "shopify-2", "5.9"),
    ]


async def test_a_credit_note_of_money_returns_no_goods_and_one_of_goods_no_money(
    account: Any, office: Opened
) -> None:
    one = paying(office)
    made = await one.create(sale((MUG, 2, WH1)))
    await one.ship(made.id, {(MUG, WH1): 2})
    await one.take_back(made.id, {(MUG, WH1): 1}, key="refund")
    credit = entry(EntryKind.CREDIT, 2, "1.50", *FEE_OFF, taxes_included=True)
    assert await one.post(made.id, credit) == {credit.key: Decimal("1.5")}
    assert await one.post(made.id, credit) == {credit.key: Decimal("1.5")}
    assert sorted(Decimal(row["amount"]) for row in account.state()["credits"]) == [0, Decimal("1.5")]
    assert account.shelf(MUG, WH1) == (9, 0)
    [document] = (await one.documents([made.ref])).values()
    assert [(line.sku, line.returned) for line in document.lines] == [(MUG, 1)]


async def test_refunds_and_orders_in_two_parts_are_left_to_a_person(office: Opened) -> None:
    one = paying(office)
    apart = await one.create(sale((MUG, 1, WH1), (MUG, 1, WH2)))
    for kind in (EntryKind.REFUND, EntryKind.PAYMENT):
        with pytest.raises(Refused) as no:
            await one.post(apart.id, entry(kind, 1, "2.00"))
        assert no.value.code == "enter_by_hand"
    assert one.capabilities.posts == {EntryKind.PAYMENT, EntryKind.CREDIT}
    assert (one.capabilities.credits_returns, office().capabilities.credits_returns) == (False, True)
