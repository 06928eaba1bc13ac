"""What is refused because something else came first is thought over again, and is nobody's turn."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.flows.remember import read_and_keep
from engine.flows.watch import Watch
from engine.model.failure import OutcomeUnknown, Refused
from engine.model.ids import DocumentId, LocationId, OrderId, Sku, WarehouseId
from engine.store.tables import work
from engine.store.tx import Tx
from engine.store.verbs.orders import cells_of_order
from tests.journeys.between import Between, in_between

HERE, THERE = PLACES = "gid://shopify/Location/1", "gid://shopify/Location/2"


@pytest.fixture
async def between(tmp_path: Path) -> AsyncIterator[Between]:
    async with in_between(tmp_path) as made:
        yield made


async def record(between: Between, order: str) -> tuple[str, str]:
    """State and code of an order's record."""

    def query(tx: Tx) -> tuple[str, str]:
        row = tx.execute(select(work.c.state, work.c.code).where(work.c.key == order)).one()
        return row.state, row.code or ""

    return await between.site.store.read(query)


def document(between: Between, order: str) -> dict[str, Any]:
    return next(one for one in between.world.erp.state()["documents"] if one["ref"] == order)


def emptied(between: Between, sku: str) -> None:
    """The first warehouse has none of it any more."""
    shelves = between.world.erp.state()["shelves"]
    [left] = [one["on_hand"] for one in shelves if (one["sku"], one["warehouse"]) == (sku, "WH1")]
    between.world.erp.ask("adjust", {"sku": sku, "warehouse": "WH1", "delta": -left})


def at_the_till(between: Between, sku: str) -> str:
    """One is sold over the counter of the first location and leaves at once; the order."""
    sold = between.world.shop.ask("till", {"lines": [{"sku": sku, "quantity": 1}], "location": 0})
    assert sold is not None
    return str(sold["id"])


async def test_a_fulfilment_order_that_staff_fulfil_while_it_is_to_be_moved_is_no_failure(
    between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = between.order([])
    await between.ring(order, "orders/create")
    number = DocumentId(str(document(between, order)["id"]))
    await between.site.back_office.reroute(number, {Sku(sku): WarehouseId("WH2") for sku in between.skus})
    moves = 0

    async def too_late(group: str, to: LocationId, lines: Mapping[str, int], *, key: str) -> None:
        """What Shopify says when staff were quicker between our last look and our call."""
        nonlocal moves
        moves += 1
        between.act(order, [("fulfil", {})])
        raise Refused("The shop declined: Cannot change location.", "Look.", code="user_error")

    monkeypatch.setattr(between.site.shop, "move_fulfilment_order", too_late)
    await between.ring(order, "orders/updated")
    assert moves == 1
    assert await record(between, order) == ("succeeded", "")
    assert document(between, order)["status"] == "shipped"


async def test_what_was_moved_without_an_answer_counts_as_promised_nowhere_until_the_order_is_read_again(
    between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = between.order([])
    await between.ring(order, "orders/create")
    number = DocumentId(str(document(between, order)["id"]))
    await between.site.back_office.reroute(number, {Sku(sku): WarehouseId("WH2") for sku in between.skus})
    move = between.site.shop.move_fulfilment_order

    async def unanswered(*args: Any, **kw: Any) -> None:
        await move(*args, **kw)
        raise OutcomeUnknown("The answer was lost.", "Nothing to do.")

    async def promised() -> dict[str, int]:
        cells = await between.site.store.read(cells_of_order, between.site.name, OrderId(order))
        return {
            location: sum(cell.committed for cell in cells if cell.location == location)
            for location in PLACES
        }

    monkeypatch.setattr(between.site.shop, "move_fulfilment_order", unanswered)
    assert await promised() == {HERE: 4, THERE: 0}
    await between.ring(order, "orders/updated")
    assert await promised() == {HERE: 0, THERE: 0}
    await read_and_keep(between.site, OrderId(order))
    assert await promised() == {HERE: 0, THERE: 4}


async def test_a_unit_sold_again_before_its_return_is_booked_waits_for_the_return(between: Between) -> None:
    sku = between.skus[0]
    first = between.order([("fulfil", {})])
    await between.ring(first, "orders/create")
    emptied(between, sku)
    between.act(first, [("refund", {"line": 0, "quantity": 1, "location": HERE})])
    await read_and_keep(between.site, OrderId(first))
    second = at_the_till(between, sku)
    await between.ring(second, "orders/create")
    assert await record(between, second) == ("retry_scheduled", "return_comes_first")
    await between.ring(first, "refunds/create")
    await between.ring(second, "orders/updated")
    assert await record(between, second) == ("succeeded", "")


async def test_a_return_that_is_booked_just_after_the_shelf_was_too_short_is_enough(
    between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    sku = between.skus[0]
    emptied(between, sku)
    ship, asked = between.site.back_office.ship, 0

    async def short_for_a_moment(document: DocumentId, units: Any) -> None:
        nonlocal asked
        asked += 1
        try:
            await ship(document, units)
        finally:
            between.world.erp.ask("adjust", {"sku": sku, "warehouse": "WH1", "delta": 1})

    monkeypatch.setattr(between.site.back_office, "ship", short_for_a_moment)
    sold = at_the_till(between, sku)
    await between.ring(sold, "orders/create")
    assert asked == 2
    assert await record(between, sold) == ("succeeded", "")


async def test_goods_that_left_and_came_back_before_either_was_booked_are_named_when_the_shelf_has_none(
    between: Between,
) -> None:
    sku = between.skus[0]
    sold = at_the_till(between, sku)
    between.act(sold, [("refund", {"line": 0, "quantity": 1, "location": HERE})])
    emptied(between, sku)
    await between.ring(sold, "orders/create")
    assert await record(between, sold) == ("held", "came_back_unbooked")


async def test_a_return_that_is_booked_is_not_waited_for(between: Between) -> None:
    sku = between.skus[0]
    open_ = between.order([("fulfil", {"line": 0, "quantity": 1})])
    await between.ring(open_, "orders/create")
    between.act(open_, [("refund", {"line": 0, "quantity": 1, "location": HERE, "returned": True})])
    await between.ring(open_, "refunds/create")
    held = (await between.site.back_office.documents([OrderId(open_)]))[OrderId(open_)]
    assert sum(line.returned for line in held.lines) == 1
    sold = at_the_till(between, sku)
    between.act(sold, [("refund", {"line": 0, "quantity": 1, "location": HERE})])
    emptied(between, sku)
    await between.ring(sold, "orders/create")
    assert await record(between, sold) == ("held", "came_back_unbooked")


async def test_goods_that_no_return_will_bring_are_a_persons_turn(between: Between) -> None:
    sku = between.skus[0]
    emptied(between, sku)
    sold = at_the_till(between, sku)
    await between.ring(sold, "orders/create")
    assert await record(between, sold) == ("held", "sql.refused")


async def test_what_left_before_the_back_office_was_first_asked_for_changes_is_told_to_the_shop(
    between: Between,
) -> None:
    order = between.order([])
    await between.ring(order, "orders/create")
    assert between.world.erp.ask("ship", {"document": document(between, order)["id"]}) is not None
    watch = Watch(between.site)
    await watch.deltas()
    await between.work()
    told = next(one for one in between.world.shop.state()["orders"] if one["id"] == order)
    assert [line["fulfilled"] for line in told["lines"]] == [3, 1]
