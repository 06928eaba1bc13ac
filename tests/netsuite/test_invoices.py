"""Invoices: what NetSuite bills is compared with the order, and what it would not do the sandbox does not either."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.netsuite.back_office import NetSuiteBackOffice
from adapters.netsuite.posting import RECORDS
from adapters.netsuite.sandbox import NetSuiteSandbox, start
from adapters.netsuite.sandbox.asked import Wrong
from adapters.netsuite.sandbox.ledger import Ledger
from adapters.netsuite.sandbox.records import RecordService
from adapters.netsuite.selling import Terms
from adapters.netsuite.taxing import carried
from adapters.sandbox.books import Books
from engine.model.entry import EntryKind
from engine.model.failure import Failure, OutcomeUnknown, Refused
from engine.model.ids import OrderId, WarehouseId
from engine.model.sale import LineKind, SalesDocument, SalesLine
from tests.netsuite.opened import connected
from tests.netsuite.test_money import AT, SKU, booked, entry

ALL = {(SKU, WarehouseId("1")): 4}


@pytest.fixture
def sandbox() -> Iterator[NetSuiteSandbox]:
    running = start(skus=[SKU], stock={(SKU, 0): 500}, currency="EUR")
    yield running
    running.stop()


@pytest.fixture
async def office(sandbox: NetSuiteSandbox) -> AsyncIterator[NetSuiteBackOffice]:
    terms = Terms(account="220", invoices=True)
    made = connected(sandbox, terms)
    yield made
    await made.aclose()


def sale(number: int, *lines: SalesLine) -> SalesDocument:
    total = sum((line.unit_price * line.quantity for line in lines), Decimal(0))
    ref = OrderId(f"gid://shopify/Order/{number}")
    return SalesDocument(
        ref, f"#{number}", AT, "EUR", False, lines, total, "EUR", total, (), "Ada", "", (), ""
    )  # fmt: skip


def line(kind: LineKind, units: int, price: str) -> SalesLine:
    sku, place = (SKU, WarehouseId("1")) if kind is LineKind.GOODS else (None, None)
    return SalesLine(kind.value, kind, sku, "Line", units, Decimal(price), Decimal(0), Decimal(0), (), place)


MUGS, POST = line(LineKind.GOODS, 4, "5.00"), line(LineKind.SHIPPING, 1, "4.00")


async def test_a_bill_whose_answer_was_lost_is_still_compared_with_its_order(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, document = await booked(office, 8011)
    await office.ship(document, ALL)
    sandbox.ledger.transactions[int(document)].lines[0].rate = Decimal("5.01")

    async def cut(*_: object) -> None:
        raise OutcomeUnknown("The line was cut.", "TrueUp looks.", code="cut")

    with monkeypatch.context() as once:
        once.setattr("adapters.netsuite.billing.Billing._proven", cut)
        with pytest.raises(OutcomeUnknown):
            await office.bill(document)
    with pytest.raises(Refused) as no:
        await office.bill(document)
    assert no.value.code == "bill_differs"
    assert sum(one.type == "CustInvc" for one in sandbox.ledger.transactions.values()) == 1


async def test_what_is_put_in_after_all_was_billed_is_billed_too(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    made = await office.create(sale(8012, MUGS))
    await office.ship(made.id, ALL)
    await office.bill(made.id)
    more = await office.amend(made.id, sale(8012, MUGS, line(LineKind.FEE, 1, "3.00")))
    assert more.unbilled
    await office.bill(made.id)
    bills = [one.worth for one in sandbox.ledger.transactions.values() if one.type == "CustInvc"]
    assert bills == [Decimal(20), Decimal(3)]


async def test_charges_of_goods_that_staff_closed_before_any_left_are_not_billed(
    office: NetSuiteBackOffice,
) -> None:
    wanted = sale(8013, MUGS, POST)
    made = await office.create(wanted)
    closed = {"item": {"items": [{"line": 1, "isClosed": True}]}}
    await office.client.write("PATCH", f"salesOrder/{made.id}", closed)
    assert not (await office.documents([wanted.ref]))[wanted.ref].unbilled


async def test_an_order_that_is_billed_is_not_closed(office: NetSuiteBackOffice) -> None:
    wanted = sale(8014, line(LineKind.GIFT_CARD, 1, "25.00"))
    made = await office.create(wanted)
    assert made.unbilled, "nothing of it ever leaves"
    await office.bill(made.id)
    with pytest.raises(Refused) as no:
        await office.cancel(made.id)
    assert no.value.code == "billed_already"


async def test_the_tables_of_the_sandbox_know_new_customers_and_closed_locations(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    await office.client.query("SELECT id FROM customer")
    await office.client.write("PUT", "customer/eid:c", {"companyName": "Zoe"})
    assert await office.client.query("SELECT id FROM customer WHERE externalid = 'c'")
    sandbox.books.closed.add("WH2")
    [row] = await office.client.query("SELECT isinactive FROM location WHERE name = 'WH2'")
    assert row["isinactive"] == "T"


async def test_bills_that_do_not_add_up_to_the_order_are_told(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    _, document = await booked(office, 8001)
    await office.ship(document, ALL)
    [sale] = [one for one in sandbox.ledger.transactions.values() if one.type == "SalesOrd"]
    sale.lines[0].rate = Decimal("5.01")  # as if taxes were computed anew
    with pytest.raises(Refused, match=r"billed 20\.04 of sales order \d+, which is worth 20\.00") as no:
        await office.bill(document)
    assert no.value.code == "bill_differs"


async def test_an_invoice_that_was_made_before_and_took_back_what_it_billed_is_told(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    _, document = await booked(office, 8006)
    await office.ship(document, ALL)
    await office.bill(document)
    sale = sandbox.ledger.transactions[int(document)]
    sale.lines[0].billed = 1  # somebody lessened the invoice
    sandbox.ledger.touch(sale)
    with pytest.raises(Refused) as no:
        await office.bill(document)
    assert no.value.code == "netsuite_not_billed"


async def test_a_payment_pays_the_invoices_of_a_billed_order_and_keeps_what_is_too_much(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    ref, document = await booked(office, 8002)
    await office.post(document, entry(ref, EntryKind.PAYMENT, 1, "6.00"))
    await office.ship(document, {(SKU, WarehouseId("1")): 1})
    assert not (await office.documents([ref]))[ref].unbilled, "a part waits for the rest"
    sandbox._records.invoice(document, {})  # staff do not
    await office.ship(document, ALL)
    await office.bill(document)
    there = await office.post(document, entry(ref, EntryKind.PAYMENT, 2, "15.00"))
    assert sum(there.values()) == Decimal("21.00")
    ledger = sandbox.ledger
    first, second = (one for one in ledger.transactions.values() if one.type == "CustInvc")
    assert (ledger.amount(first), ledger.amount(second)) == (Decimal(5), Decimal(15))
    assert ledger.open_of(first) == ledger.open_of(second) == 0
    payment = ledger.by_external_id("CustPymt", "trueup-8002-dep-2")
    assert payment is not None and payment.facts["used"] == {second.id: Decimal(14)}
    assert ledger.by_external_id("CustDep", "trueup-8002-dep-2") is None


@pytest.mark.parametrize("cut_between", [False, True])
async def test_a_payment_of_an_order_that_is_billed_in_part_pays_that_part_and_the_rest_when_it_is_billed(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox, monkeypatch: pytest.MonkeyPatch, cut_between: bool
) -> None:
    ref, document = await booked(office, 8015)
    await office.ship(document, {(SKU, WarehouseId("1")): 1})
    sandbox._records.invoice(document, {})  # by staff
    paid = entry(ref, EntryKind.PAYMENT, 1, "20.00")
    if cut_between:
        with monkeypatch.context() as once:
            once.setitem(RECORDS, "CustPymt", "nothing")
            with pytest.raises(Failure):
                await office.post(document, paid)
        await office.ship(document, ALL)
        await office.bill(document)
    assert await office.post(document, paid) == {paid.key: Decimal(20)}
    assert await office.post(document, paid) == {paid.key: Decimal(20)}
    if not cut_between:
        await office.ship(document, ALL)
        await office.bill(document)
    ledger = sandbox.ledger
    invoices = [one for one in ledger.transactions.values() if one.type == "CustInvc"]
    assert [ledger.open_of(one) for one in invoices] == [0, 0]
    kinds = ("CustDep", "CustPymt")
    money = [(one.type, ledger.amount(one)) for one in ledger.transactions.values() if one.type in kinds]
    assert money == [("CustDep", Decimal(15)), ("CustPymt", Decimal(5))]


async def test_the_rights_to_pay_invoices_are_asked_for_wherever_payments_are_entered(
    sandbox: NetSuiteSandbox,
) -> None:
    office = connected(sandbox, Terms(account="220"))  # fmt: skip
    body = {"deny": ["invoice", "customerPayment"]}
    await asyncio.to_thread(httpx.post, f"{sandbox.url}/_control/rights", json=body, trust_env=False)
    assert [name for name, _, _ in await office.probe()] == ["customerPayment", "invoice"]
    await office.aclose()


async def test_a_deposit_that_an_invoice_took_up_is_not_paid_back_by_us(
    office: NetSuiteBackOffice,
) -> None:
    ref, document = await booked(office, 8003)
    await office.post(document, entry(ref, EntryKind.PAYMENT, 1, "20.00"))
    await office.ship(document, ALL)
    await office.bill(document)
    with pytest.raises(Refused) as no:
        await office.post(document, entry(ref, EntryKind.REFUND, 2, "3.00"))
    assert no.value.code == "enter_by_hand"


async def test_what_was_not_ours_to_bill_is_not_said_to_be_unbilled(sandbox: NetSuiteSandbox) -> None:
    other = connected(sandbox, Terms(account="220"))
    ref, document = await booked(other, 8004)
    await other.ship(document, ALL)
    assert not (await other.documents([ref]))[ref].unbilled
    with pytest.raises(Refused, match="makes no invoices"):
        await other.bill(document)
    await other.aclose()


def test_the_sandbox_bills_only_what_left_and_changes_nothing_that_was_billed() -> None:
    books = Books({SKU: "Mug"}, ["A"], {(SKU, "A"): 9})
    ledger = Ledger(books)
    records = RecordService(books, ledger, {SKU: (101, "InvtPart"), "SHIPPING": (10, "OthCharge")}, "EUR")
    customer = {"id": records.put_customer("c", {"companyName": "Ada"})}
    goods = {"item": {"id": "101"}, "quantity": 3, "rate": 2.5, "amount": 7.5, "location": {"id": "1"}}
    post = {"item": {"id": "10"}, "quantity": 1, "rate": 4.0, "amount": 4.0}
    body = {"entity": customer, "item": {"items": [goods, post]}}
    number = records.put_order("o-1", body, replace=False)
    sale = ledger.transactions[int(number)]

    def lines(*asked: Any) -> Any:
        return {"item": {"items": list(asked)}}

    with pytest.raises(Wrong, match="nothing is to be billed"):
        records.invoice(number, {})
    one = {"orderLine": 1, "quantity": 1, "location": {"id": "1"}, "itemReceive": True}
    records.fulfil(number, {"shipStatus": {"id": "C"}, **lines(one)})
    assert ledger.status_of(sale) == "E"
    for asked, why in (
        (lines({"orderLine": 1, "quantity": 2}), "only 1 left to bill"),
        (lines({"orderLine": 9, "quantity": 1}), "orderLine"),
        (lines({"orderLine": 1, "quantity": 0}, {"orderLine": 2, "quantity": 0}), "at least one"),
        ({"total": 3}, "Unknown reference or field total"),
    ):
        with pytest.raises(Wrong, match=why):
            records.invoice(number, asked)
    assert sale.lines[0].billed == 0
    first = ledger.transactions[int(records.invoice(number, {"externalId": "i-1"}))]
    assert (ledger.amount(first), ledger.status_of(sale)) == (Decimal("6.5"), "D")
    with pytest.raises(Wrong, match="already exists"):
        records.invoice(number, {"externalId": "i-1"})
    for change, why in (
        ({"line": 1, "rate": 3.0}, "rate of a line that was billed"),
        ({"line": 2, "quantity": 0}, "less than what was billed"),
    ):
        with pytest.raises(Wrong, match=why):
            records.patch_order(number, lines(change))
    with pytest.raises(Wrong, match="fulfilled or billed"):
        records.patch_order(number, lines({"line": 1}), replace=True)
    records.fulfil(number, {"shipStatus": {"id": "C"}})
    assert ledger.status_of(sale) == "F"
    records.invoice(number, {})
    assert ledger.status_of(sale) == "G"
    deposit = {"customer": customer, "payment": 1.0, "salesOrder": {"id": number}}
    with pytest.raises(Wrong, match="salesOrder"):
        records.put_money("customerDeposit", "d-1", deposit)
    paid = {"items": [{"doc": {"id": str(first.id)}, "apply": True, "amount": 6.51}]}
    with pytest.raises(Wrong, match="amount remaining"):
        records.put_money("customerPayment", "p-1", {"customer": customer, "payment": 9.0, "apply": paid})


async def test_an_invoice_states_the_tax_details_of_its_order_and_waits_until_all_has_left() -> None:
    sandbox = start(skus=[SKU], stock={(SKU, 0): 500}, currency="EUR", suite_tax=True)
    terms = Terms(invoices=True, tax_code="901")
    office = connected(sandbox, terms)
    try:
        ref, document = await booked(office, 8005, tax=Decimal("3.19"))
        await office.ship(document, {(SKU, WarehouseId("1")): 1})
        assert not (await office.documents([ref]))[ref].unbilled
        await office.ship(document, ALL)
        assert (await office.documents([ref]))[ref].unbilled
        await office.bill(document)
        [invoice] = [one for one in sandbox.ledger.transactions.values() if one.type == "CustInvc"]
        assert (invoice.override, invoice.worth) == (True, Decimal("23.19"))
        assert [(tax.code, tax.amount) for tax in invoice.taxes] == [("901", Decimal("3.19"))]
        ref, document = await booked(office, 8016, tax=Decimal("3.20"))
        await office.ship(document, {(SKU, WarehouseId("1")): 2})
        part = carried(await office.client.read(f"salesOrder/{document}"))
        part["taxDetails"]["items"][0] |= {"taxBasis": 10.0, "taxAmount": 1.6}
        sandbox._records.invoice(document, part)  # by staff
        await office.ship(document, ALL)
        with pytest.raises(Refused) as no:
            await office.bill(document)
        assert no.value.code == "netsuite_part_billed"
        bills = [one.worth for one in sandbox.ledger.transactions.values() if one.type == "CustInvc"]
        assert bills == [Decimal("23.19"), Decimal("11.60")], "not all of the taxes a second time"
    finally:
        await office.aclose()
        sandbox.stop()
