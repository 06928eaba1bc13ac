"""How many calls things take, beside the fewest the API allows; the month's are never used up before its end."""

import asyncio
import itertools
from decimal import Decimal
from typing import Any

import pytest

from adapters.quota import SHARE, Quota
from adapters.unleashed.back_office import UnleashedBackOffice
from adapters.unleashed.sandbox import start
from adapters.unleashed.selling import Terms
from engine.model.clock import SystemClock
from engine.model.failure import RateLimited
from engine.model.ids import OrderId, Sku
from tests.accounts import sale
from tests.unleashed.conftest import MUG, WH1, budget

SKUS, PLACES = 1500, 5


async def test_all_stock_and_what_moved_take_little_more_than_the_fewest_calls() -> None:
    skus = [f"SKU-{number:04}" for number in range(SKUS)]
    places = [f"WH{at}" for at in range(1, PLACES + 1)]
    stock = {(sku, at): 9 for sku in skus for at in range(PLACES)}
    sandbox, clock = start(skus=skus, warehouses=places, stock=stock, seconds=1.0), SystemClock()
    office = UnleashedBackOffice(
        sandbox.url, api_id=sandbox.api_id, key=sandbox.key, terms=Terms(sandbox.customer), clock=clock,
        budget=budget(clock),
    )  # fmt: skip
    (page,) = [page async for page in office.products()]
    await office.stock(page)
    before = sandbox.served
    snapshot = await office.stock(page)
    assert len(snapshot.shelves) == SKUS * PLACES
    assert {shelf.on_hand for shelf in snapshot.shelves.values()} == {9}
    sweep = PLACES * -(-SKUS // 1000)
    looks = 4  # orders and shipments, before and after: a coherent reading needs both
    assert sweep <= sandbox.served - before <= sweep + looks

    cursor, before = (await office.changes(None)).cursor, sandbox.served
    for sku in skus[:100]:
        sandbox.books.enter(sku, "WH3", "receipt", 1)
    told = await office.changes(cursor)
    assert told.skus == frozenset(map(Sku, skus[:100]))
    assert sandbox.served - before == 3, "orders, shipments, products that moved"
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
    assert account.shelf(MUG, "WH1") == (10, 41)


async def test_a_month_that_unleashed_says_is_used_up_stops_every_call(account: Any, office: Any) -> None:
    one = office()
    await one.warehouses()
    account.do("quota", left=0)
    with pytest.raises(RateLimited, match="used up") as over:
        await one.warehouses()
    assert over.value.after >= 600
    refused = account.sandbox.refused
    with pytest.raises(RateLimited):
        await one.create(sale((MUG, 1, WH1)))
    assert account.sandbox.refused == refused, "it was not asked again"


class Played(SystemClock):
    """A clock that is put forward by hand."""

    at = 0.0

    def monotonic(self) -> float:
        return self.at


def test_looking_for_changes_takes_its_share_of_a_month_evenly_and_leaves_the_rest_to_orders() -> None:
    clock, month = Played(), 31 * 86_400.0
    quota = Quota(clock, calls=10_000, seconds=month, who="U", remedy="R.")
    looked: list[float] = []
    for _ in range(31 * 24 * 6):  # every ten minutes, five calls
        clock.at += 600.0
        for _ in range(5):
            try:
                quota.take(looking=1)
            except RateLimited as wait:
                assert 0 < wait.after <= month / 10_000 / SHARE
            else:
                looked.append(clock.at)
    assert 0.9 * SHARE * 10_000 <= len(looked) <= (1 + 1 / 24) * SHARE * 10_000
    days = [len(list(some)) for _, some in itertools.groupby(looked, lambda at: int(at / 86_400))]
    assert max(days[2:-1]) <= 1.1 * SHARE * 10_000 / 31
    for _ in range(10_000 - quota.used):
        quota.take(looking=0)
    with pytest.raises(RateLimited) as over:
        quota.take(looking=0)
    assert 0 < over.value.after <= month
    clock.at += over.value.after
    quota.take(looking=0)


def test_what_is_larger_than_its_share_at_once_is_saved_up_for_and_then_has_all_of_it() -> None:
    clock = Played()
    quota = Quota(clock, calls=5_000, seconds=86_400.0, who="U", remedy="R.")
    with pytest.raises(RateLimited) as wait:
        quota.take(looking=201)
    clock.at += wait.value.after
    quota.take(looking=201)
    with pytest.raises(RateLimited) as wait:
        quota.take(looking=201)
    assert wait.value.after == pytest.approx(201 / (SHARE * 5_000 / 86_400))
    quota.take(looking=0)
