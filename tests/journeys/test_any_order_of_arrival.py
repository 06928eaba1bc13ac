"""Webhooks of what came after an order may arrive before the order's own: both sides end the same every time."""

from collections.abc import AsyncIterator, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from engine.model.sale import DocumentStatus
from tests.journeys.between import Between, Json, in_between

KEPT = ("orders/create", "orders/updated", "fulfillments/create", "refunds/create")
CALLED_OFF = ("orders/create", "orders/updated", "refunds/create", "orders/cancelled")


@pytest.fixture
async def between(tmp_path: Path) -> AsyncIterator[Between]:
    async with in_between(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("acts", "topics"),
    [
        (
            [
                ("edit", {"line": 1, "quantity": 0}),
                ("fulfil", {"line": 0, "quantity": 2}),
                ("refund", {"line": 0, "quantity": 1, "location": "gid://shopify/Location/2"}),
            ],
            KEPT,
        ),
        ([("edit", {"line": 0, "quantity": 2}), ("cancel", {})], CALLED_OFF),
    ],
    ids=["edited, shipped and refunded", "edited and cancelled"],
)
async def test_every_order_of_arrival_ends_the_same(
    between: Between, acts: list[tuple[str, Json]], topics: tuple[str, ...]
) -> None:
    ends = {}
    for arrival in permutations(topics):
        order = between.order(acts)
        for topic in arrival:
            await between.ring(order, topic)
        ends[arrival] = await between.end(order)
    first = ends[topics]
    assert {arrival: end for arrival, end in ends.items() if end != first} == {}
    document, moved = first
    if topics is CALLED_OFF:
        assert document is None
        assert not any(committed or gone for _, _, committed, gone, _ in moved)
    else:
        _, _, lines, money = document
        assert len(money["refunds"]) == 2, "an edit that takes a line out, and a refund"
        assert moved and lines
        assert sum(shipped for _, _, _, shipped, _ in lines) == sum(gone for _, _, _, gone, _ in moved) == 2


async def test_an_act_that_follows_a_booked_order_ends_as_if_it_had_come_first(between: Between) -> None:
    acts = [("fulfil", {"line": 0, "quantity": 2})]
    before = between.order(acts)
    await between.ring(before, "fulfillments/create")
    after = between.order([])
    await between.ring(after, "orders/create")
    assert between.world.shop.ask("fulfil", {"order": after, "quantity": 2, "line": line_of(between, after)})
    await between.ring(after, "fulfillments/create")
    assert await between.end(before) == await between.end(after)


def line_of(between: Between, order: str) -> str:
    """The id of an order's first line."""
    state = between.world.shop.state()
    return str(next(o for o in state["orders"] if o["id"] == order)["lines"][0]["id"])


async def test_shipping_and_return_that_come_between_the_webhooks_end_the_same(between: Between) -> None:
    topics = ("orders/create", "fulfillments/create", "refunds/create")
    acts: list[tuple[str, Json]] = [
        ("fulfil", {"line": 0}),
        ("refund", {"line": 0, "quantity": 1, "location": "gid://shopify/Location/2"}),
    ]
    ends = {arrival: await _late(between, topics, acts, arrival) for arrival in permutations(topics)}
    assert {arrival: end for arrival, end in ends.items() if end != ends[topics]} == {}


async def test_a_cancellation_that_comes_between_the_webhooks_leaves_no_living_document(
    between: Between,
) -> None:
    topics = ("orders/create", "orders/cancelled", "refunds/create")
    for arrival in permutations(topics):
        document, moved = await _late(between, topics, [("cancel", {})], arrival)
        assert document is None or document[0] is DocumentStatus.CANCELLED, arrival
        assert not any(committed or gone for _, _, committed, gone, _ in moved), arrival


async def _late(
    between: Between, topics: Sequence[str], acts: list[tuple[str, Json]], arrival: Sequence[str]
) -> tuple[Any, ...]:
    """Each webhook as late as it likes: what it tells of has happened, and what comes after may not have yet."""
    order, done = between.order([]), 0
    for topic in arrival:
        due = min(topics.index(topic), len(acts))
        between.act(order, acts[done:due])
        done = max(done, due)
        await between.ring(order, topic)
    return await between.end(order)
