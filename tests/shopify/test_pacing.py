"""Calls share one allowance: they wait a little for it, and are told to come back when it is far away."""

import asyncio

import pytest

from adapters.limits import Pacer, Throttle
from engine.model.failure import RateLimited
from engine.model.ids import OrderId
from tests.shopify.conftest import COST, graphql


async def test_calls_wait_only_for_what_is_missing(clock):
    pacer = Pacer(clock, capacity=100, per_second=10)
    await pacer.take(80)
    await pacer.take(50)
    assert clock.slept == [pytest.approx(3)]


async def test_a_long_wait_is_handed_back_without_taking_anything(clock):
    pacer = Pacer(clock, capacity=100, per_second=1)
    await pacer.take(100)
    with pytest.raises(RateLimited) as limited:
        await pacer.take(50)
    assert limited.value.after == pytest.approx(50)
    assert clock.slept == []


async def test_a_call_dearer_than_the_bucket_goes_when_the_bucket_is_full(clock):
    pacer = Pacer(clock, capacity=100, per_second=50)
    await pacer.take(5000)
    await pacer.take(10)
    assert clock.slept == [pytest.approx(0.2)]


async def test_what_the_remote_says_counts_less_what_is_under_way(clock):
    pacer = Pacer(clock, capacity=1000, per_second=100)
    await pacer.take(300)
    await pacer.take(200)
    pacer.give_back(200)
    pacer.learn("x", 200, Throttle(capacity=1000, left=350, per_second=100))
    assert pacer.seconds_until(50) == 0
    assert pacer.seconds_until(150) == pytest.approx(1)
    assert pacer.expected("x", 1) == 200


async def test_many_callers_together_never_overdraw(clock):
    pacer = Pacer(clock, capacity=100, per_second=100)
    await asyncio.gather(*[pacer.take(50) for _ in range(10)])
    assert clock.seconds >= 4


async def test_orders_leave_a_share_of_the_allowance_to_stock(shop, scripted, clock):
    short = COST | {
        "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 350, "restoreRate": 100}
    }
    scripted.answers(graphql({"order": None}, cost=short), graphql({"order": None}))
    await shop.read_order(OrderId("gid://shopify/Order/1"))
    assert clock.slept == []
    scripted.answers(
        graphql({"orders": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}})
    )
    await shop.read_order(OrderId("gid://shopify/Order/2"))
    assert clock.slept == [pytest.approx((400 + 10 - 350) / 100)], (
        "its ten points and a fifth of 2000 were not there"
    )
    await shop.orders_changed(clock.now())
    assert len(clock.slept) == 1, "what stock depends on does not wait"
