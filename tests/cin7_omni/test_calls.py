"""How many calls things take, beside the fewest the API allows; the day's are never used up by looking."""

import asyncio
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.cin7_omni.back_office import OmniBackOffice
from adapters.cin7_omni.budget import DAY, budget_of
from adapters.cin7_omni.client import PAGE, OmniClient
from adapters.cin7_omni.sandbox import start
from engine.model.clock import SystemClock
from engine.model.failure import RateLimited, TryLater
from engine.model.ids import OrderId, Sku
from tests.accounts import sale
from tests.cin7_omni.conftest import MUG, WH1, budget
from tests.clocks import Played

SKUS, PLACES = 500, 5


async def test_all_stock_and_what_moved_take_little_more_than_the_fewest_calls() -> None:
    skus = [f"SKU-{number:04}" for number in range(SKUS)]
    places = [f"WH{at}" for at in range(1, PLACES + 1)]
    stock = {(sku, at): 9 for sku in skus for at in range(PLACES)}
    sandbox, clock = start(skus=skus, warehouses=places, stock=stock, limits=[(60, 1.0)]), SystemClock()
    office = OmniBackOffice(
        sandbox.url, user=sandbox.user, key=sandbox.key, clock=clock, budget=budget(clock)
    )
    (page,) = [page async for page in office.products()]
    await office.stock(page)
    before = sandbox.served
    snapshot = await office.stock(page)
    assert len(snapshot.shelves) == SKUS * PLACES
    assert {shelf.on_hand for shelf in snapshot.shelves.values()} == {9}
    fewest = SKUS * PLACES // PAGE + 1  # and the empty page that ends a listing
    assert fewest <= sandbox.served - before <= fewest + 2, "orders before and after"

    cursor, before = (await office.changes(None)).cursor, sandbox.served
    for sku in skus[:100]:
        sandbox.books.enter(sku, "WH3", "receipt", 1)
    told = await office.changes(cursor)
    assert told.skus == frozenset(map(Sku, skus[:100]))
    assert sandbox.served - before == 3, "rows that moved, the empty page after them, no orders"
    before = sandbox.served
    await office.stock([Sku(sku) for sku in skus[:40]])
    assert sandbox.served - before <= 4, "forty in one question and the empty page, orders before and after"
    assert sandbox.refused == 0
    await office.aclose()
    sandbox.stop()


async def test_a_burst_of_orders_takes_three_calls_each_and_none_too_many(account: Any, office: Any) -> None:
    one = office()
    await one.create(sale((MUG, 1, WH1)))
    before = account.sandbox.served
    burst = [sale((MUG, 1, WH1), ref=OrderId(f"gid://shopify/Order/{7000 + at}")) for at in range(40)]
    made = await asyncio.gather(*(one.create(each) for each in burst))
    assert account.sandbox.served - before == 120
    assert account.sandbox.refused == 0
    assert {each.total for each in made} == {Decimal("7.40")}


def most_in(made: list[float], seconds: float) -> int:
    """The most calls in any span."""
    return max(sum(1 for other in made if at <= other < at + seconds) for at in made)


async def test_four_workers_for_ten_minutes_keep_every_limit_and_use_nearly_all_of_it() -> None:
    clock = Played()
    shared = budget_of("https://omni", "four-workers", clock)
    made: list[float] = []

    async def work() -> None:
        while True:
            turn = await shared.take(looking=0)
            made.append(clock.at)
            await clock.sleep(0.2)
            shared.over(turn)

    workers = [asyncio.create_task(work()) for _ in range(4)]
    await clock.play(600.0)
    assert not any(each.done() for each in workers), "a call that waits for its turn never breaks"
    for each in workers:
        each.cancel()
    assert most_in(made, 1.0) <= 3
    assert most_in(made, 60.0) <= 60
    assert len(made) >= 600 / 1.2


async def test_a_burst_of_five_hundred_orders_goes_as_fast_as_the_minute_allows_and_no_further_than_the_day() -> (
    None
):
    clock = Played()
    shared = budget_of("https://omni", "burst", clock, per_day=1_500)
    left = 500

    async def work() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            for _ in range(3):
                turn = await shared.take(looking=0)
                await clock.sleep(0.2)
                shared.over(turn)

    workers = [asyncio.create_task(work()) for _ in range(4)]
    while not all(each.done() for each in workers):
        await clock.play(clock.at + 10.0)
    await asyncio.gather(*workers)
    assert clock.at <= 1.2 * 1_500
    assert shared.allowed().left == 0
    with pytest.raises(RateLimited, match="used up") as over:
        shared.quota.take(looking=0)
    assert 0 < over.value.after <= DAY * 1.01


async def test_calls_too_many_are_waited_for_longer_each_time(account: Any, office: Any) -> None:
    """Omni does not say for how long."""
    clock = Played()
    answers = httpx.MockTransport(
        lambda request: httpx.Response(429, json="Rate limit exceeded. Retry after some time.")
    )
    client = OmniClient(
        "https://omni", user="u", key="k", clock=clock, budget=budget(clock), together=1, transport=answers
    )
    waits: list[float] = []
    for _ in range(11):
        with pytest.raises(RateLimited) as busy:
            await client.get("Branches")
        waits.append(busy.value.after)
        clock.at += busy.value.after
    assert waits[:4] == [15.0, 30.0, 60.0, 120.0]
    assert waits[-1] == 3600.0
    assert "in a day are used up" in busy.value.cause
    await client.aclose()


@pytest.mark.parametrize("holds_still", [True, False])
async def test_a_row_told_twice_shows_that_others_moved_and_all_is_read_anew(holds_still: bool) -> None:
    everything = [{"id": number} for number in range(PAGE + 5)]
    asked: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        asked.append(page)
        if page == 2 and (len(asked) == 2 or not holds_still):
            everything.insert(0, {"id": -len(asked)})
        return httpx.Response(200, json=everything[(page - 1) * PAGE : page * PAGE])

    clock = SystemClock()
    client = OmniClient(
        "https://omni", user="u", key="k", clock=clock, budget=budget(clock), together=1,
        transport=httpx.MockTransport(answer),
    )  # fmt: skip
    asking = client.rows("SalesOrders", lambda row: row["id"])
    if holds_still:
        rows, _ = await asking
        assert sorted(row["id"] for row in rows) == sorted(row["id"] for row in everything)
    else:
        with pytest.raises(TryLater, match="faster"):
            await asking
    await client.aclose()
