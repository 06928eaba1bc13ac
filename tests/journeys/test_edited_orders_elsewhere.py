"""Orders that are edited after they were booked, in the other back offices; in Tryton by the real one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.ports import Amends
from tests.journeys.between import Between, in_between
from tests.journeys.test_edited_orders import EDITS, Other, agrees, do, held, of_shop, waiting

OFFICES = [
    pytest.param("netsuite"),
    pytest.param("odoo"),
    pytest.param("cin7_core", marks=pytest.mark.long),
    pytest.param("tryton", marks=[pytest.mark.tryton, pytest.mark.long]),
]


@pytest.fixture(params=OFFICES)
async def between(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Between]:
    async with in_between(tmp_path, request.param) as made:
        inner = made.site.back_office
        made.site.by_hand = frozenset()  # money is another test's
        made.site.back_office = Other(inner, capabilities=replace(inner.capabilities, posts=frozenset()))
        yield made


async def test_an_edit_after_booking_reaches_the_document_or_a_person(between: Between) -> None:
    for name, acts in EDITS.items():
        order = between.order([])
        await between.ring(order, "orders/create")
        await agrees(between, order)
        before = await held(between, order)
        for act in acts:
            do(between, order, act)
        await between.ring(order, "orders/edited")
        grows, can = any(verb == "add" for verb, _ in acts), between.site.back_office.capabilities.amends
        if can is Amends.NOTHING or (grows and can is not Amends.ANY):
            assert await held(between, order) == before, name
            told = next(each for each in await waiting(between) if of_shop(between, order)["name"] in each[1])
            assert told[0] == "cannot_amend", name
            assert of_shop(between, order)["standing_total"] in told[2], name
            continue
        await agrees(between, order)
    codes = {code for code, _, _ in await waiting(between)}
    can = between.site.back_office.capabilities
    assert codes == (set() if can.amends is Amends.ANY else {"cannot_amend"})
