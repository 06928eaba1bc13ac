"""What an order becomes after it was booked: units and lines taken out or put in, with their money, read back.

A back office that cannot do it says so in its capabilities, and then it changes nothing when asked all the same.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from engine.model.failure import Refused, Unmapped
from engine.model.ids import Sku, WarehouseId
from engine.model.sale import Document, DocumentStatus, SalesDocument
from engine.ports import Amends
from tests.ports.declining import amending, not_amended

Bench = Any
Units = dict[tuple[Sku, WarehouseId], tuple[int, int]]


def units(document: Document) -> Units:
    return {(line.sku, line.warehouse): (line.quantity, line.shipped) for line in document.lines}


async def read(bench: Bench, sale: SalesDocument) -> Document:
    found: Document = (await bench.office.documents([sale.ref]))[sale.ref]
    return found


async def reserved(bench: Bench, sku: Sku, warehouse: WarehouseId) -> tuple[int, dict[str, int]]:
    shelf = (await bench.office.stock([sku])).shelves[sku, warehouse]
    return shelf.reserved, dict(shelf.reserved_for)


async def test_one_that_cannot_says_so_and_changes_nothing(bench: Bench) -> None:
    """One that can is told what is there already, and changes nothing either."""
    if bench.office.capabilities.amends is Amends.NOTHING:
        await not_amended(bench, line_more=False)
        return
    sale = bench.sale((bench.sku, 3, bench.first))
    made = await bench.office.create(sale)
    same = bench.amended(sale, (bench.sku, 3, bench.first))
    amended = await bench.office.amend(made.id, replace(sale, lines=same.lines, total=same.total))
    assert units(amended) == units(made)
    assert await bench.office.amend(made.id, same) == amended == await read(bench, sale)


@amending(Amends.FEWER)
async def test_units_taken_out_are_free_again_and_the_document_reads_to_the_cent(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first), (bench.other, 1, bench.first))
    made = await bench.office.create(sale)
    less = bench.amended(sale, (bench.sku, 1, bench.first), (bench.other, 1, bench.first))
    amended = await bench.office.amend(made.id, less)
    assert (amended.id, amended.ref, amended.status) == (made.id, sale.ref, DocumentStatus.OPEN)
    assert amended.total == less.total == Decimal("45.44")
    assert units(amended) == {(bench.sku, bench.first): (1, 0), (bench.other, bench.first): (1, 0)}
    assert await read(bench, sale) == amended
    assert await reserved(bench, bench.sku, bench.first) == (1, {sale.ref: 1})
    assert [each["ref"] for each in bench.state()["documents"]].count(sale.ref) == 1


@amending(Amends.FEWER)
async def test_saying_it_twice_changes_nothing_more(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first))
    made = await bench.office.create(sale)
    less = bench.amended(sale, (bench.sku, 2, bench.first))
    first = await bench.office.amend(made.id, less)
    assert await bench.office.amend(made.id, less) == first
    assert await reserved(bench, bench.sku, bench.first) == (2, {sale.ref: 2})


@amending(Amends.FEWER)
async def test_a_line_taken_out_altogether_holds_nothing(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first), (bench.other, 3, bench.second))
    made = await bench.office.create(sale)
    less = bench.amended(sale, (bench.sku, 2, bench.first), (bench.other, 0, bench.second))
    amended = await bench.office.amend(made.id, less)
    assert amended.total == less.total
    assert units(amended) == {(bench.sku, bench.first): (2, 0)}
    assert await reserved(bench, bench.other, bench.second) == (0, {})
    assert await bench.office.amend(made.id, less) == amended


@amending(Amends.FEWER)
async def test_all_goods_taken_out_leave_what_was_charged_besides(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    none = bench.amended(sale, (bench.sku, 0, bench.first))
    amended = await bench.office.amend(made.id, none)
    assert (amended.total, units(amended)) == (Decimal("4.90"), {})
    assert await reserved(bench, bench.sku, bench.first) == (0, {})


@amending(Amends.FEWER)
async def test_what_has_shipped_is_never_taken_out(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first))
    made = await bench.office.create(sale)
    await bench.office.ship(made.id, {(bench.sku, bench.first): 2})
    with pytest.raises(Refused):
        await bench.office.amend(made.id, bench.amended(sale, (bench.sku, 1, bench.first)))
    held = await read(bench, sale)
    assert (held.total, units(held)) == (sale.total, {(bench.sku, bench.first): (3, 2)})
    kept = bench.amended(sale, (bench.sku, 2, bench.first))
    amended = await bench.office.amend(made.id, kept)
    assert (amended.total, units(amended)) == (kept.total, {(bench.sku, bench.first): (2, 2)})
    assert amended.status is DocumentStatus.SHIPPED
    assert await reserved(bench, bench.sku, bench.first) == (0, {})


@amending(Amends.FEWER)
async def test_what_is_left_of_an_amended_document_ships_and_finishes_it(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first), (bench.other, 1, bench.first))
    made = await bench.office.create(sale)
    less = bench.amended(sale, (bench.sku, 1, bench.first), (bench.other, 0, bench.first))
    await bench.office.amend(made.id, less)
    await bench.office.ship(made.id, {(bench.sku, bench.first): 1})
    done = await read(bench, sale)
    assert (done.status, done.total) == (DocumentStatus.SHIPPED, less.total)
    shelves = (await bench.office.stock([bench.sku, bench.other])).shelves
    assert (shelves[bench.sku, bench.first].on_hand, shelves[bench.sku, bench.first].reserved) == (9, 0)
    assert (shelves[bench.other, bench.first].on_hand, shelves[bench.other, bench.first].reserved) == (10, 0)


@amending(Amends.FEWER)
async def test_a_rerouted_unit_stays_where_the_back_office_plans_it(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first), (bench.other, 2, bench.first))
    made = await bench.office.create(sale)
    await bench.office.reroute(made.id, {bench.sku: bench.second})
    less = bench.amended(sale, (bench.sku, 3, bench.first), (bench.other, 1, bench.first))
    amended = await bench.office.amend(made.id, less)
    assert amended.total == less.total
    assert units(amended) == {(bench.sku, bench.second): (3, 0), (bench.other, bench.first): (1, 0)}
    fewer = bench.amended(less, (bench.sku, 2, bench.first), (bench.other, 1, bench.first))
    amended = await bench.office.amend(made.id, fewer)
    assert amended.total == fewer.total
    assert units(amended) == {(bench.sku, bench.second): (2, 0), (bench.other, bench.first): (1, 0)}
    assert (await reserved(bench, bench.sku, bench.first))[0] == 0
    assert (await reserved(bench, bench.sku, bench.second))[0] == 2


@amending(Amends.ANY)
async def test_units_put_in_are_reserved_and_charged(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 1, bench.first))
    made = await bench.office.create(sale)
    more = bench.amended(sale, (bench.sku, 3, bench.first), (bench.other, 2, bench.second))
    amended = await bench.office.amend(made.id, more)
    assert amended.total == more.total
    assert units(amended) == {(bench.sku, bench.first): (3, 0), (bench.other, bench.second): (2, 0)}
    assert await reserved(bench, bench.sku, bench.first) == (3, {sale.ref: 3})
    assert await reserved(bench, bench.other, bench.second) == (2, {sale.ref: 2})
    assert await bench.office.amend(made.id, more) == amended


@amending(Amends.ANY)
async def test_units_put_in_after_some_have_shipped_are_still_to_ship(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    await bench.office.ship(made.id, {(bench.sku, bench.first): 1})
    more = bench.amended(sale, (bench.sku, 3, bench.first))
    amended = await bench.office.amend(made.id, more)
    assert (amended.status, amended.total) == (DocumentStatus.OPEN, more.total)
    assert units(amended) == {(bench.sku, bench.first): (3, 1)}
    assert await reserved(bench, bench.sku, bench.first) == (2, {sale.ref: 2})


@amending(Amends.ANY)
async def test_one_article_for_another(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    other = bench.amended(sale, (bench.sku, 0, bench.first), (bench.other, 2, bench.first))
    amended = await bench.office.amend(made.id, other)
    assert (amended.total, units(amended)) == (other.total, {(bench.other, bench.first): (2, 0)})
    assert (await reserved(bench, bench.sku, bench.first))[0] == 0


@amending(Amends.ANY)
async def test_a_product_nobody_knows_is_refused_and_nothing_changes(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    strange = bench.amended(sale, (bench.sku, 1, bench.first), (Sku("NOBODY-7"), 1, bench.first))
    with pytest.raises((Refused, Unmapped)):
        await bench.office.amend(made.id, strange)
    assert await read(bench, sale) == made


@amending(Amends.FEWER)
async def test_a_sale_that_does_not_add_up_is_refused_and_nothing_changes(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    less = bench.amended(sale, (bench.sku, 1, bench.first))
    with pytest.raises(Refused):
        await bench.office.amend(made.id, replace(less, total=less.total + Decimal("0.01")))
    assert await read(bench, sale) == made


@amending(Amends.FEWER)
async def test_a_cancelled_document_is_not_amended(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    await bench.office.cancel(made.id)
    with pytest.raises(Refused):
        await bench.office.amend(made.id, bench.amended(sale, (bench.sku, 1, bench.first)))
    assert (await read(bench, sale)).status is DocumentStatus.CANCELLED


@amending(Amends.FEWER)
async def test_goods_that_an_amendment_frees_are_told_among_the_changes(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    before = await bench.office.changes((await bench.office.changes(None)).cursor)
    await bench.office.amend(made.id, bench.amended(sale, (bench.sku, 1, bench.first)))
    after = await bench.office.changes(before.cursor)
    assert bench.sku in after.skus
