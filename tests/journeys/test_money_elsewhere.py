"""Money that moves after an order was booked, in the other back offices: entered to the cent, or held with its figures."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.model.entry import EntryKind
from engine.ports import Amends
from tests.journeys.between import Between, in_between
from tests.journeys.test_edited_orders import of_shop, waiting
from tests.journeys.test_money import LIVES, act, agrees

OFFICES = [pytest.param(name, marks=pytest.mark.long) for name in ("netsuite", "odoo")]


@pytest.fixture(params=OFFICES)
async def between(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Between]:
    async with in_between(tmp_path, request.param) as made:
        yield made


async def test_money_that_moves_after_booking_is_entered_or_held(between: Between) -> None:
    can = between.site.back_office.capabilities
    assert can.posts == frozenset(EntryKind)
    assert can.amends is Amends.ANY
    for name, (basket, acts) in LIVES.items():
        order = between.order([], **basket)
        await between.ring(order, "orders/create")
        await agrees(between, order)
        for number, (verb, said) in enumerate(acts):
            act(between, order, verb, said)
            await between.ring(order, f"order_transactions/create {number}")
            await agrees(between, order)
        assert await waiting(between) == [], name
        assert Decimal(of_shop(between, order)["received"]) >= 0
