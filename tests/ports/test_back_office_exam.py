"""The exam every back office sits. Nothing here knows which one it is."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.model.failure import Refused, Unmapped
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import DocumentStatus, LineKind, SalesLine
from engine.ports import BackOffice, Tier

Bench = Any


async def test_it_says_what_it_can_do(bench: Bench) -> None:
    office: BackOffice = bench.office
    assert office.capabilities.name
    assert isinstance(office.capabilities.tier, Tier)
    assert office.capabilities.max_concurrency >= 1


async def test_warehouses_and_products_are_listed(bench: Bench) -> None:
    places = {place.id: place for place in await bench.office.warehouses()}
    assert {bench.first, bench.second} <= places.keys()
    assert places[bench.first].active
    listed = [sku async for page in bench.office.products() for sku in page]
    assert {bench.sku, bench.other} <= set(listed)
    assert len(listed) == len(set(listed))


async def test_stock_shows_every_warehouse_and_nothing_reserved(bench: Bench) -> None:
    before = datetime.now(UTC)
    snapshot = await bench.office.stock([bench.sku, bench.other])
    assert before <= snapshot.taken_at <= datetime.now(UTC)
    first, second = snapshot.shelves[bench.sku, bench.first], snapshot.shelves[bench.sku, bench.second]
    assert (first.on_hand, first.reserved, dict(first.reserved_for)) == (10, 0, {})
    assert (second.on_hand, second.reserved) == (6, 0)


async def test_a_list_longer_than_one_request_and_names_nobody_knows_are_no_trouble(bench: Bench) -> None:
    strangers = [Sku(f"NOBODY-{number}") for number in range(1201)]
    snapshot = await bench.office.stock([*strangers, bench.sku])
    assert snapshot.shelves[bench.sku, bench.first].on_hand == 10
    assert all(shelf.on_hand == 0 for (sku, _), shelf in snapshot.shelves.items() if sku.startswith("NOBODY"))
    assert (await bench.office.stock([])).shelves == {}
    assert (
        await bench.office.documents([OrderId(f"gid://shopify/Order/9{number:06}") for number in range(700)])
        == {}
    )


async def test_a_created_document_reserves_its_goods_and_reads_back_to_the_cent(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first), (bench.other, 1, bench.second))
    made = await bench.office.create(sale)
    assert made.ref == sale.ref
    assert made.status is DocumentStatus.OPEN
    assert made.total == sale.total == Decimal("86.56")
    assert {(line.sku, line.warehouse): (line.quantity, line.shipped) for line in made.lines} == {
        (bench.sku, bench.first): (3, 0),
        (bench.other, bench.second): (1, 0),
    }
    assert (await bench.office.documents([sale.ref]))[sale.ref] == made
    shelf = (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first]
    assert (shelf.on_hand, shelf.reserved, dict(shelf.reserved_for)) == (10, 3, {sale.ref: 3})


async def test_the_same_goods_on_two_lines_are_both_reserved(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first), (bench.sku, 1, bench.first))
    await bench.office.create(sale)
    shelf = (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first]
    assert (shelf.reserved, dict(shelf.reserved_for)) == (3, {sale.ref: 3})


async def test_creating_twice_makes_one_document(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    again = await bench.office.create(sale)
    assert again == made
    assert [each["ref"] for each in bench.state()["documents"]].count(sale.ref) == 1


async def test_creating_the_same_at_once_makes_one_document(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await asyncio.gather(*(bench.office.create(sale) for _ in range(4)), return_exceptions=True)
    ids = {each.id for each in made if not isinstance(each, BaseException)}
    assert len(ids) == 1
    assert [each["ref"] for each in bench.state()["documents"]].count(sale.ref) == 1
    assert (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first].reserved == 2


async def test_an_order_for_more_than_is_there_is_still_taken(bench: Bench) -> None:
    await bench.office.create(bench.sale((bench.sku, 12, bench.first)))
    shelf = (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first]
    assert (shelf.on_hand, shelf.reserved) == (10, 12)


async def test_a_product_nobody_knows_is_refused_with_a_reason_and_leaves_nothing(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 1, bench.first), (Sku("NOBODY-1"), 1, bench.first))
    with pytest.raises((Refused, Unmapped)) as refusal:
        await bench.office.create(sale)
    assert refusal.value.cause
    assert await bench.office.documents([sale.ref]) == {}
    assert (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first].reserved == 0


async def test_a_warehouse_nobody_knows_is_refused(bench: Bench) -> None:
    with pytest.raises((Refused, Unmapped)):
        await bench.office.create(bench.sale((bench.sku, 1, WarehouseId("987654"))))


async def test_refused_orders_carry_the_systems_own_words(bench: Bench) -> None:
    words = "Customer's credit limit is used up"
    assert (
        bench.do("faults", mode="refuse_orders", match=bench.sku, message=words, count=1).status_code == 200
    )
    sale = bench.sale((bench.sku, 1, bench.first))
    with pytest.raises(Refused, match=r"credit limit is used up\."):
        await bench.office.create(sale)
    assert (await bench.office.create(sale)).status is DocumentStatus.OPEN
    bench.do("faults", mode="none")


async def test_cancelling_frees_the_goods_and_may_be_said_twice(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 4, bench.first))
    made = await bench.office.create(sale)
    await bench.office.cancel(made.id)
    await bench.office.cancel(made.id)
    assert (await bench.office.documents([sale.ref]))[sale.ref].status is DocumentStatus.CANCELLED
    shelf = (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first]
    assert (shelf.on_hand, shelf.reserved, dict(shelf.reserved_for)) == (10, 0, {})


async def test_a_shipped_document_cannot_be_cancelled(bench: Bench) -> None:
    made = await bench.office.create(bench.sale((bench.sku, 1, bench.first)))
    await bench.office.ship(made.id, {(bench.sku, bench.first): 1})
    with pytest.raises(Refused):
        await bench.office.cancel(made.id)


async def test_a_document_nobody_knows_is_refused(bench: Bench) -> None:
    with pytest.raises(Refused):
        await bench.office.cancel(DocumentId("99999999"))


async def test_shipping_is_a_target_so_saying_it_twice_ships_once(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first))
    made = await bench.office.create(sale)
    before = datetime.now(UTC)
    for target in (2, 2, 1):
        await bench.office.ship(made.id, {(bench.sku, bench.first): target})
    document = (await bench.office.documents([sale.ref]))[sale.ref]
    assert document.status is DocumentStatus.OPEN
    shelf = (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first]
    assert (shelf.on_hand, shelf.reserved, dict(shelf.reserved_for)) == (8, 1, {sale.ref: 1})
    await bench.office.ship(made.id, {(bench.sku, bench.first): 3})
    document = (await bench.office.documents([sale.ref]))[sale.ref]
    assert document.status is DocumentStatus.SHIPPED
    assert [(line.quantity, line.shipped) for line in document.lines] == [(3, 3)]
    left = document.lines[0].shipped_at
    assert left is not None and left.tzinfo is not None and left.date() >= before.date()


async def test_goods_that_left_elsewhere_are_booked_where_they_left(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first))
    made = await bench.office.create(sale)
    await bench.office.ship(made.id, {(bench.sku, bench.second): 3})
    shelves = (await bench.office.stock([bench.sku])).shelves
    assert (shelves[bench.sku, bench.first].on_hand, shelves[bench.sku, bench.first].reserved) == (10, 0)
    assert (shelves[bench.sku, bench.second].on_hand, shelves[bench.sku, bench.second].reserved) == (3, 0)


async def test_units_that_left_from_two_warehouses_are_booked_from_both(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first))
    made = await bench.office.create(sale)
    await bench.office.ship(made.id, {(bench.sku, bench.first): 1, (bench.sku, bench.second): 2})
    document = (await bench.office.documents([sale.ref]))[sale.ref]
    assert document.status is DocumentStatus.SHIPPED
    assert {line.warehouse: line.shipped for line in document.lines} == {bench.first: 1, bench.second: 2}


async def test_a_cancelled_document_is_shipped_all_the_same(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 2, bench.first))
    made = await bench.office.create(sale)
    await bench.office.cancel(made.id)
    await bench.office.ship(made.id, {(bench.sku, bench.first): 2})
    shelf = (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first]
    assert (shelf.on_hand, shelf.reserved) == (8, 0)
    document = (await bench.office.documents([sale.ref]))[sale.ref]
    assert sum(line.shipped for line in document.lines) == 2


async def test_rerouting_moves_the_promise_and_may_be_said_twice(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first), (bench.other, 1, bench.first))
    made = await bench.office.create(sale)
    for _ in range(2):
        await bench.office.reroute(made.id, {bench.sku: bench.second})
    shelves = (await bench.office.stock([bench.sku, bench.other])).shelves
    assert shelves[bench.sku, bench.first].reserved == 0
    assert dict(shelves[bench.sku, bench.second].reserved_for) == {sale.ref: 3}
    assert shelves[bench.other, bench.first].reserved == 1


async def test_rerouting_leaves_shipped_units_where_they_shipped(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first))
    made = await bench.office.create(sale)
    await bench.office.ship(made.id, {(bench.sku, bench.first): 1})
    await bench.office.reroute(made.id, {bench.sku: bench.second})
    document = (await bench.office.documents([sale.ref]))[sale.ref]
    assert {line.warehouse: (line.quantity, line.shipped) for line in document.lines} == {
        bench.first: (1, 1),
        bench.second: (2, 0),
    }


async def test_returns_are_a_target_and_may_come_back_elsewhere(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 3, bench.first))
    made = await bench.office.create(sale)
    await bench.office.ship(made.id, {(bench.sku, bench.first): 3})
    for _ in range(2):
        await bench.office.take_back(made.id, {(bench.sku, bench.first): 1}, key="refund-1")
    await bench.office.take_back(made.id, {(bench.sku, bench.second): 1}, key="refund-2")
    shelves = (await bench.office.stock([bench.sku])).shelves
    assert shelves[bench.sku, bench.first].on_hand == 8
    assert shelves[bench.sku, bench.second].on_hand == 7
    document = (await bench.office.documents([sale.ref]))[sale.ref]
    assert {line.warehouse: line.returned for line in document.lines if line.returned} == {
        bench.first: 1,
        bench.second: 1,
    }
    assert sum(line.shipped for line in document.lines) == 3


async def test_changes_name_what_moved_and_nothing_older(bench: Bench) -> None:
    start = await bench.office.changes(None)
    assert (start.skus, start.orders) == (frozenset(), frozenset())
    assert bench.do("receipt", sku=bench.sku, warehouse="WH1", quantity=2).status_code == 200
    received = await bench.office.changes(start.cursor)
    assert bench.sku in received.skus
    assert bench.other not in received.skus
    sale = bench.sale((bench.other, 1, bench.first))
    await bench.office.create(sale)
    assert bench.do("ship", document=sale.ref).status_code == 200
    shipped = await bench.office.changes(received.cursor)
    assert sale.ref in shipped.orders
    assert bench.other in shipped.skus
    again = await bench.office.changes(received.cursor)
    assert sale.ref in again.orders


async def test_a_sale_at_the_erps_counter_is_reserved_but_not_ours(bench: Bench) -> None:
    assert bench.do("sale", sku=bench.sku, warehouse="WH2", quantity=4).status_code == 200
    shelf = (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.second]
    assert (shelf.on_hand, shelf.reserved, dict(shelf.reserved_for)) == (6, 4, {})
    assert bench.do("sale", sku=bench.sku, warehouse="WH2", quantity=3).status_code == 409


async def test_a_document_the_staff_cancelled_reads_as_cancelled(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 1, bench.first))
    await bench.office.create(sale)
    assert bench.do("cancel", document=sale.ref).status_code == 200
    assert (await bench.office.documents([sale.ref]))[sale.ref].status is DocumentStatus.CANCELLED


async def test_goods_under_way_between_warehouses_are_nobodys_until_they_arrive(bench: Bench) -> None:
    ask = {"sku": bench.sku, "from": "WH1", "to": "WH2", "quantity": 4}
    assert bench.do("transfer", **ask).status_code == 200
    assert (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first].on_hand == 6
    assert bench.do("transfer_in").status_code == 200
    assert (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.second].on_hand == 10


async def test_an_order_without_goods_is_still_a_document(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 1, bench.first))
    shipping = sale.lines[-1]
    bare = replace(sale, lines=(shipping,), total=shipping.unit_price, presentment_total=shipping.unit_price)
    made = await bench.office.create(replace(bare, payments=()))
    assert made.total == Decimal("4.90")
    assert made.lines == ()


async def test_every_kind_of_line_is_booked_to_the_cent(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 1, bench.first))
    others = tuple(
        SalesLine(
            f"other-{kind}", kind, None, f"a {kind}", 1, Decimal("7.31"), Decimal("0.30"), Decimal("0.13"),
            (("VAT", Decimal("0.13")),), None,
        )
        for kind in LineKind
    )  # fmt: skip
    whole = replace(sale, lines=sale.lines + others, total=sale.total + 7 * Decimal("7.14"))
    made = await bench.office.create(whole)
    assert made.total == whole.total
    assert [(line.sku, line.quantity) for line in made.lines] == [(bench.sku, 1)]


async def test_every_document_of_a_reference_is_told(bench: Bench) -> None:
    """Where the system lets a second one be entered, both are told; where it does not, it says so itself."""
    office, sale = bench.office, bench.sale((bench.sku, 1, bench.first))
    stranger = bench.ref()
    assert await office.copies([sale.ref]) == {}
    made = await office.create(sale)
    assert await office.copies([sale.ref, stranger]) == {sale.ref: (made.id,)}
    entered = bench.do("double", document=sale.ref)
    if office.capabilities.tier is Tier.T0:
        assert entered.status_code == 409, "it promises to refuse a second document of one order"
        assert await office.copies([sale.ref]) == {sale.ref: (made.id,)}
        return
    assert entered.status_code == 200
    second = DocumentId(entered.json()["document"])
    assert await office.copies([sale.ref, stranger]) == {sale.ref: (made.id, second)}
    await office.cancel(second)
    assert await office.copies([sale.ref]) == {sale.ref: (made.id,)}


async def test_a_cancelled_document_is_no_copy(bench: Bench) -> None:
    sale = bench.sale((bench.sku, 1, bench.first))
    made = await bench.office.create(sale)
    await bench.office.cancel(made.id)
    assert await bench.office.copies([sale.ref]) == {}
