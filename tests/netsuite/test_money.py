"""Deposits, credit memos and refunds: what a refund pays back, and what is left to a person."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.amounts import CHARGES, RowKind
from adapters.netsuite.back_office import NetSuiteBackOffice
from adapters.netsuite.sandbox import NetSuiteSandbox, start
from adapters.netsuite.sandbox.asked import Wrong
from adapters.netsuite.sandbox.ledger import Ledger
from adapters.netsuite.sandbox.records import RecordService
from adapters.netsuite.selling import Terms
from adapters.sandbox.books import Books
from engine.model.entry import CreditLine, Entry, EntryKind
from engine.model.failure import Refused, Unmapped
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, SalesDocument, SalesLine
from tests.netsuite.opened import connected

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
ORDER = OrderId("gid://shopify/Order/7001")
SKU = Sku("MUG")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[NetSuiteSandbox]:
    running = start(skus=[SKU], stock={(SKU, 0): 500}, currency="EUR")
    yield running
    running.stop()


@pytest.fixture
async def office(sandbox: NetSuiteSandbox) -> AsyncIterator[NetSuiteBackOffice]:
    made = connected(sandbox, Terms(account="220"))
    yield made
    await made.aclose()


async def booked(
    office: NetSuiteBackOffice, number: int, tax: Decimal = Decimal("0.00"), **more: Any
) -> tuple[OrderId, DocumentId]:
    ref, total = OrderId(f"gid://shopify/Order/{number}"), Decimal("20.00") + tax
    goods = SalesLine(
        "l", LineKind.GOODS, SKU, "Mug", 4, Decimal("5.00"), Decimal(0), tax, (("VAT", tax),), WarehouseId("1")
    )  # fmt: skip
    sale = SalesDocument(
        ref, f"#{number}", AT, "EUR", False, (goods,), total, "EUR", total, (), "Ada", "", (), "", **more
    )  # fmt: skip
    return ref, (await office.create(sale)).id


def entry(ref: OrderId, kind: EntryKind, number: int, amount: str, **more: Any) -> Entry:
    key = f"gid://shopify/{'Refund' if kind is EntryKind.CREDIT else 'OrderTransaction'}/{number}"
    worth = Decimal(amount)
    made = Entry(key, key, kind, ref, "#1", worth, "EUR", worth, "EUR", AT)
    return replace(made, **more)


def applied(sandbox: NetSuiteSandbox, number: str) -> dict[str, float]:
    """What a refund pays back, by external id of the credit memo or the deposit."""
    refund = sandbox.ledger.by_external_id("CustRfnd", number)
    assert refund is not None
    used: Any = refund.facts["used"]
    return {str(sandbox.ledger.transactions[one].external_id): float(amount) for one, amount in used.items()}


async def test_a_refund_pays_back_its_own_credit_memo_then_others_then_deposits(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    ref, document = await booked(office, 7001)
    await office.post(document, entry(ref, EntryKind.PAYMENT, 1, "20.00"))
    for number in (11, 12):
        await office.post(document, entry(ref, EntryKind.CREDIT, number, "4.00"))
    of = "gid://shopify/Refund/12"
    there = await office.post(document, entry(ref, EntryKind.REFUND, 2, "9.50", refund=of))
    assert there == {"gid://shopify/OrderTransaction/2": Decimal("9.5")}
    assert applied(sandbox, "trueup-7001-ref-2") == {
        "trueup-7001-crd-12": 4.0,
        "trueup-7001-crd-11": 4.0,
        "trueup-7001-dep-1": 1.5,
    }
    await office.post(document, entry(ref, EntryKind.REFUND, 3, "2.00", refund=of))
    assert applied(sandbox, "trueup-7001-ref-3") == {"trueup-7001-dep-1": 2.0}


async def test_what_is_not_open_any_more_is_left_to_a_person(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    ref, document = await booked(office, 7002)
    with pytest.raises(Refused, match=r"leave 3\.00 of it uncovered") as no:
        await office.post(document, entry(ref, EntryKind.REFUND, 3, "3.00"))
    assert no.value.code == "enter_by_hand"
    await office.post(document, entry(ref, EntryKind.PAYMENT, 1, "20.00"))
    body = {"entry": "trueup-7002-dep-1", "amount": "20.00"}
    await asyncio.to_thread(httpx.post, f"{sandbox.url}/_control/apply", json=body, trust_env=False)
    with pytest.raises(Refused) as no:
        await office.post(document, entry(ref, EntryKind.REFUND, 3, "3.00"))
    assert no.value.code == "enter_by_hand"


async def test_what_a_credit_memo_gives_back_stands_on_charge_items(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    ref, document = await booked(office, 7003)
    lines = (
        CreditLine("l", SKU, "Mug", 1, Decimal("5.00"), Decimal("0.80")),
        CreditLine("s", None, "Post", 1, Decimal("2.00"), Decimal(0), LineKind.SHIPPING),
        CreditLine("g", None, "Voucher", 1, Decimal("1.00"), Decimal(0), LineKind.GIFT_CARD),
        CreditLine("", None, "Refund adjustment", 1, Decimal("-0.50"), Decimal(0)),
    )
    credit = entry(ref, EntryKind.CREDIT, 9, "7.50", lines=lines, taxes_included=True)
    before = (await office.stock([SKU])).shelves
    await office.post(document, credit)
    memo = sandbox.ledger.by_external_id("CustCred", "trueup-7003-crd-9")
    assert memo is not None
    assert [(line.item, float(line.amount)) for line in memo.lines] == [
        ("OTHER", 4.2), ("TAX", 0.8), ("SHIPPING", 2.0), ("GIFT CARD", 1.0), ("OTHER", -0.5),
    ]  # fmt: skip
    assert (await office.stock([SKU])).shelves == before, "returns are booked as returns"


async def test_a_second_entry_for_one_transaction_has_an_external_id_of_its_own(
    office: NetSuiteBackOffice,
) -> None:
    ref, document = await booked(office, 7004)
    first = entry(ref, EntryKind.PAYMENT, 1, "5.00")
    await office.post(document, first)
    there = await office.post(document, replace(first, key=f"{first.key}#2", amount=Decimal("2.00")))
    assert there == {first.key: Decimal("5"), f"{first.key}#2": Decimal("2")}
    with pytest.raises(Refused) as no:
        await office.post(document, replace(first, key=f"{first.key}#3", amount=Decimal("-2.00")))
    assert no.value.code == "enter_by_hand"


async def test_money_is_entered_for_the_subsidiary_that_sold(office: NetSuiteBackOffice) -> None:
    ref, document = await booked(office, 7006, subsidiary="3")
    with pytest.raises(Refused, match="not that of the sales order"):
        await office.post(document, entry(ref, EntryKind.PAYMENT, 1, "5.00"))
    paid = entry(ref, EntryKind.PAYMENT, 1, "5.00", subsidiary="3")
    assert await office.post(document, paid) == {paid.key: Decimal("5")}


async def test_an_account_and_a_charge_item_that_netsuite_has_not_are_named(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    ref, document = await booked(office, 7005)
    with pytest.raises(Refused, match="account"):
        await office.post(document, entry(ref, EntryKind.PAYMENT, 1, "5.00", account="999"))
    items = {**CHARGES, RowKind.OTHER: "NO SUCH ITEM"}
    other = connected(sandbox, Terms(account="999", items=items))
    with pytest.raises(Unmapped, match="NO SUCH ITEM"):
        await other.post(document, entry(ref, EntryKind.CREDIT, 1, "5.00"))
    assert [name for name, _, _ in await other.probe()] == ["account 999", "item NO SUCH ITEM"]
    await other.aclose()


def test_the_sandbox_puts_stocked_items_of_a_credit_memo_on_the_shelf_and_declines_what_is_not_open() -> None:
    books = Books({SKU: "Mug"}, ["A"], {(SKU, "A"): 9})
    records = RecordService(books, Ledger(books), {SKU: (101, "InvtPart"), "OTHER": (10, "OthCharge")}, "EUR")
    customer = {"id": records.put_customer("c", {"companyName": "Ada"})}
    line = {"item": {"id": "101"}, "quantity": 2, "rate": 2.5, "amount": 5.0, "location": {"id": "1"}}
    memo = records.put_money("creditMemo", "m", {"entity": customer, "item": {"items": [line]}})
    assert books.shelves[SKU, "A"].on_hand == 11

    def refund(amount: float, **more: Any) -> Any:
        asked = {"items": [{"doc": {"id": memo}, "apply": True, "amount": amount}]}
        return {"customer": customer, "account": {"id": "220"}, "apply": asked, **more}

    for body, why in (
        (refund(5.01), "amount remaining"),
        (refund(1.0, apply={"items": []}), "at least one"),
        (refund(1.0, account={"id": "7"}), "account"),
        (refund(1.0, total=1.0), "Unknown reference or field total"),
        (refund(1.0, customer={"id": "9"}), "customer"),
    ):
        with pytest.raises(Wrong, match=why):
            records.put_money("customerRefund", "r", body)
    records.put_money("customerRefund", "r", refund(5.0))
    with pytest.raises(Wrong, match="amount remaining"):
        records.put_money("customerRefund", "r2", refund(0.01))
