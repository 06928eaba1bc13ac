"""Units move between orders without a moment in which nobody promises them, wherever it is cut short."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.parted import Note, notes_in, with_notes
from engine.model.failure import Failure, Refused
from engine.model.ids import WarehouseId
from engine.model.sale import DocumentStatus
from tests.accounts import REF, sale
from tests.unleashed.conftest import BOWL, MUG, WH1, WH2


@pytest.mark.parametrize("mode", ["hang", "cut", "outage"])
async def test_a_move_cut_short_between_its_calls_holds_every_unit_and_every_cent(
    account: Any, office: Any, mode: str
) -> None:
    one = office(answer_seconds=0.5)
    sold = sale((MUG, 3, WH1), (BOWL, 2, WH1))
    made = await one.create(sold)
    send = one._selling.add

    async def broken(*given: Any) -> Any:
        account.do("faults", mode=mode, op="change", count=1, seconds=1)
        return await send(*given)

    one._selling.add = broken
    with pytest.raises(Failure):
        await one.reroute(made.id, {MUG: WH2})
    account.do("faults", mode="none")
    later = office()
    document = (await later.documents([REF]))[REF]
    assert document.total == sold.total
    assert {(line.sku, line.warehouse): line.quantity for line in document.lines} == {
        (BOWL, WH1): 2,
        (MUG, WH2): 3,
    }
    snapshot = await later.stock([MUG, BOWL])
    assert dict(snapshot.shelves[MUG, WH2].reserved_for) == {REF: 3}
    assert snapshot.shelves[MUG, WH2].reserved >= 3
    await later.reroute(made.id, {MUG: WH2})
    await later.reroute(made.id, {MUG: WH2})
    after = (await later.documents([REF]))[REF]
    assert (after.total, after.lines) == (sold.total, document.lines)
    assert (account.shelf(MUG, WH1), account.shelf(MUG, WH2)) == ((10, 0), (6, 3))


async def test_an_order_whose_goods_all_move_is_written_over_and_stays_one(account: Any, office: Any) -> None:
    one = office()
    made = await one.create(sale((MUG, 3, WH1)))
    account.requests.clear()
    await one.reroute(made.id, {MUG: WH2})
    assert [call for call in account.calls if call[0] != "GET"] == [("PUT", "SalesOrders")]
    assert [each["status"] for each in account.state()["documents"]] == ["open"]
    assert account.shelf(MUG, WH2) == (6, 3)


async def test_what_a_put_does_not_name_is_reset_so_all_of_it_is_named(account: Any, office: Any) -> None:
    one = office()
    made = await one.create(sale((MUG, 3, WH1), note="ring twice"))
    before = one._orders.row(made.id)
    await one.reroute(made.id, {MUG: WH2})
    after = await one._client.get(f"SalesOrders/{made.id}")
    same = set(before) - {"Warehouse", "LastModifiedOn", "SalesOrderLines"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert "ring twice" in after["Comments"]


async def test_a_shipment_whose_answer_was_lost_is_not_made_twice(account: Any, office: Any) -> None:
    one = office(answer_seconds=0.5)
    made = await one.create(sale((MUG, 3, WH1)))
    account.do("faults", mode="apply_then_timeout", op="change", count=1, seconds=1)
    with pytest.raises(Failure):
        await one.ship(made.id, {(MUG, WH1): 2})
    account.do("faults", mode="none")
    await one.ship(made.id, {(MUG, WH1): 2})
    assert account.shelf(MUG, WH1) == (8, 1)


async def test_a_credit_that_was_left_open_is_completed_and_not_made_again(account: Any, office: Any) -> None:
    one = office(answer_seconds=0.5)
    made = await one.create(sale((MUG, 3, WH1)))
    await one.ship(made.id, {(MUG, WH1): 3})
    account.do("faults", mode="outage", op="Complete", count=1)
    with pytest.raises(Failure):
        await one.take_back(made.id, {(MUG, WH1): 2}, key="refund")
    account.do("faults", mode="none")
    await one.take_back(made.id, {(MUG, WH1): 2}, key="refund")
    await one.take_back(made.id, {(MUG, WH1): 2}, key="refund")
    assert account.shelf(MUG, WH1)[0] == 9
    with pytest.raises(Refused, match="sent out"):
        await one.take_back(made.id, {(MUG, WH1): 4}, key="refund")


async def test_orders_are_completed_once_all_has_left_where_that_is_wanted(account: Any, office: Any) -> None:
    one = office(complete=True)
    made = await one.create(sale((MUG, 3, WH1)))
    await one.ship(made.id, {(MUG, WH1): 2})
    assert one._orders.row(made.id)["OrderStatus"] == "Placed"
    await one.ship(made.id, {(MUG, WH1): 3})
    document = (await one.documents([REF]))[REF]
    assert one._orders.row(made.id)["OrderStatus"] == "Completed"
    assert (document.status, account.shelf(MUG, WH1)) == (DocumentStatus.SHIPPED, (7, 0))


def test_notes_are_read_as_they_are_written() -> None:
    notes = (
        Note(2, WarehouseId("WH: 2"), "MUG @ 3 x 4", 3, Decimal("19.50")),
        Note(13, WH2, BOWL, 1, Decimal("0.01"), charge=True),
    )
    text = with_notes("~ not a note\nring twice", notes, 200)
    assert notes_in(text) == notes
    assert text.endswith("ring twice")
    assert notes_in(with_notes("x" * 300, notes, 120)) == notes
    with pytest.raises(Refused):
        with_notes("", notes, 40)
