"""Payments, credit notes and refunds in Tryton's own books: once, to the cent, and by name where it says no."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.tryton.back_office import TrytonBackOffice
from adapters.tryton.looks import Looks
from adapters.tryton.rpc import Rpc
from engine.model.clock import SystemClock
from engine.model.entry import CreditLine, Entry, EntryKind
from engine.model.failure import OutcomeUnknown, Refused, Unmapped
from engine.model.ids import DocumentId, OrderId, Sku
from engine.model.sale import SalesDocument
from tests.accounts import entry
from tests.tryton.conftest import WH2

pytestmark = [pytest.mark.tryton, pytest.mark.long]
Yard = Any
AT = datetime(2026, 5, 5, 8, tzinfo=UTC)
KINDS = pytest.mark.parametrize("kind", EntryKind)


async def booked(yard: Yard, currency: str = "USD") -> tuple[SalesDocument, DocumentId]:
    sale = yard.sale(yard.goods(3, "20.00"), total="60.00")
    sale = replace(sale, currency=currency, presentment_currency=currency)
    return sale, (await yard.office.create(sale)).id


def of(sale: SalesDocument, kind: EntryKind, amount: str, *lines: CreditLine, **more: Any) -> Entry:
    """Money of this sale; numbers of transactions are told apart by the order's."""
    number = int(sale.ref.rpartition("/")[2])
    told = {"order": sale.ref, "name": sale.name, "currency": sale.currency, "at": AT, "gateway": "cards"}
    return entry(kind, number * 10 + more.pop("number", 1), amount, *lines, **(told | more))


def books(yard: Yard, document: DocumentId) -> dict[str, list[str]]:
    """Amounts by kind, as the figures of Tryton's books say it."""
    state = yard.staff.get("/_control/state").json()
    kinds = ("payments", "credits", "refunds")
    return {kind: [one["amount"] for one in state[kind] if one["document"] == document] for kind in kinds}


def drafts(yard: Yard, ref: OrderId) -> list[str]:
    """What of an order was begun and not posted."""
    told: list[str] = yard.staff.get("/_control/state").json()["drafts"]
    return [text for text in told if f" {ref.rpartition('/')[2]}/" in text]


@asynccontextmanager
async def admin(yard: Yard) -> AsyncIterator[Rpc]:
    """Whoever may change what TrueUp's user may not."""
    await yard.rpc.rows("web.shop", [], ["name"])  # so that its company is known
    access = {"database": yard.sandbox.database, "user": "admin", "password": "admin-sandbox"}
    rpc = Rpc(yard.sandbox.url, **access, clock=SystemClock())
    yield rpc
    await rpc.aclose()


WHERE = {EntryKind.PAYMENT: "payments", EntryKind.CREDIT: "credits", EntryKind.REFUND: "refunds"}


@KINDS
@pytest.mark.parametrize("step", ["create", "post"])
async def test_a_lost_answer_leaves_one_entry(yard: Yard, kind: EntryKind, step: str) -> None:
    sale, document = await booked(yard)
    model = "account.invoice" if kind is EntryKind.CREDIT else "account.move"
    fault = {"mode": "apply_then_timeout", "seconds": 0, "op": f"model.{model}.{step}"}
    yard.staff.post("/_control/faults", json=fault)
    with pytest.raises(OutcomeUnknown):
        await yard.office.post(document, of(sale, kind, "10.01"))
    yard.staff.post("/_control/faults", json={"mode": "none"})
    left = drafts(yard, sale.ref)
    assert bool(left) is (step == "create")
    made = await yard.office.post(document, of(sale, kind, "10.01"))
    assert list(made.values()) == [Decimal("10.01")]
    assert books(yard, document)[WHERE[kind]] == ["10.01"]
    assert drafts(yard, sale.ref) == []


async def begun(yard: Yard, document: DocumentId, meant: Entry) -> None:
    """What a call leaves behind that dies after its first step."""
    posting = (await yard.office._ready()).posting
    book, ask = posting.books[meant.kind], (document, meant)
    account = (await posting._accounts([ask], {}))[ask]
    await yard.rpc.create(book.model, [await book.values(Looks(yard.office._rpc), account, meant)])


@KINDS
async def test_of_entries_posted_together_only_the_one_tryton_objects_to_fails(
    yard: Yard, kind: EntryKind
) -> None:
    made = [await booked(yard) for _ in range(3)]
    entries = [(document, of(sale, kind, "10.01")) for sale, document in made]
    sale, document = made[0]
    strange = replace(of(sale, kind, "1.00", number=2), at=AT.replace(year=2031))
    euros = replace(of(sale, kind, "1.00", number=3), currency="EUR")
    asked = [*entries, (document, strange), (document, euros), entries[1], (DocumentId("0"), strange)]
    asked.append((document, of(sale, kind, "3.00", number=4)))
    told = await asyncio.gather(*(yard.office.post(*one) for one in asked), return_exceptions=True)
    codes = [no.code if isinstance(no, Refused) else "" for no in told]
    assert codes == ["", "", "", "enter_by_hand", "tryton_other_currency", "", "tryton_no_sale", ""]
    assert told[5] == told[1]
    assert sorted(books(yard, document)[WHERE[kind]]) == ["10.01", "3.00"]
    assert [books(yard, each)[WHERE[kind]] for _, each in made[1:]] == [["10.01"], ["10.01"]]
    assert drafts(yard, sale.ref) == []


async def test_one_that_tryton_refuses_leaves_the_others_posted(yard: Yard) -> None:
    """The buyer of one sale may not be posted to: what was prepared for both is posted for the other."""
    (sale, document), (other, elsewhere) = await booked(yard), await booked(yard)
    rooms = await yard.office._ready()
    press = rooms.posting._rpc.press

    async def touchy(model: str, button: str, numbers: list[int]) -> Any:
        rows = await yard.rpc.read(model, numbers, ["description"])
        if any(f"/{sale.ref.rpartition('/')[2]}1 " in row["description"] for row in rows):
            raise Refused("No", "Ask", code="tryton_user_error")
        return await press(model, button, numbers)

    yard.office._rpc.press = touchy
    told = await asyncio.gather(
        yard.office.post(document, of(sale, EntryKind.PAYMENT, "60.00")),
        yard.office.post(document, of(sale, EntryKind.PAYMENT, "60.00")),
        yard.office.post(elsewhere, of(other, EntryKind.PAYMENT, "60.00")),
        return_exceptions=True,
    )
    assert [type(each) for each in told] == [Refused, Refused, dict]
    assert books(yard, elsewhere)["payments"] == ["60.00"]
    assert (books(yard, document)["payments"], len(drafts(yard, sale.ref))) == ([], 1)


@KINDS
async def test_of_several_drafts_one_is_posted_and_none_stays(yard: Yard, kind: EntryKind) -> None:
    sale, document = await booked(yard)
    for amount in ("9.00", "10.01", "10.01"):
        await begun(yard, document, of(sale, kind, amount))
    assert len(drafts(yard, sale.ref)) == 3
    await yard.office.post(document, of(sale, kind, "10.01"))
    assert (books(yard, document)[WHERE[kind]], drafts(yard, sale.ref)) == (["10.01"], [])
    await begun(yard, document, of(sale, kind, "10.01"))  # a call thought lost, carried out after all
    await yard.office.post(document, of(sale, kind, "2.00", number=2))
    assert (books(yard, document)[WHERE[kind]], drafts(yard, sale.ref)) == (["10.01", "2.00"], [])


async def test_what_was_posted_meanwhile_is_not_an_error(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    sale, document = await booked(yard)
    posting = (await yard.office._ready()).posting
    ready = posting._ready

    async def overtaken(book: Any, *asked: Any) -> Any:
        numbers = await ready(book, *asked)
        await yard.rpc.press(book.model, "post", list(numbers.values()))
        return numbers

    monkeypatch.setattr(posting, "_ready", overtaken)
    paid = of(sale, EntryKind.PAYMENT, "60.00")
    assert await yard.office.post(document, paid) == {paid.key: Decimal("60.00")}


@pytest.mark.parametrize(("currency", "in_books"), [("USD", "10.01"), ("EUR", "11.12")])
async def test_the_books_balance_in_both_currencies(yard: Yard, currency: str, in_books: str) -> None:
    sale, document = await booked(yard, currency)
    for kind in (EntryKind.PAYMENT, EntryKind.REFUND):
        await yard.office.post(document, of(sale, kind, "10.01", number=len(kind)))
    fields = ["debit", "credit", "amount_second_currency", "account.type.receivable", "party"]
    domain = [["move.description", "like", f"Shopify {sale.ref.rpartition('/')[2]}/%"]]
    lines = await yard.rpc.rows("account.move.line", domain, fields)
    worth, second = Decimal(in_books), None if currency == "USD" else Decimal("10.01")
    told = [
        (bool(line["party"]), line["debit"] - line["credit"], line["amount_second_currency"])
        for line in lines
    ]
    minus = None if second is None else -second
    assert sorted(told, key=str) == sorted(
        [(True, -worth, minus), (False, worth, second), (True, worth, second), (False, -worth, minus)],
        key=str,
    )
    assert all(bool(line["account."]["type."]["receivable"]) is bool(line["party"]) for line in lines)


async def test_a_credit_note_gives_back_by_units_and_invoices_nothing_anew(yard: Yard) -> None:
    sale, document = await booked(yard, "EUR")
    await yard.office.ship(document, {(yard.sku, "WH1"): 3})
    back = CreditLine("l", yard.sku, "Mug", 3, Decimal("52.00"), Decimal("2.00"))
    fee = CreditLine("", None, "Refund adjustment", 1, Decimal("-5.00"), Decimal(0))
    memo = of(sale, EntryKind.CREDIT, "47.00", back, fee, taxes_included=True, note="too small")
    assert await yard.office.post(document, memo) == {memo.key: Decimal("47.00")}
    number = sale.ref.rpartition("/")[2]
    [made] = await yard.rpc.rows(
        "account.invoice",
        [["reference", "like", f"Shopify {number}/%"]],
        ["accounting_date", "comment", "description", "type", "move.state", "currency.code", "number"],
    )
    assert made["number"] and made["move."]["state"] == "posted"
    told = (made["accounting_date"], made["comment"], made["currency."]["code"], made["description"])
    assert told == (date(2026, 5, 5), "too small", "EUR", f"Refund of {sale.name}")
    lines = await yard.rpc.rows(
        "account.invoice.line", [["invoice", "=", made["id"]]], ["quantity", "unit_price", "product.code", "taxes"]
    )  # fmt: skip
    rows = [(line["product."]["code"], line["quantity"], line["unit_price"]) for line in lines]
    assert rows == [
        (yard.sku, -2.0, Decimal("16.67")),
        (yard.sku, -1.0, Decimal("16.66")),
        ("TAX", -1.0, Decimal("2.00")),
        ("OTHER", -1.0, Decimal("-5.00")),
    ]
    assert not any(line["taxes"] for line in lines)
    before = await yard.rpc.read("sale.sale", [int(document)], ["invoices", "invoice_state"])
    await yard.rpc.model("sale.sale", "process", [int(document)])
    assert await yard.rpc.read("sale.sale", [int(document)], ["invoices", "invoice_state"]) == before
    assert await yard.shelf(yard.sku, "WH1") == (7, 0)


@pytest.mark.parametrize(("kind", "month"), [*zip(EntryKind, (1, 2, 3), strict=True)])
async def test_a_closed_period_is_named_and_nothing_is_begun(yard: Yard, kind: EntryKind, month: int) -> None:
    sale, document = await booked(yard)
    [period] = await yard.rpc.rows("account.period", [["start_date", "=", date(2026, month, 1)]], ["name"])
    first, meant = (of(sale, kind, "10.01", at=AT.replace(month=month), number=number) for number in (1, 2))
    await yard.office.post(document, first)
    await yard.rpc.press("account.period", "close", [period["id"]])
    with pytest.raises(Refused, match=f"period {period['name']} is closed") as no:
        await yard.office.post(document, meant)
    assert no.value.code == "enter_by_hand"
    await yard.rpc.press("account.period", "reopen", [period["id"]])
    with pytest.raises(Refused, match=f"journal .* is closed for period {period['name']}") as no:
        await yard.office.post(document, meant)
    assert (no.value.code, drafts(yard, sale.ref)) == ("enter_by_hand", [])
    journals = await yard.rpc.rows("account.journal.period", [["period", "=", period["id"]]], ["state"])
    await yard.rpc.press("account.journal.period", "reopen", [row["id"] for row in journals])
    assert (await yard.office.post(document, meant))[meant.key] == Decimal("10.01")
    with pytest.raises(Refused, match="no period for 2031-02-09"):
        await yard.office.post(
            document, of(sale, kind, "1.00", number=3, at=datetime(2031, 2, 9, tzinfo=UTC))
        )


async def test_each_gateway_pays_into_its_own_account(yard: Yard) -> None:
    sale, document = await booked(yard)
    async with admin(yard) as rpc:
        [known] = await yard.rpc.rows("account.invoice.payment.method", [], ["journal"])
        [owed] = await yard.rpc.rows("account.account", [["code", "=", "2.2.2"]], ["code"])
        method = {"name": "Gift cards", "journal": known["journal"], "company": yard.rpc.company}
        method |= {"debit_account": owed["id"], "credit_account": owed["id"]}
        await rpc.create("account.invoice.payment.method", [method])
    card = of(sale, EntryKind.PAYMENT, "10.00", account="Gift cards")
    await yard.office.post(document, card)
    lines = await yard.rpc.rows(
        "account.move.line",
        [["move.description", "like", f"Shopify {sale.ref.rpartition('/')[2]}/%"], ["debit", ">", 0]],
        ["account"],
    )
    assert [line["account"] for line in lines] == [owed["id"]]
    with pytest.raises(Unmapped, match="no invoice payment method named Nobody") as no:
        await yard.office.post(document, of(sale, EntryKind.PAYMENT, "1.00", number=2, account="Nobody"))
    assert "payment_method" in no.value.remedy
    assert drafts(yard, sale.ref) == []


async def test_a_payment_that_was_taken_back_in_tryton_stays_taken_back(yard: Yard) -> None:
    sale, document = await booked(yard)
    paid = of(sale, EntryKind.PAYMENT, "60.00")
    await yard.office.post(document, paid)
    number = sale.ref.rpartition("/")[2]
    [move] = await yard.rpc.rows("account.move", [["description", "like", f"Shopify {number}/%"]], ["number"])
    await wizard(yard.rpc, "account.move.cancel", "cancel", {"reversal": True}, "account.move", move["id"])
    assert len(await yard.rpc.rows("account.move", [["origin", "=", f"account.move,{move['id']}"]], [])) == 1
    assert await yard.office.post(document, paid) == {paid.key: Decimal("60.00")}
    back = of(sale, EntryKind.REFUND, "5.00", number=2)
    assert await yard.office.post(document, back) == {back.key: Decimal("5.00")}


async def wizard(rpc: Rpc, name: str, step: str, said: dict[str, Any], model: str, number: int) -> None:
    """What a person does with a record in a wizard of one form."""
    session = await rpc._signed_in()
    begun = await rpc._post(f"wizard.{name}.create", [rpc._context], session, write=True)
    run, form, _ = rpc._result(begun, write=True)
    context = {**rpc._context, "active_model": model, "active_id": number, "active_ids": [number]}
    asked = [run, {form: said}, step, context]
    rpc._result(await rpc._post(f"wizard.{name}.execute", asked, session, write=True), write=True)


async def test_a_currency_without_a_rate_is_named(yard: Yard) -> None:
    async with admin(yard) as rpc:
        rates = [["create", [{"date": date(2026, 6, 1), "rate": Decimal("0.9")}]]]
        franc = {"name": "Franc", "symbol": "Fr", "code": "CHF", "digits": 2, "rounding": Decimal("0.01")}
        await rpc.create("currency.currency", [franc | {"rates": rates}])
    sale, document = await booked(yard, "CHF")
    with pytest.raises(Refused, match="rate") as no:
        await yard.office.post(document, of(sale, EntryKind.PAYMENT, "10.00"))
    assert (no.value.code, drafts(yard, sale.ref)) == ("tryton_rate", [])
    assert "CHF for 2026-05-05" in no.value.remedy


async def test_a_product_without_a_revenue_account_is_named(yard: Yard) -> None:
    sale, document = await booked(yard)
    [unit] = await yard.rpc.rows("product.uom", [["name", "=", "Unit"]], ["name"])
    kind = {"name": "Nowhere", "type": "goods", "default_uom": unit["id"], "list_price": Decimal(1)}
    made = {"code": "NOWHERE", "products": [["create", [{}]]], "salable": True, "sale_uom": unit["id"]}
    async with admin(yard) as rpc:
        await rpc.create("product.template", [kind | made])
    back = CreditLine("l", Sku("NOWHERE"), "Mug", 1, Decimal("5.00"), Decimal(0))
    with pytest.raises(Unmapped, match="no revenue account for the product NOWHERE"):
        await yard.office.post(document, of(sale, EntryKind.CREDIT, "5.00", back))
    assert drafts(yard, sale.ref) == []


PAGE = Path(__file__).parents[2] / "docs" / "back-offices" / "tryton.md"
RIGHTS = PAGE.read_text(encoding="utf-8").partition("## Rights")[2].partition("## ")[0]
LISTED = re.findall(r"^\| ([A-Z][A-Za-z ]+) \|", RIGHTS, re.MULTILINE)
GROUPS = [group for group in LISTED if group != "Accounting"]


@asynccontextmanager
async def acting(
    yard: Yard, *, user: str = "", method: str = "", groups: Sequence[str] = ()
) -> AsyncIterator[TrytonBackOffice]:
    """Another adapter: with another payment method, or as a new user who is in these groups only."""
    if user:
        async with admin(yard) as rpc:
            rows = await rpc.rows("res.group", [["name", "in", list(groups)]], ["name"])
            assert {row["name"] for row in rows} == set(groups)
            works = {"companies": [["add", [yard.rpc.company]]], "company": yard.rpc.company}
            person = {"name": user, "login": user, "password": yard.sandbox.password} | works
            await rpc.create("res.user", [person | {"groups": [["add", [row["id"] for row in rows]]]}])
    office = TrytonBackOffice(
        yard.sandbox.url, database=yard.sandbox.database, user=user or yard.sandbox.user,
        password=yard.sandbox.password, web_shop=yard.sandbox.web_shop,
        payment_method=method or yard.sandbox.payment_method, clock=SystemClock(),
    )  # fmt: skip
    try:
        yield office
    finally:
        await office.aclose()


async def test_the_rights_the_page_lists_are_enough(yard: Yard) -> None:
    async with acting(yard, user="enough", groups=LISTED) as office:
        assert "Accounting" in LISTED
        assert await office.probe() == ()
        sale = yard.sale(yard.goods(12, "5.00"), total="60.00")
        document = (await office.create(sale)).id
        for kind in EntryKind:
            await office.post(document, of(sale, kind, "10.01", number=len(kind)))
        assert books(yard, document) == {name: ["10.01"] for name in WHERE.values()}
        fewer = replace(sale, lines=(replace(sale.lines[0], quantity=11),), total=Decimal("55.00"))
        await office.amend(document, fewer)
        await office.reroute(document, {yard.sku: WH2})
        await office.ship(document, {(yard.sku, WH2): 11})
        await office.take_back(document, {(yard.sku, WH2): 1}, key="back")
        await office.cancel((await office.create(yard.sale(yard.goods(1, "5.00"), total="5.00"))).id)


@KINDS
async def test_rights_that_are_missing_are_named_and_nothing_is_entered(yard: Yard, kind: EntryKind) -> None:
    sale, document = await booked(yard)
    async with acting(yard, user=f"no {kind}", groups=GROUPS) as office:
        with pytest.raises(Refused, match=r"may not .* account\.move") as no:
            await office.post(document, of(sale, kind, "10.01"))
        assert (no.value.code, books(yard, document)[WHERE[kind]]) == ("tryton_rights", [])
        assert "docs/back-offices/tryton.md" in no.value.remedy
        found = [subject for subject, *_ in await office.probe()]
    assert found == ["account.move", "account.move.line", "account.invoice", "account.invoice.line"]


async def test_what_is_not_set_up_is_named_before_it_is_needed(yard: Yard) -> None:
    assert await yard.office.probe() == ()
    [fee] = await yard.rpc.rows("product.product", [["code", "=", "FEE"]], ["template"])
    [shop] = await yard.rpc.rows("web.shop", [], ["currency"])
    [euro] = await yard.rpc.rows("currency.currency", [["code", "=", "EUR"]], ["code"])
    [config] = await yard.rpc.read("account.configuration", [1], ["currency_exchange_debit_account"])
    changes = [
        ("product.product", fee["id"], {"active": False}, {"active": True}),
        ("web.shop", shop["id"], {"currency": euro["id"]}, {"currency": shop["currency"]}),
        ("account.configuration", 1, dict.fromkeys(config.keys() - {"id"}), config),
    ]
    async with admin(yard) as rpc, acting(yard, method="Nobody") as office:
        company = {"company": yard.rpc.company}
        for model, number, change, _ in changes:
            await rpc.model(model, "write", [number], change, **company)
        try:
            found = [subject for subject, *_ in await office.probe()]
        finally:
            for model, number, _, back in changes:
                back = {name: value for name, value in back.items() if name != "id"}
                await rpc.model(model, "write", [number], back, **company)
    method = "account.invoice.payment.method Nobody"
    assert found == ["product FEE", method, "currency exchange accounts"]
