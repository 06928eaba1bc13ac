"""How many calls things take, beside the fewest the API allows; no call is one too many for the account."""

import asyncio
from decimal import Decimal
from typing import Any

from adapters.cin7_core.back_office import Cin7CoreBackOffice
from adapters.cin7_core.sandbox import Cin7CoreSandbox, start
from adapters.cin7_core.selling import Terms
from adapters.limits import Allowance
from engine.model.clock import SystemClock
from engine.model.ids import OrderId, Sku
from tests.accounts import sale
from tests.cin7_core.conftest import MUG, WH1

SKUS, PLACES = 1500, 5
ROWS = 2 * SKUS * PLACES
"""In each place a part stands in a bin and the rest beside it."""


def catalogue() -> Cin7CoreSandbox:
    skus = [f"SKU-{number:04}" for number in range(SKUS)]
    places = [f"WH{at}" for at in range(1, PLACES + 1)]
    stock = {(sku, at): 9 for sku in skus for at in range(PLACES)}
    return start(skus=skus, warehouses=places, stock=stock, seconds=1.0)


async def test_all_stock_and_what_moved_take_little_more_than_the_fewest_calls() -> None:
    sandbox, clock = catalogue(), SystemClock()
    office = Cin7CoreBackOffice(
        sandbox.url, account=sandbox.account, key=sandbox.key, terms=Terms(sandbox.customer), clock=clock,
        allowance=Allowance(clock, calls=60, seconds=1.0, longest=30.0),
    )  # fmt: skip
    (skus,) = [page async for page in office.products()]
    snapshot = await office.stock(skus)
    assert len(snapshot.shelves) == SKUS * PLACES
    assert {shelf.on_hand for shelf in snapshot.shelves.values()} == {9}
    fewest = 2 + ROWS // 1000 + 1  # products, availability, our sales
    assert fewest <= sandbox.served <= 1.2 * fewest

    cursor, before = (await office.changes(None)).cursor, sandbox.served
    for sku in skus[:100]:
        sandbox.books.enter(sku, "WH3", "receipt", 1)
    office._feed._swept_at = float("-inf")  # the pause between two readings of everything is over
    told = await office.changes(cursor)
    assert told.skus == frozenset(map(Sku, skus[:100]))
    assert sandbox.served - before <= 1.2 * (ROWS // 1000 + 1)
    assert sandbox.refused == 0
    await office.aclose()
    sandbox.stop()


async def test_what_moved_takes_no_more_than_its_share_of_the_calls() -> None:
    sandbox, clock = catalogue(), SystemClock()
    office = Cin7CoreBackOffice(
        sandbox.url, account=sandbox.account, key=sandbox.key, terms=Terms(sandbox.customer), clock=clock,
        allowance=Allowance(clock, calls=60, seconds=1.0, longest=30.0),
    )  # fmt: skip
    cursor, before = (await office.changes(None)).cursor, sandbox.served
    for _ in range(3):
        await office.changes(cursor)
    assert sandbox.served - before == 3, "only the list of sales"
    await office.aclose()
    sandbox.stop()


async def test_a_burst_of_orders_takes_four_calls_each_and_none_too_many(account: Any, office: Any) -> None:
    one = office()
    await one.create(sale((MUG, 1, WH1)))
    before = account.sandbox.served
    burst = [sale((MUG, 1, WH1), ref=OrderId(f"gid://shopify/Order/{7000 + at}")) for at in range(40)]
    made = await asyncio.gather(*(one.create(each) for each in burst))
    assert account.sandbox.served - before == 160
    assert account.sandbox.refused == 0
    assert {each.total for each in made} == {Decimal("7.40")}
    assert account.shelf(MUG, "WH1") == (10, 41)
