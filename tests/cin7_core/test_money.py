"""Payments, credit notes and refunds: before the invoice and after it, of which credit note, and what is left to a person."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from adapters.cin7_core.selling import Terms
from engine.model.entry import EntryKind
from engine.model.failure import Refused, Unmapped
from engine.model.ids import DocumentId
from tests.accounts import FEE_OFF, REF, entry, sale
from tests.cin7_core.conftest import MUG, WH1, WH2

Opened = Callable[..., Any]


def paying(account: Any, office: Opened, **more: Any) -> Any:
    return office(terms=Terms(account.sandbox.customer, account="855", **more))


async def test_a_payment_is_a_prepayment_until_there_is_an_invoice(account: Any, office: Opened) -> None:
    one = paying(account, office)
    made = await one.create(sale((MUG, 2, WH1)))
    assert await one.post(made.id, entry(EntryKind.PAYMENT, 1, "4.00"))
    await one.post(made.id, entry(EntryKind.CREDIT, 2, "1.00"))
    await one.post(made.id, entry(EntryKind.PAYMENT, 3, "5.90", account="856"))
    rows = account.by_hand.get("sale/payment", params={"SaleID": made.id}).json()
    assert [(row["Type"], row["Reference"], row["Amount"], row["Account"]) for row in rows] == [
        ("Prepayment", "shopify-1", 4.0, "855"),
        ("Payment", "shopify-3", 5.9, "856"),
    ]


async def test_a_return_puts_goods_back_without_a_price_and_the_money_has_a_note_of_its_own(
    account: Any, office: Opened
) -> None:
    one = paying(account, office)
    made = await one.create(sale((MUG, 2, WH1)))
    await one.ship(made.id, {(MUG, WH1): 2})
    await one.take_back(made.id, {(MUG, WH1): 1}, key="refund")
    credit = entry(EntryKind.CREDIT, 2, "1.50", *FEE_OFF, taxes_included=True)
    assert await one.post(made.id, credit) == {credit.key: Decimal("1.5")}
    back, money = account.by_hand.get("sale", params={"ID": made.id}).json()["CreditNotes"]
    assert (back["Total"], len(back["Restock"])) == (0, 1)
    charges = [(line["Description"], line["Total"]) for line in money["AdditionalCharges"]]
    assert (charges, money["Restock"]) == ([("OTHER", 1.1), ("TAX", 0.4)], [])
    assert account.shelf(MUG, WH1) == (9, 0)


async def test_a_refund_is_of_the_credit_note_of_the_same_refund(account: Any, office: Opened) -> None:
    one = paying(account, office)
    made = await one.create(sale((MUG, 2, WH1)))
    for number in (21, 22):
        await one.post(made.id, entry(EntryKind.CREDIT, number, "3.00"))
    of = entry(EntryKind.CREDIT, 22, "3.00").key
    for number, amount in ((1, "2.00"), (2, "3.00")):
        await one.post(made.id, entry(EntryKind.REFUND, number, amount, refund=of))
    notes = account.by_hand.get("sale", params={"ID": made.id}).json()["CreditNotes"]
    rows = account.by_hand.get("sale/payment", params={"SaleID": made.id}).json()
    assert [row["TaskID"] for row in rows] == [notes[1]["TaskID"], notes[0]["TaskID"]]
    with pytest.raises(Refused, match="no credit note of this order is open") as no:
        await one.post(made.id, entry(EntryKind.REFUND, 3, "1.01", refund=of))
    assert no.value.code == "enter_by_hand"


async def test_a_lost_answer_is_looked_up_and_nothing_entered_twice(account: Any, office: Opened) -> None:
    one = paying(account, office)
    made = await one.create(sale((MUG, 1, WH1)))
    first = entry(EntryKind.PAYMENT, 1, "2.00")
    await one.post(made.id, first)
    account.calls.clear()
    assert await paying(account, office).post(made.id, first) == {first.key: Decimal("2")}
    assert [call for call in account.calls if call[0] != "GET"] == []


async def test_an_order_on_two_sales_and_an_unknown_account_are_told(account: Any, office: Opened) -> None:
    one = paying(account, office)
    apart = await one.create(sale((MUG, 1, WH1), (MUG, 1, WH2)))
    with pytest.raises(Refused, match="stands on 2 sales") as no:
        await one.post(apart.id, entry(EntryKind.PAYMENT, 1, "2.00"))
    assert no.value.code == "enter_by_hand"
    other = office(terms=Terms(account.sandbox.customer, account="1"))
    assert "account 1" in [name for name, _, _ in await other.probe()]
    assert REF in (await one.documents([REF]))
    with pytest.raises(Refused):
        await one.post(DocumentId("nothing"), entry(EntryKind.PAYMENT, 1, "2.00"))


async def test_a_charge_product_that_is_missing_is_named(account: Any, office: Opened) -> None:
    from adapters.amounts import CHARGES, RowKind

    one = paying(account, office, products={**CHARGES, RowKind.TAX: "NO TAX"})
    made = await one.create(sale((MUG, 1, WH1)))
    with pytest.raises(Unmapped, match="NO TAX"):
        await one.post(made.id, entry(EntryKind.CREDIT, 2, "1.50", *FEE_OFF, taxes_included=True))


def test_the_sandbox_declines_what_cannot_be_paid(account: Any) -> None:
    from tests.cin7_core.test_sandbox_is_strict import ordered

    number = ordered(account)
    good = {
        "TaskID": number, "Type": "Prepayment", "Reference": "r", "Amount": 5.0, "DatePaid": "2026-05-05T00:00:00",
        "Account": "855", "CurrencyRate": 1,
    }  # fmt: skip
    for wrong in (
        {"Amount": 0}, {"Amount": 5.01}, {"Account": "1"}, {"Type": "Payment"}, {"Type": "Refund"},
        {"CurrencyRate": 2}, {"Note": "x"}, {"DatePaid": "today"},
    ):  # fmt: skip
        assert account.by_hand.post("sale/payment", json=good | wrong).status_code in (400, 404), wrong
    assert account.by_hand.post("sale/payment", json=good).status_code == 200
    assert account.by_hand.post("sale/payment", json=good | {"Amount": 0.01}).status_code == 400
