"""Money that moves after an order was booked: payments, credit memos and refunds, entered once and read back.

A back office that takes none of a kind says so in its capabilities, and then it refuses it and changes nothing.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from engine.model.entry import EntryKind
from engine.model.failure import Refused
from engine.model.ids import DocumentId
from engine.model.sale import DocumentStatus, SalesDocument
from tests.ports.declining import entry, not_posted, posting

Bench = Any


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
    sale, document = await booked(bench)
    [before] = (await bench.office.documents([sale.ref])).values()
    await not_posted(bench, sale, before, set(EntryKind) - bench.office.capabilities.posts)
    assert document == before.id


@pytest.mark.parametrize("kind", EntryKind)
@posting()
async def test_an_entry_is_made_once_and_read_back(bench: Bench, kind: EntryKind) -> None:
    sale, document = await booked(bench, paid=kind is not EntryKind.PAYMENT)
    of = await credited(bench, sale, document) if kind is EntryKind.REFUND else ""
    first, second = (entry(bench, sale, kind, amount, refund=of) for amount in ("5.01", "7.30"))
    assert (await bench.office.post(document, first))[first.key] == Decimal("5.01")
    there = await bench.office.post(document, second)
    assert (there[first.key], there[second.key]) == (Decimal("5.01"), Decimal("7.30"))
    assert await bench.office.post(document, first) == there


@pytest.mark.parametrize("kind", EntryKind)
@posting()
async def test_a_key_that_is_there_keeps_what_it_says(bench: Bench, kind: EntryKind) -> None:
    sale, document = await booked(bench, paid=kind is not EntryKind.PAYMENT)
    of = await credited(bench, sale, document) if kind is EntryKind.REFUND else ""
    first = entry(bench, sale, kind, "5.01", refund=of)
    there = await bench.office.post(document, first)
    assert await bench.office.post(document, replace(first, amount=Decimal("6.00"), lines=())) == there


@posting(*EntryKind)
async def test_goods_and_total_of_the_document_stay_as_they_are(bench: Bench) -> None:
    sale, document = await booked(bench, paid=False)
    before = (await bench.office.documents([sale.ref]))[sale.ref]
    for kind in (EntryKind.PAYMENT, EntryKind.CREDIT, EntryKind.REFUND):
        await bench.office.post(document, entry(bench, sale, kind, "4.00"))
    assert (await bench.office.documents([sale.ref]))[sale.ref] == before
    shelf = (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first]
    assert (shelf.on_hand, shelf.reserved) == (10, 2)


@posting(EntryKind.REFUND)
async def test_entries_of_one_document_are_not_those_of_another(bench: Bench) -> None:
    (sale, document), (other, elsewhere) = await booked(bench), await booked(bench)
    mine, theirs = entry(bench, sale, EntryKind.REFUND, "5.00"), entry(bench, other, EntryKind.REFUND, "6.00")
    await credited(bench, sale, document)
    await credited(bench, other, elsewhere)
    await bench.office.post(document, mine)
    assert set(await bench.office.post(elsewhere, theirs)) == {theirs.key}


@posting(EntryKind.REFUND)
async def test_a_cancelled_document_is_paid_back_or_left_to_a_person(bench: Bench) -> None:
    sale, document = await booked(bench)
    await bench.office.cancel(document)
    back = entry(bench, sale, EntryKind.REFUND, str(sale.total))
    try:
        assert (await bench.office.post(document, back))[back.key] == sale.total
    except Refused as no:
        assert no.code == "enter_by_hand"
    assert (await bench.office.documents([sale.ref]))[sale.ref].status is DocumentStatus.CANCELLED


@posting(EntryKind.REFUND, EntryKind.CREDIT)
async def test_goods_that_came_back_are_credited_and_paid_back(bench: Bench) -> None:
    sale, document = await booked(bench)
    await bench.office.ship(document, {(bench.sku, bench.first): 2})
    await bench.office.take_back(document, {(bench.sku, bench.first): 1}, key="k")
    credit = entry(bench, sale, EntryKind.CREDIT, "19.24")
    assert await bench.office.post(document, credit) == {credit.key: Decimal("19.24")}
    back = entry(bench, sale, EntryKind.REFUND, "19.24", refund=credit.key)
    assert await bench.office.post(document, back) == {back.key: Decimal("19.24")}
    shelf = (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first]
    assert shelf.on_hand == 9, "the return puts them on the shelf, the credit memo does not"


@posting(EntryKind.REFUND)
async def test_a_document_nobody_knows_is_refused(bench: Bench) -> None:
    sale, _ = await booked(bench)
    with pytest.raises(Refused):
        await bench.office.post(DocumentId("999999999"), entry(bench, sale, EntryKind.REFUND, "5.00"))


@posting(EntryKind.CREDIT)
async def test_more_than_the_document_is_worth_is_not_credited(bench: Bench) -> None:
    sale, document = await booked(bench)
    with pytest.raises(Refused):
        await bench.office.post(document, entry(bench, sale, EntryKind.CREDIT, "500.00"))
