"""Bills: what has left is billed once, by whoever is first. A back office that bills by itself is never asked to."""

from decimal import Decimal
from typing import Any

import pytest

from engine.model.entry import EntryKind
from engine.model.failure import Refused
from engine.model.ids import DocumentId
from engine.model.sale import Document, SalesDocument
from tests.ports.declining import billing, entry

Bench = Any


async def seen(bench: Bench, sale: SalesDocument) -> Document:
    found: Document = (await bench.office.documents([sale.ref]))[sale.ref]
    return found


def bills(bench: Bench, document: DocumentId) -> list[Decimal]:
    """What was billed of a document, in its order."""
    return [Decimal(row["amount"]) for row in bench.state()["bills"] if row["document"] == document]


@billing
async def test_nothing_is_billed_before_it_leaves(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    assert not made.unbilled
    await bench.office.bill(made.id)
    assert bills(bench, made.id) == []


@billing
async def test_what_has_left_is_billed_once(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    await bench.office.ship(made.id, {(bench.sku, bench.first): 2})
    assert (await seen(bench, sale)).unbilled
    await bench.office.bill(made.id)
    after = await seen(bench, sale)
    assert not after.unbilled and after.total == sale.total
    await bench.office.bill(made.id)
    assert bills(bench, made.id) == [sale.total]


@billing
async def test_bills_of_an_order_that_leaves_in_parts_add_up(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first), (bench.other, 1, bench.second))
    made = await bench.office.create(sale)
    for units in (
        {(bench.sku, bench.first): 1},
        {(bench.sku, bench.first): 3, (bench.other, bench.second): 1},
    ):
        assert sum(bills(bench, made.id)) < sale.total
        await bench.office.ship(made.id, units)
        await bench.office.bill(made.id)
        assert not (await seen(bench, sale)).unbilled
    assert sum(bills(bench, made.id)) == sale.total, "in parts, or once all of it has left"


@billing
async def test_a_bill_that_people_made_is_not_made_again(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    await bench.office.ship(made.id, {(bench.sku, bench.first): 2})
    assert bench.do("bill", document=made.id).status_code == 200
    assert not (await seen(bench, sale)).unbilled
    await bench.office.bill(made.id)
    assert bills(bench, made.id) == [sale.total]


@billing
async def test_money_that_came_before_and_after_pays_it(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    await bench.office.post(made.id, entry(bench, sale, EntryKind.PAYMENT, "5.00"))
    await bench.office.ship(made.id, {(bench.sku, bench.first): 2})
    await bench.office.bill(made.id)
    rest = entry(bench, sale, EntryKind.PAYMENT, str(sale.total - 5))
    there = await bench.office.post(made.id, rest)
    assert sum(there.values()) == sale.total
    assert await bench.office.post(made.id, rest) == there
    assert bench.do("open", document=made.id).json()["open"] == "0.00"


@billing
async def test_what_came_back_of_a_billed_order_is_credited_and_paid_back(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    await bench.office.post(made.id, entry(bench, sale, EntryKind.PAYMENT, str(sale.total)))
    await bench.office.ship(made.id, {(bench.sku, bench.first): 2})
    await bench.office.bill(made.id)
    await bench.office.take_back(made.id, {(bench.sku, bench.first): 1}, key="k")
    credit = entry(bench, sale, EntryKind.CREDIT, "19.24")
    await bench.office.post(made.id, credit)
    back = entry(bench, sale, EntryKind.REFUND, "19.24", refund=credit.key)
    assert await bench.office.post(made.id, back) == {back.key: Decimal("19.24")}
    assert not (await seen(bench, sale)).unbilled


@billing
async def test_a_document_that_nobody_knows_is_not_billed(bench: Bench) -> None:
    with pytest.raises(Refused):
        await bench.office.bill(DocumentId("999999999"))
