"""An order is dispatched whole, so one of which a part leaves gives way to two; cut short, it loses nothing."""

from typing import Any

import pytest

from engine.model.failure import Failure, Refused
from engine.model.sale import DocumentStatus
from tests.accounts import REF, sale
from tests.cin7_omni.conftest import BOWL, MUG, WH1, WH2


async def test_an_order_all_of_whose_goods_leave_is_dispatched_in_one_call(account: Any, office: Any) -> None:
    one = office()
    made = await one.create(sale((MUG, 3, WH1)))
    account.requests.clear()
    await one.ship(made.id, {(MUG, WH1): 3})
    assert [call for call in account.calls if call[0] != "GET"] == [("PUT", "SalesOrders")]
    assert account.shelf(MUG, WH1) == (7, 0)


@pytest.mark.parametrize("mode", ["hang", "cut", "outage"])
async def test_a_split_cut_short_between_its_calls_holds_every_unit_and_every_cent(
    account: Any, office: Any, mode: str
) -> None:
    one = office(answer_seconds=0.5)
    sold = sale((MUG, 3, WH1), (BOWL, 2, WH1))
    made = await one.create(sold)
    send = one._selling.make

    async def broken(*given: Any) -> Any:
        account.do("faults", mode=mode, op="change", count=1, seconds=1)
        return await send(*given)

    one._selling.make = broken
    with pytest.raises(Failure):
        await one.ship(made.id, {(MUG, WH1): 2})
    account.do("faults", mode="none")
    later = office()
    document = (await later.documents([REF]))[REF]
    assert (document.status, document.total) == (DocumentStatus.OPEN, sold.total)
    assert {line.sku: (line.quantity, line.shipped) for line in document.lines} == {BOWL: (2, 0), MUG: (3, 0)}
    snapshot = await later.stock([MUG, BOWL])
    assert dict(snapshot.shelves[MUG, WH1].reserved_for) == {REF: 3}
    assert snapshot.shelves[MUG, WH1].reserved >= 3
    for _ in range(2):
        await later.ship(made.id, {(MUG, WH1): 2})
    after = (await later.documents([REF]))[REF]
    assert (after.id, after.total) == (made.id, sold.total)
    assert {line.sku: (line.quantity, line.shipped) for line in after.lines} == {BOWL: (2, 0), MUG: (3, 2)}
    assert (account.shelf(MUG, WH1), account.shelf(BOWL, WH1)) == ((8, 1), (9, 2))
    await later.ship(made.id, {(MUG, WH1): 3, (BOWL, WH1): 2})
    done = (await later.documents([REF]))[REF]
    assert (done.status, done.total) == (DocumentStatus.SHIPPED, sold.total)


async def test_an_order_whose_goods_all_move_changes_its_branch_and_stays_one(
    account: Any, office: Any
) -> None:
    one = office()
    made = await one.create(sale((MUG, 3, WH1)))
    account.requests.clear()
    await one.reroute(made.id, {MUG: WH2})
    assert [call for call in account.calls if call[0] != "GET"] == [("PUT", "SalesOrders")]
    assert (account.shelf(MUG, WH1), account.shelf(MUG, WH2)) == ((10, 0), (6, 3))


async def test_the_remarks_and_the_kind_of_each_line_live_through_a_split(account: Any, office: Any) -> None:
    one = office()
    made = await one.create(sale((MUG, 3, WH1), note="ring twice"))
    await one.ship(made.id, {(MUG, WH1): 1})
    rows = [one._orders.row(part.id) for part in one._orders.known(REF) if not part.cancelled]
    assert all("ring twice" in row["internalComments"] and "~" not in row["internalComments"] for row in rows)
    kinds = sorted((line["code"], line["integrationRef"]) for row in rows for line in row["lineItems"])
    assert kinds == [("MUG", "goods"), ("MUG", "goods"), ("SHIPPING", "charge")]


async def test_a_dispatch_that_omni_declines_is_told_and_changes_nothing(account: Any, office: Any) -> None:
    one = office()
    made = await one.create(sale((BOWL, 12, WH1)))
    with pytest.raises(Refused, match="Not enough stock"):
        await one.ship(made.id, {(BOWL, WH1): 12})
    assert account.shelf(BOWL, WH1) == (9, 12)


async def test_a_credit_note_that_was_left_a_draft_is_approved_and_not_made_again(
    account: Any, office: Any
) -> None:
    one = office(answer_seconds=0.5)
    made = await one.create(sale((MUG, 3, WH1)))
    await one.ship(made.id, {(MUG, WH1): 3})
    put = one._client.put

    async def broken(path: str, records: Any) -> Any:
        account.do("faults", mode="outage", op="change", count=1)
        return await put(path, records)

    one._client.put = broken
    with pytest.raises(Failure):
        await one.take_back(made.id, {(MUG, WH2): 2}, key="refund")
    assert account.shelf(MUG, WH2)[0] == 6
    account.do("faults", mode="none")
    later = office()
    for _ in range(2):
        await later.take_back(made.id, {(MUG, WH2): 2}, key="refund")
    assert account.shelf(MUG, WH2)[0] == 8
    with pytest.raises(Refused, match="sent out"):
        await later.take_back(made.id, {(MUG, WH2): 4}, key="refund")
