"""Taxes as tax details of an account with SuiteTax: what the shop charged, to the cent, through all that happens later."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.netsuite.auth import Token
from adapters.netsuite.back_office import NetSuiteBackOffice
from adapters.netsuite.sandbox import NetSuiteSandbox, start
from adapters.netsuite.sandbox.ledger import Transaction
from adapters.netsuite.selling import Terms, terms
from adapters.netsuite.taxing import carried
from engine.model.clock import SystemClock
from engine.model.entry import CreditLine, Entry, EntryKind
from engine.model.failure import Misset, Refused, Unmapped
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, SalesDocument, SalesLine

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
MUG, CAP = Sku("MUG"), Sku("CAP")
HERE, THERE = WarehouseId("1"), WarehouseId("2")
Opening = Callable[..., NetSuiteBackOffice]
D = Decimal


@pytest.fixture(scope="module")
def sandbox() -> Iterator[NetSuiteSandbox]:
    stock = {(sku, place): 500 for sku in (MUG, CAP) for place in (0, 1)}
    running = start(skus=[MUG, CAP], stock=stock, currency="EUR", suite_tax=True)
    yield running
    running.stop()


@pytest.fixture
async def opening(sandbox: NetSuiteSandbox) -> AsyncIterator[Opening]:
    """Opens the account by these terms."""
    async with AsyncExitStack() as stack:

        def open_(at: NetSuiteSandbox = sandbox, **more: Any) -> NetSuiteBackOffice:
            signer = Token(at.account, *at.keys, SystemClock())
            given = Terms(**{"account": "220", "tax_code": "901", **more})
            office = NetSuiteBackOffice(at.url, clock=SystemClock(), signer=signer, terms=given)
            stack.push_async_callback(office.aclose)
            return office

        yield open_


@pytest.fixture
def office(opening: Opening) -> NetSuiteBackOffice:
    return opening()


def line(key: str, units: int, price: str, *taxes: tuple[str, str], **more: Any) -> SalesLine:
    named = tuple((title, D(amount)) for title, amount in taxes)
    tax = sum((amount for _, amount in named), D(0))
    made = SalesLine(key, LineKind.GOODS, MUG, key, units, D(price), D(0), tax, named, HERE)
    return replace(made, **more)


def charge(key: str, kind: LineKind, price: str, *taxes: tuple[str, str]) -> SalesLine:
    return line(key, 1, price, *taxes, kind=kind, sku=None, warehouse=None)


def sale(number: int, *lines: SalesLine, inside: bool = False, **more: Any) -> SalesDocument:
    on_top = 0 if inside else 1
    total = sum((one.quantity * one.unit_price - one.discount + on_top * one.tax for one in lines), D(0))
    made = SalesDocument(
        OrderId(f"gid://shopify/Order/{number}"), f"#{number}", AT, "EUR", inside, lines, total, "EUR", total, (),
        "Ada", "", (), "",
    )  # fmt: skip
    return replace(made, **more)


def order(sandbox: NetSuiteSandbox, number: int) -> Transaction:
    found = sandbox.ledger.by_external_id("SalesOrd", f"trueup-{number}")
    assert found is not None
    return found


def taxes(one: Transaction) -> list[tuple[str, str, str, str]]:
    """(item of the line that bears it, code, basis, amount) of each tax detail."""
    items = {line.reference or f"{one.id}_{line.number}": line.item for line in one.lines}
    return [(items[t.reference], t.code, f"{t.basis:.2f}", f"{t.amount:.2f}") for t in one.taxes]


async def test_every_kind_of_line_bears_its_taxes_once(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    """Three units for 10.00 are two rows a cent apart; their taxes are on the first, on what both cost."""
    asked = sale(
        8001,
        line("l1", 3, "3.50", ("State", "0.63"), ("City", "0.20"), discount=D("0.50")),
        line("l2", 1, "8.00"),
        charge("s", LineKind.SHIPPING, "4.90", ("State", "0.31")),
        charge("d", LineKind.DUTY, "2.00", ("State", "0.13")),
        charge("t", LineKind.TIP, "1.00", ("City", "0.02")),
        charge("f", LineKind.FEE, "3.00", ("State", "0.19")),
    )
    made = await office.create(asked)
    assert made.total == asked.total == D("30.38")
    kept = order(sandbox, 8001)
    assert [(line.item, line.quantity, f"{line.amount:.2f}") for line in kept.lines] == [
        (MUG, 1, "3.34"), (MUG, 2, "6.66"), (MUG, 1, "8.00"), ("SHIPPING", 1, "4.90"), ("DUTY", 1, "2.00"),
        ("TIP", 1, "1.00"), ("FEE", 1, "3.00"),
    ]  # fmt: skip
    assert taxes(kept) == [
        (MUG, "901", "10.00", "0.63"), (MUG, "901", "10.00", "0.20"), ("SHIPPING", "901", "4.90", "0.31"),
        ("DUTY", "901", "2.00", "0.13"), ("TIP", "901", "1.00", "0.02"), ("FEE", "901", "3.00", "0.19"),
    ]  # fmt: skip
    assert [str(tax.rate) for tax in kept.taxes[:3]] == ["6.3", "2.0", "6.3265"]
    assert {tax.reference for tax in kept.taxes[:2]} == {kept.lines[0].reference}


async def test_the_configuration_names_the_tax_items_of_titles(
    opening: Opening, sandbox: NetSuiteSandbox
) -> None:
    asked = sale(
        8002,
        line("l1", 2, "11.90", ("Standard", "3.80"), ("Reduced", "0.14")),
        inside=True,
        tax_codes={"Standard": "903", "Reduced": "902"},
    )
    assert (await opening().create(asked)).total == asked.total == D("23.80")
    assert taxes(order(sandbox, 8002)) == [(MUG, "903", "19.86", "3.80"), (MUG, "902", "19.86", "0.14")]


async def test_where_the_shop_charged_no_tax_the_engine_charges_none(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    asked = sale(8003, line("l1", 2, "10.00"))
    assert (await office.create(asked)).total == D("20.00")
    assert order(sandbox, 8003).override and not order(sandbox, 8003).taxes


async def test_taxes_as_lines_in_an_account_with_suitetax_are_found_out(opening: Opening) -> None:
    with pytest.raises(Refused, match=r"NetSuite makes 26\.28 of order #8004") as no:
        await opening(tax_code="").create(sale(8004, line("l1", 2, "10.00", ("VAT", "1.90"))))
    assert no.value.code == "total_differs"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("999", "no sales tax item"),
        ("909", "is inactive"),
        ("V20", "is no internal id"),
        ("", "is no internal id"),
    ],
)
async def test_a_tax_code_that_cannot_be_used_is_named_and_nothing_is_made(
    opening: Opening, sandbox: NetSuiteSandbox, code: str, why: str
) -> None:
    asked = sale(8005, line("l1", 1, "10.00", ("VAT", "1.90")), tax_codes={"VAT": code or " "})
    with pytest.raises(Unmapped, match=why) as no:
        await opening().create(asked)
    assert "(VAT)" in no.value.cause and "tax_code" in no.value.remedy
    assert sandbox.ledger.by_external_id("SalesOrd", "trueup-8005") is None


async def test_an_amended_order_has_the_taxes_of_what_it_becomes(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    mugs = line("l1", 3, "5.00", ("VAT", "2.85"))
    post = charge("s", LineKind.SHIPPING, "4.00", ("VAT", "0.76"))
    made = await office.create(sale(8006, mugs, line("l2", 1, "7.00", ("VAT", "1.33"), sku=CAP), post))
    fewer = replace(mugs, quantity=1, tax=D("0.95"), taxes=(("VAT", D("0.95")),))
    more = line("l3", 3, "6.6667", ("VAT", "3.80"), sku=CAP, warehouse=THERE, discount=D("0.0001"))
    after = sale(8006, fewer, more, post)
    amended = await office.amend(made.id, after)
    assert amended.total == after.total == D("34.51")
    assert taxes(order(sandbox, 8006)) == [
        (MUG, "901", "5.00", "0.95"), (CAP, "901", "20.00", "3.80"), ("SHIPPING", "901", "4.00", "0.76"),
    ]  # fmt: skip
    before = sandbox.ledger.revision
    assert await office.amend(made.id, after) == amended
    assert sandbox.ledger.revision == before, "what is as it should be is not written"


async def test_a_tax_alone_that_changes_is_written(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    made = await office.create(sale(8007, line("l1", 2, "10.00", ("VAT", "3.80")), line("l2", 1, "4.00")))
    after = sale(8007, line("l1", 2, "10.00"), line("l2", 1, "4.00", ("VAT", "0.76")))
    assert (await office.amend(made.id, after)).total == after.total == D("24.76")
    exempt = sale(8007, line("l1", 2, "10.00"), line("l2", 1, "4.00"))
    assert (await office.amend(made.id, exempt)).total == D("24.00")
    assert order(sandbox, 8007).taxes == []


async def test_an_order_entered_with_taxes_as_lines_is_amended_into_details(
    opening: Opening, sandbox: NetSuiteSandbox
) -> None:
    asked = sale(8008, line("l1", 2, "10.00", ("VAT", "3.80")))
    with pytest.raises(Refused):
        await opening(tax_code="").create(asked)
    kept = order(sandbox, 8008)
    assert [line.item for line in kept.lines] == [MUG, "TAX"]
    assert (await opening().amend(DocumentId(str(kept.id)), asked)).total == asked.total
    assert [line.item for line in kept.lines] == [MUG]
    assert taxes(kept) == [(MUG, "901", "20.00", "3.80")]


async def test_goods_that_move_that_leave_and_that_come_back_move_no_cent(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every change of lines states the taxes again, so that nothing is left to what NetSuite makes of a new line."""
    patches: list[tuple[str, list[float]]] = []
    write = office.client.write

    async def told(method: str, path: str, body: dict[str, Any]) -> str:
        if method == "PATCH":
            stated = [each["taxAmount"] for each in body["taxDetails"]["items"]]
            patches.append((path.partition("?")[2], stated))
        return await write(method, path, body)

    monkeypatch.setattr(office.client, "write", told)
    asked = sale(
        8009, line("l1", 5, "4.00", ("VAT", "3.80")), charge("s", LineKind.SHIPPING, "2.00", ("VAT", "0.38"))
    )
    made = await office.create(asked)
    was = taxes(order(sandbox, 8009))
    await office.ship(made.id, {(MUG, HERE): 2, (MUG, THERE): 1})
    await office.reroute(made.id, {MUG: THERE})
    assert [line.quantity for line in order(sandbox, 8009).lines] == [2, 1, 1, 2]
    await office.take_back(made.id, {(MUG, THERE): 1}, key="k")
    found = (await office.documents([asked.ref]))[asked.ref]
    assert (found.total, taxes(order(sandbox, 8009))) == (asked.total, was)
    assert patches == [("replace=taxDetails", [3.8, 0.38])] * 2
    assert (await office.amend(made.id, asked)).total == asked.total
    assert len(patches) == 2, "lines in other pieces are still what the shop sold"
    assert {(each.warehouse, each.quantity, each.shipped, each.returned) for each in found.lines} == {
        (HERE, 2, 2, 0), (THERE, 3, 1, 1),
    }  # fmt: skip


async def test_an_order_called_off_keeps_what_it_says(office: NetSuiteBackOffice) -> None:
    asked = sale(8010, line("l1", 1, "10.00", ("VAT", "1.90")))
    await office.cancel((await office.create(asked)).id)
    assert (await office.documents([asked.ref]))[asked.ref].total == D("11.90")


def credit(number: int, amount: str, *lines: CreditLine) -> Entry:
    key, worth = f"gid://shopify/Refund/{number}", D(amount)
    ref = OrderId(f"gid://shopify/Order/{number}")
    return Entry(key, key, EntryKind.CREDIT, ref, "#1", worth, "EUR", worth, "EUR", AT, lines=lines)


async def test_a_credit_memo_gives_taxes_back_under_the_codes_of_the_order(
    opening: Opening, sandbox: NetSuiteSandbox
) -> None:
    office = opening()
    codes = {"State": "902", "City": "903", "Post": "901"}
    made = await office.create(
        sale(
            8011,
            line("l1", 2, "10.00", ("State", "1.20"), ("City", "0.41")),
            line("l2", 1, "30.00", sku=CAP),
            charge("s", LineKind.SHIPPING, "5.00", ("Post", "0.95")),
            tax_codes=codes,
        )
    )
    given = (
        CreditLine("l1", MUG, "Mug", 1, D("10.00"), D("0.81")),
        CreditLine("l1", MUG, "Mug", 1, D("10.00"), D("0.81")),
        CreditLine("s", None, "Post", 1, D("0.00"), D("0.95"), LineKind.SHIPPING),
        CreditLine("", None, "Goodwill", 1, D("3.00"), D(0)),
    )
    memo = credit(8011, "25.57", *given)
    assert await office.post(made.id, memo) == {memo.key: D("25.57")}
    kept = sandbox.ledger.by_external_id("CustCred", "trueup-8011-crd-8011")
    assert kept is not None
    assert [(line.item, f"{line.amount:.2f}") for line in kept.lines] == [
        ("OTHER", "10.00"), ("OTHER", "10.00"), ("OTHER", "0.00"), ("OTHER", "3.00"),
    ]  # fmt: skip
    assert taxes(kept) == [
        ("OTHER", "902", "10.00", "0.60"), ("OTHER", "903", "10.00", "0.21"),
        ("OTHER", "902", "10.00", "0.60"), ("OTHER", "903", "10.00", "0.21"),
        ("OTHER", "901", "0.00", "0.35"), ("OTHER", "902", "0.00", "0.45"), ("OTHER", "903", "0.00", "0.15"),
    ]  # fmt: skip


async def test_a_credit_memo_for_an_order_without_taxes_uses_the_code_for_all(
    office: NetSuiteBackOffice, sandbox: NetSuiteSandbox
) -> None:
    made = await office.create(sale(8012, line("l1", 2, "10.00")))
    memo = credit(8012, "5.95", CreditLine("l1", MUG, "Mug", 1, D("5.00"), D("0.95")))
    assert await office.post(made.id, memo) == {memo.key: D("5.95")}
    untaxed = replace(credit(8012, "4.00"), key="gid://shopify/Refund/2")
    assert (await office.post(made.id, untaxed))[untaxed.key] == D("4.00")
    kept = sandbox.ledger.by_external_id("CustCred", "trueup-8012-crd-8012")
    assert kept is not None and taxes(kept) == [("OTHER", "901", "5.00", "0.95")]


async def test_what_is_read_of_an_order_states_its_taxes_again(office: NetSuiteBackOffice) -> None:
    made = await office.create(sale(8013, line("l1", 2, "10.00", ("VAT", "3.80"))))
    record = await office.client.read(f"salesOrder/{made.id}")
    detail = {
        "taxDetailsReference": {"id": "tax-1"}, "taxCode": {"id": "901"}, "taxType": "13", "taxBasis": 20.0,
        "taxRate": 19.0, "taxAmount": 3.8,
    }  # fmt: skip
    assert carried(record) == {"taxDetailsOverride": True, "taxDetails": {"items": [detail]}}
    assert carried({**record, "taxDetailsOverride": False}) == carried({"item": {"items": []}}) == {}


async def test_tax_codes_and_suitetax_that_are_missing_are_told_beforehand(opening: Opening) -> None:
    assert await opening(tax_codes={"901", "902"}).probe() == ()
    missing = await opening(tax_codes={"901", "909", "999"}).probe()
    assert [(name, cause) for name, cause, _ in missing] == [
        ("tax code 909", "Sales tax item 909 of NetSuite is inactive."),
        ("tax code 999", "NetSuite has no sales tax item with internal id 999."),
    ]
    legacy = start(skus=[MUG], currency="EUR")
    try:
        [(name, cause, remedy)] = await opening(legacy, tax_codes={"901", "902"}).probe()
        assert (
            name == "salesTaxItem" and "NetSuite shows no sales tax items" in cause and "SuiteTax" in remedy
        )
        with pytest.raises(Misset, match="no sales tax items"):
            await opening(legacy).create(sale(8014, line("l1", 1, "10.00", ("VAT", "1.90"))))
        with pytest.raises(Refused, match="Unknown reference or field taxDetailsOverride"):
            await opening(legacy).create(sale(8015, line("l1", 1, "10.00")))
    finally:
        legacy.stop()


def test_tax_details_need_a_code_for_taxes_that_nobody_named() -> None:
    with pytest.raises(Misset, match="names no tax_code") as no:
        terms(None, None, {}, taxes_as="details")
    assert "tax_code" in no.value.remedy
    given = terms(None, None, {}, taxes_as="details", tax_code="901", taxes=("902",))
    assert given.details and given.tax_codes == {"901", "902"} and "TAX" not in given.charges.values()
    assert not terms(None, None, {}, tax_code="901").details
