"""Money that moves after an order was booked, in the other back offices: entered there to the cent."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.world.remotes import Remote
from console.world.sides import Wanted, cin7_core_remote
from console.world.sides import tryton as tryton_remote
from engine.model.entry import EntryKind
from engine.ports import Amends
from tests.journeys.between import in_between, netsuite_with_suite_tax
from tests.journeys.test_edited_orders import waiting
from tests.journeys.test_money import LIVES, act, agrees

pytestmark = pytest.mark.long
EDITED = {
    "a unit that had not left",
    "under a discount over the lines",
    "with the tax inside the prices",
    "edited: the buyer pays for the line more",
    "cancelled and paid back",
    "authorised and cancelled",
}
"""Lives in which the document itself has to change."""
LINE_MORE = {"edited: the buyer pays for the line more"}
"""Lives in which it needs a line that it does not have."""
BEYOND = {Amends.NOTHING: EDITED, Amends.FEWER: LINE_MORE, Amends.ANY: set[str]()}


def cin7_core(wanted: Wanted) -> Remote:
    """A Cin7 Core that takes payments, and answers ten times as often as the real one."""
    from adapters.cin7_core import sandbox

    made = cin7_core_remote(sandbox.start(wanted.port, **wanted.filled, calls=600))
    return replace(made, settings={**made.settings, "deposit_account": "855", "calls_per_minute": 600})


def tryton(wanted: Wanted) -> Remote:
    """A real Tryton that takes payments."""
    made = tryton_remote(wanted)
    return replace(made, settings={**made.settings, "payment_method": "Shopify"})


OFFICES = [
    "netsuite",
    netsuite_with_suite_tax,
    "odoo",
    cin7_core,
    pytest.param(tryton, marks=pytest.mark.tryton),
]


@pytest.mark.parametrize("back_office", OFFICES)
async def test_money_that_moves_after_booking_is_entered(
    tmp_path: Path, back_office: str | Callable[[Wanted], Remote]
) -> None:
    async with in_between(tmp_path, back_office) as between:
        can = between.site.back_office.capabilities
        assert can.posts == frozenset(EntryKind)
        for name, (basket, acts) in LIVES.items():
            if name in BEYOND[can.amends]:
                continue
            order = between.order([], **basket)
            await between.ring(order, "orders/create")
            await agrees(between, order)
            for number, (verb, said) in enumerate(acts):
                act(between, order, verb, said)
                await between.ring(order, f"order_transactions/create {number}")
                await agrees(between, order)
            assert await waiting(between) == [], name
