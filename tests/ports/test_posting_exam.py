"""Money that moves after an order was booked: payments, credit memos and refunds, entered once and read back.

A back office that takes none of a kind says so in its capabilities, and then it refuses it and changes nothing.
"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.model.entry import CreditLine, Entry, EntryKind
from engine.model.failure import Refused
from engine.model.ids import DocumentId
from engine.model.sale import DocumentStatus, SalesDocument

Bench = Any


def able(bench: Bench, *kinds: EntryKind) -> None:
    """Only for those that take these; the others sit `test_one_that_does_not_take_them_says_so`."""
    if not set(kinds) <= bench.office.capabilities.posts:
        pytest.skip("takes none of these")


def entry(bench: Bench, sale: SalesDocument, kind: EntryKind, amount: str, **more: Any) -> Entry:
    number = next(bench.setting.numbers)
    key = f"gid://shopify/{'Refund' if kind is EntryKind.CREDIT else 'OrderTransaction'}/{number}"
    worth = Decimal(amount)
    told: dict[str, Any] = {"transaction": "", "gateway": ""}
    if kind is EntryKind.CREDIT:
        told["lines"] = (CreditLine("gid://shopify/LineItem/1", bench.sku, "Article", 1, worth, Decimal(0)),)
    else:
        told |= {"transaction": "CAPTURE" if kind is EntryKind.PAYMENT else "REFUND", "gateway": "cards"}
    made = Entry(
        key=key, subject=key, kind=kind, order=sale.ref, name=sale.name, amount=worth, currency="EUR",
        presentment=worth, presentment_currency="EUR", at=datetime(2026, 5, 5, 8, 0, tzinfo=UTC), **told,
    )  # fmt: skip
    return replace(made, **more)


async def booked(bench: Bench, *, paid: bool = True) -> tuple[SalesDocument, DocumentId]:
    """A document that was paid for, where payments are entered: what nobody paid cannot be paid back everywhere."""
    sale = bench.sale((bench.sku, 2, bench.first))
    document = (await bench.office.create(sale)).id
    if paid and EntryKind.PAYMENT in bench.office.capabilities.posts:
        await bench.office.post(document, entry(bench, sale, EntryKind.PAYMENT, str(sale.total)))
    return sale, document


async def credited(bench: Bench, sale: SalesDocument, document: DocumentId) -> str:
    """What is paid back was credited before, where credit memos are entered; Shopify's id of the refund."""
    memo = entry(bench, sale, EntryKind.CREDIT, "15.00")
    if EntryKind.CREDIT in bench.office.capabilities.posts:
        await bench.office.post(document, memo)
    return memo.key


async def test_one_that_does_not_take_them_says_so_and_changes_nothing(bench: Bench) -> None:
    refused = set(EntryKind) - bench.office.capabilities.posts
    if not refused:
        pytest.skip("it takes all")
    sale, document = await booked(bench)
    before = (await bench.office.documents([sale.ref]))[sale.ref]
    for kind in refused:
        with pytest.raises(Refused) as no:
            await bench.office.post(document, entry(bench, sale, kind, "5.00"))
        assert no.value.code == "enter_by_hand"
        assert no.value.cause
        assert no.value.remedy
    assert (await bench.office.documents([sale.ref]))[sale.ref] == before


@pytest.mark.parametrize("kind", EntryKind)
async def test_an_entry_is_made_once_and_read_back(bench: Bench, kind: EntryKind) -> None:
    able(bench, kind)
    sale, document = await booked(bench, paid=kind is not EntryKind.PAYMENT)
    of = await credited(bench, sale, document) if kind is EntryKind.REFUND else ""
    first, second = (entry(bench, sale, kind, amount, refund=of) for amount in ("5.01", "7.30"))
    assert (await bench.office.post(document, first))[first.key] == Decimal("5.01")
    there = await bench.office.post(document, second)
    assert (there[first.key], there[second.key]) == (Decimal("5.01"), Decimal("7.30"))
    assert await bench.office.post(document, first) == there


@pytest.mark.parametrize("kind", EntryKind)
async def test_a_key_that_is_there_keeps_what_it_says(bench: Bench, kind: EntryKind) -> None:
    able(bench, kind)
    sale, document = await booked(bench, paid=kind is not EntryKind.PAYMENT)
    of = await credited(bench, sale, document) if kind is EntryKind.REFUND else ""
    first = entry(bench, sale, kind, "5.01", refund=of)
    there = await bench.office.post(document, first)
    assert await bench.office.post(document, replace(first, amount=Decimal("6.00"), lines=())) == there


async def test_goods_and_total_of_the_document_stay_as_they_are(bench: Bench) -> None:
    able(bench, *EntryKind)
    sale, document = await booked(bench, paid=False)
    before = (await bench.office.documents([sale.ref]))[sale.ref]
    for kind in (EntryKind.PAYMENT, EntryKind.CREDIT, EntryKind.REFUND):
        await bench.office.post(document, entry(bench, sale, kind, "4.00"))
    assert (await bench.office.documents([sale.ref]))[sale.ref] == before
    shelf = (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first]
    assert (shelf.on_hand, shelf.reserved) == (10, 2)


async def test_entries_of_one_document_are_not_those_of_another(bench: Bench) -> None:
    able(bench, EntryKind.REFUND)
    (sale, document), (other, elsewhere) = await booked(bench), await booked(bench)
    mine, theirs = entry(bench, sale, EntryKind.REFUND, "5.00"), entry(bench, other, EntryKind.REFUND, "6.00")
    await credited(bench, sale, document)
    await credited(bench, other, elsewhere)
    await bench.office.post(document, mine)
    assert set(await bench.office.post(elsewhere, theirs)) == {theirs.key}


async def test_a_cancelled_document_is_paid_back_or_left_to_a_person(bench: Bench) -> None:
    able(bench, EntryKind.REFUND)
    sale, document = await booked(bench)
    await bench.office.cancel(document)
    back = entry(bench, sale, EntryKind.REFUND, str(sale.total))
    try:
        assert (await bench.office.post(document, back))[back.key] == sale.total
    except Refused as no:
        assert no.code == "enter_by_hand"
    assert (await bench.office.documents([sale.ref]))[sale.ref].status is DocumentStatus.CANCELLED


async def test_goods_that_came_back_are_credited_and_paid_back(bench: Bench) -> None:
    able(bench, EntryKind.REFUND, EntryKind.CREDIT)
    sale, document = await booked(bench)
    await bench.office.ship(document, {(bench.sku, bench.first): 2})
    await bench.office.take_back(document, {(bench.sku, bench.first): 1}, key="k")
    credit = entry(bench, sale, EntryKind.CREDIT, "19.24")
    assert await bench.office.post(document, credit) == {credit.key: Decimal("19.24")}
    back = entry(bench, sale, EntryKind.REFUND, "19.24", refund=credit.key)
    assert await bench.office.post(document, back) == {back.key: Decimal("19.24")}
    shelf = (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first]
    assert shelf.on_hand == 9, "the return puts them on the shelf, the credit memo does not"


async def test_a_document_nobody_knows_is_refused(bench: Bench) -> None:
    able(bench, EntryKind.REFUND)
    sale, _ = await booked(bench)
    with pytest.raises(Refused):
        await bench.office.post(DocumentId("999999999"), entry(bench, sale, EntryKind.REFUND, "5.00"))


async def test_more_than_the_document_is_worth_is_not_credited(bench: Bench) -> None:
    able(bench, EntryKind.CREDIT)
    sale, document = await booked(bench)
    with pytest.raises(Refused):
        await bench.office.post(document, entry(bench, sale, EntryKind.CREDIT, "500.00"))
