"""Orders that are edited after they were booked, in the other back offices; in Tryton by the real one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.ports import Amends
from tests.journeys.between import Between, in_between
from tests.journeys.test_edited_orders import EDITS, agrees, do, held, waiting

OFFICES = [
    pytest.param("netsuite"),
    pytest.param("odoo"),
    pytest.param("tryton", marks=[pytest.mark.tryton, pytest.mark.long]),
]


@pytest.fixture(params=OFFICES)
async def between(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Between]:
    async with in_between(tmp_path, request.param) as made:
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
        grows = any(verb == "add" for verb, _ in acts)
        if grows and between.site.back_office.capabilities.amends is not Amends.ANY:
            assert await held(between, order) == before, name
            continue
        await agrees(between, order)
    codes = [code for code, _, _ in await waiting(between)]
    can = between.site.back_office.capabilities.amends is Amends.ANY
    assert codes == [] if can else set(codes) == {"cannot_amend"}
