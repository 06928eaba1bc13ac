"""Stock is what stands in all bins and batches of a location, read coherently and with few calls."""

from typing import Any

import httpx
import pytest

from adapters.cin7_core.client import PAGE, Cin7CoreClient
from adapters.cin7_core.sandbox import start
from adapters.limits import Allowance
from engine.model.clock import SystemClock
from engine.model.failure import TryLater
from engine.model.ids import OrderId, Sku
from tests.accounts import REF, sale
from tests.cin7_core.conftest import BOWL, MUG, MUG_XL, WH1, WH2


async def test_bins_and_batches_of_a_location_are_one_figure(account: Any, office: Any) -> None:
    snapshot = await office().stock([MUG, MUG_XL, BOWL])
    assert {shelf: each.on_hand for shelf, each in snapshot.shelves.items()} == {
        (MUG, WH1): 10,
        (MUG, WH2): 6,
        (MUG_XL, WH1): 4,
        (BOWL, WH1): 9,
        (BOWL, WH2): 5,
    }


async def test_a_sku_that_begins_like_another_is_not_taken_for_it(account: Any, office: Any) -> None:
    snapshot = await office().stock([MUG])
    assert {sku for sku, _ in snapshot.shelves} == {MUG}
    found = account.by_hand.get("ref/productavailability", params={"Sku": "MUG"}).json()
    assert {row["SKU"] for row in found["ProductAvailabilityList"]} == {"MUG", "MUG-XL"}


async def test_documents_and_stock_of_a_few_orders_take_three_calls(account: Any, office: Any) -> None:
    one = office()
    await one.create(sale((MUG, 2, WH1)))
    await one.create(sale((BOWL, 1, WH2), ref=OrderId("gid://shopify/Order/2")))
    await one.documents([REF])
    account.do("receipt", sku=MUG, warehouse="WH1", quantity=1)
    one._sales.changed()
    account.calls.clear()
    await one.documents([REF, OrderId("gid://shopify/Order/2")])
    snapshot = await one.stock([MUG])
    assert account.calls == [("GET", "saleList"), ("GET", "ref/productavailability"), ("GET", "saleList")]
    assert dict(snapshot.shelves[MUG, WH1].reserved_for) == {REF: 2}


async def test_an_order_shipped_while_stock_is_read_is_read_again(account: Any, office: Any) -> None:
    """The goods leave between the reading of the stock and the second look."""
    one = office()
    made = await one.create(sale((BOWL, 2, WH1)))
    await one.documents([REF])
    read = one._shelves.some
    asked = []

    async def meanwhile(skus: Any) -> Any:
        figures = await read(skus)
        if not asked:
            account.do("ship", document=REF)
        asked.append(skus)
        return figures

    one._shelves.some = meanwhile
    shelf = (await one.stock([BOWL])).shelves[BOWL, WH1]
    assert (shelf.on_hand, shelf.reserved, dict(shelf.reserved_for)) == (7, 0, {})
    assert len(asked) == 2
    assert made.id


async def test_all_stock_is_read_in_pages_of_a_thousand(account: Any) -> None:
    skus = [f"SKU-{number:04}" for number in range(1200)]
    sandbox = start(skus=skus, stock={(sku, 0): 1 for sku in skus}, seconds=1.0)
    clock = SystemClock()
    client = Cin7CoreClient(
        sandbox.url, account=sandbox.account, key=sandbox.key, clock=clock, together=1,
        allowance=Allowance(clock, calls=60, seconds=1.0, longest=5.0),
    )  # fmt: skip
    rows, pages = await client.rows(
        "ref/productavailability", "ProductAvailabilityList", lambda row: row["SKU"]
    )
    assert (len(rows), pages) == (1200, 2)
    await client.aclose()
    sandbox.stop()


def vanish(rows: list[dict[str, int]]) -> None:
    """The first row of the second page moves to the first, which was read: it would never be told."""
    rows.pop(0)


def appear(rows: list[dict[str, int]]) -> None:
    """The last row of the first page moves to the second: it would be told twice. Their number stays."""
    rows.insert(0, {"ID": rows[0]["ID"] - 1})
    rows.pop()


@pytest.mark.parametrize("move", [vanish, appear])
@pytest.mark.parametrize("holds_still", [True, False])
async def test_rows_that_shift_between_two_pages_are_read_anew(move: Any, holds_still: bool) -> None:
    everything = [{"ID": number} for number in range(PAGE + 5)]
    asked: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["Page"])
        asked.append(page)
        if page == 2 and (len(asked) == 2 or not holds_still):
            move(everything)
        rows = everything[(page - 1) * PAGE : page * PAGE]
        return httpx.Response(200, json={"Total": len(everything), "Page": page, "List": rows})

    clock = SystemClock()
    client = Cin7CoreClient(
        "https://core", account="a", key="k", clock=clock, together=1,
        allowance=Allowance(clock, calls=60, seconds=1.0, longest=5.0), transport=httpx.MockTransport(answer),
    )  # fmt: skip
    asking = client.rows("things", "List", lambda row: row["ID"])
    if holds_still:
        rows, _ = await asking
        assert sorted(row["ID"] for row in rows) == [row["ID"] for row in everything]
    else:
        with pytest.raises(TryLater, match="faster"):
            await asking
    await client.aclose()


async def test_after_a_restart_everything_is_told_once(account: Any, office: Any) -> None:
    cursor = (await office().changes(None)).cursor
    await office().create(sale((MUG, 2, WH1)))
    later = office()
    told = await later.changes(cursor)
    assert told.orders == {REF}
    assert {MUG, MUG_XL, BOWL} == told.skus
    again = await later.changes(told.cursor)
    assert (again.skus, again.orders, again.cursor) == (frozenset(), frozenset(), told.cursor)


async def test_sales_of_others_are_no_orders_of_ours_and_move_stock(account: Any, office: Any) -> None:
    one = office()
    cursor = (await one.changes(None)).cursor
    account.do("sale", sku=BOWL, warehouse="WH2", quantity=3)
    told = await one.changes(cursor)
    assert (told.skus, told.orders) == ({Sku("BOWL")}, frozenset())
    assert (await one.stock([BOWL])).shelves[BOWL, WH2].reserved == 3
