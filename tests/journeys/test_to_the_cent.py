"""One order of every kind at once, from the first webhook to the last cent paid back, on both sides.

Gift card and credit card, a discount over three lines, digital and physical, a Markets order in another currency, an
edit after it was booked, fulfilment from another location, a partial refund with restock, and another order cancelled.
"""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.ports import Amends
from tests.journeys.between import Between, in_between, netsuite_with_suite_tax
from tests.journeys.test_edited_orders import held, of_shop, waiting
from tests.journeys.test_money import agrees

HERE, THERE = "gid://shopify/Location/1", "gid://shopify/Location/2"
OFFICES = [
    pytest.param("sql"),
    pytest.param("netsuite", marks=pytest.mark.long),
    pytest.param(netsuite_with_suite_tax, marks=pytest.mark.long, id="netsuite-suitetax"),
    pytest.param("odoo", marks=pytest.mark.long),
    pytest.param("cin7_core", marks=pytest.mark.long),
    pytest.param("tryton", marks=[pytest.mark.tryton, pytest.mark.long]),
]


@pytest.fixture(params=OFFICES)
async def between(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Between]:
    async with in_between(tmp_path, request.param) as made:
        yield made


def shop(between: Between, verb: str, **asked: Any) -> Any:
    answer = between.world.shop.ask(verb, asked)
    assert answer is not None, verb
    return answer


async def test_an_order_of_every_kind_agrees_to_the_cent_at_every_step(between: Between) -> None:
    mug, lamp = between.skus
    digital, more = sorted({c["sku"] for c in between.world.shop.state()["levels"]} - {mug, lamp})[:2]
    shop(between, "product", sku=digital, ships=False)
    for sku in (mug, lamp, more):
        shop(between, "adjust", sku=sku, location=THERE, delta=50)
        between.world.erp.ask("receipt", {"sku": sku, "warehouse": "WH2", "quantity": 50})
        between.world.erp.ask("receipt", {"sku": sku, "warehouse": "WH1", "quantity": 50})
    placed = shop(
        between, "checkout", lines=[
            {"sku": mug, "quantity": 3}, {"sku": lamp, "quantity": 2}, {"sku": digital, "quantity": 1},
        ],
        location=HERE, shipping="7.90", tax_rate="0.19", currency="EUR", gift_card="25.00",
        discount={"kind": "order", "percent": "33"},
    )  # fmt: skip
    order = str(placed["id"])
    await between.ring(order, "orders/create")
    await follows(between, order)
    assert {t["gateway"] for t in of_shop(between, order)["transactions"]} == {
        "gift_card",
        "shopify_payments",
    }

    can = between.site.back_office.capabilities.amends
    edited = order if can is not Amends.NOTHING else between.order([])
    await between.ring(edited, "orders/create")
    shop(
        between,
        "edit",
        order=edited,
        line=line(between, edited, lamp if edited == order else mug),
        quantity=1,
    )
    await between.ring(edited, "orders/edited")
    assert await follows(between, edited) is (can is not Amends.NOTHING)
    if can is Amends.ANY:
        shop(between, "edit", order=order, add={"sku": more, "quantity": 2})
        await between.ring(order, "orders/edited again")
        await follows(between, order)
        shop(between, "pay", order=order)
        await between.ring(order, "order_transactions/create")
        await follows(between, order)

    document = await held(between, order)
    await between.site.back_office.ship(document.id, {(mug, _other(between)): 2})
    await between.ring(order, "orders/updated by the back office")
    moved = [f for f in of_shop(between, order)["fulfillments"] if f["location"] == THERE]
    assert sum(each["quantity"] for f in moved for each in f["lines"]) == 2
    await follows(between, order)

    shop(between, "fulfil", order=order)
    await between.ring(order, "fulfillments/create")
    assert (await held(between, order)).status == "shipped"
    shop(
        between,
        "refund",
        order=order,
        line=line(between, order, mug),
        quantity=1,
        location=THERE,
        shipping="2.00",
    )
    await between.ring(order, "refunds/create")
    await follows(between, order)
    returned = {x.warehouse: x.returned for x in (await held(between, order)).lines if x.sku == mug}
    assert returned[_other(between)] == 1

    gone = between.order([], currency="EUR", gift_card="10.00")
    await between.ring(gone, "orders/create")
    shop(between, "cancel", order=gone)
    await between.ring(gone, "orders/cancelled")
    assert (await held(between, gone)).status == "cancelled"
    await follows(between, gone)


def line(between: Between, order: str, sku: str) -> str:
    return next(str(each["id"]) for each in of_shop(between, order)["lines"] if each["sku"] == sku)


def _other(between: Between) -> Any:
    return between.site.warehouse_of[next(at for at in between.site.warehouse_of if at == THERE)]


async def follows(between: Between, order: str) -> bool:
    """Both sides agree, or a person has the exact figures; False when the document waits for that person."""
    office, seen = between.site.back_office, of_shop(between, order)
    told = [each for each in await waiting(between) if seen["name"] in each[1]]
    for remedy in (remedy for code, _, remedy in told if code == "cannot_amend"):
        assert office.capabilities.amends is not Amends.ANY
        assert seen["standing_total"] in remedy
        return False
    held_now = [(code, cause) for code, cause, _ in told]
    document = await held(between, order)
    if not seen["cancelled"]:
        assert document.total == Decimal(seen["standing_total"])
    if len(office.capabilities.posts) == 3:
        await agrees(between, order)
        assert held_now == []
    else:
        for done in seen["transactions"]:
            later = done["kind"] == "REFUND" or done["gateway"] == "manual"
            figure = f"{Decimal(done['amount'])} {seen['currency']} by {done['gateway']}"
            assert not later or any(figure in cause for code, cause in held_now if code == "enter_by_hand")
    return True
