"""What has left is billed as soon as it has, whatever becomes of its money: bills add up to the order, once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.flows.documents import REMOTE
from engine.flows.money import BILL
from engine.model.failure import Failure, OutcomeUnknown, Refused, TryLater
from engine.model.ids import DocumentId
from engine.orders.values import NOWHERE, Kind
from engine.store.verbs.effect import all_effects
from tests.journeys.between import Between, in_between
from tests.journeys.test_edited_orders import Other, held, settled, waiting
from tests.journeys.test_money import LIVES, act, agrees

LEAVING = [
    "a unit came back and was restocked",
    "goodwill",
    "with the tax inside the prices",
    "captured in two parts, a unit back",
    "paid later",
]
"""Lives in which all that is wanted leaves, in parts or at once, and money moves before and after."""


@pytest.fixture
async def between(tmp_path: Path) -> AsyncIterator[Between]:
    async with in_between(tmp_path, "netsuite") as made:
        yield made


def bills(between: Between, document: DocumentId) -> list[Decimal]:
    """What was billed of a document, in its order."""
    rows = between.world.erp.state()["bills"]
    return [Decimal(row["amount"]) for row in rows if row["document"] == document]


def unpaid(between: Between, document: DocumentId) -> str:
    """What nobody has paid of its bills."""
    said = between.world.erp.ask("open", {"document": document})
    assert said is not None
    return str(said["open"])


@pytest.mark.parametrize("name", LEAVING)
async def test_what_has_left_is_billed_and_paid_from_what_was_paid(between: Between, name: str) -> None:
    basket, acts = LIVES[name]
    order = between.order([], **basket)
    await between.ring(order, "orders/create")
    for number, (verb, said) in enumerate(acts):
        act(between, order, verb, said)
        await between.ring(order, f"order_transactions/create {number}")
        await agrees(between, order)
    document = await held(between, order)
    assert bills(between, document.id) == [document.total]
    assert (document.unbilled, unpaid(between, document.id)) == (False, "0.00")
    assert await waiting(between) == []


async def test_an_order_that_is_paid_between_its_bills_has_all_of_them_paid(between: Between) -> None:
    order = between.order([], payment="LATER")
    await between.ring(order, "orders/create")
    document = await held(between, order)
    acts = [("fulfil", {"line": 0, "quantity": 1}), ("pay", {}), ("fulfil", {})]
    for number, each in enumerate(acts):
        between.act(order, [each])
        await between.ring(order, f"orders/updated {number}")
        if not number:
            assert between.world.erp.ask("bill", {"document": document.id}) is not None, "by staff"
        await agrees(between, order)
    document = await held(between, order)
    assert len(bills(between, document.id)) == 2
    assert (sum(bills(between, document.id)), unpaid(between, document.id)) == (document.total, "0.00")


async def test_a_line_that_is_put_in_after_all_was_billed_leaves_and_is_billed_by_itself(
    between: Between,
) -> None:
    order = between.order([], payment="LATER")
    await between.ring(order, "orders/create")
    for number, (verb, said) in enumerate(
        [("fulfil", {}), ("edit", {"add": True}), ("fulfil", {}), ("pay", {})]
    ):
        act(between, order, verb, said)
        await between.ring(order, f"orders/updated {number}")
        await agrees(between, order)
    document = await held(between, order)
    assert len(bills(between, document.id)) == 2
    assert (sum(bills(between, document.id)), unpaid(between, document.id)) == (document.total, "0.00")
    [booked] = [one for one in between.world.erp.state()["documents"] if one["ref"] == order]
    assert (Decimal(booked["total"]), booked["status"]) == (document.total, "shipped")
    assert await waiting(between) == []


async def test_an_order_whose_goods_left_before_it_came_is_paid_before_it_is_billed(between: Between) -> None:
    order = between.order([("fulfil", {})])
    await between.ring(order, "orders/create")
    document = await held(between, order)
    assert bills(between, document.id) == [document.total]
    assert unpaid(between, document.id) == "0.00", "its deposit came first, and the invoice took it up"


async def test_a_bill_whose_answer_was_lost_is_made_once(between: Between) -> None:
    inner = between.site.back_office

    async def billed_and_lost(document: DocumentId) -> None:
        await inner.bill(document)
        raise OutcomeUnknown("The line was cut.", "TrueUp looks at the document.", code="cut")

    order = between.order([])
    await between.ring(order, "orders/create")
    between.site.back_office = Other(inner, bill=billed_and_lost)
    between.act(order, [("fulfil", {})])
    await between.ring(order, "fulfillments/create")
    between.site.back_office = inner
    await settled(between)
    document = await held(between, order)
    assert bills(between, document.id) == [document.total]
    [effect] = await between.site.store.read(all_effects, between.site.name, REMOTE, BILL)
    assert (effect.outcome, effect.ext_ref) == ("applied", order)
    assert await waiting(between) == []


async def test_goods_are_told_of_while_their_bill_has_to_wait(between: Between) -> None:
    inner = between.site.back_office

    async def closed(_document: DocumentId) -> Any:
        raise TryLater("The period is being closed.", "TrueUp tries again by itself.", code="busy")

    order = between.order([])
    await between.ring(order, "orders/create")
    document = await held(between, order)
    between.site.back_office = Other(inner, bill=closed)
    assert between.world.erp.ask("ship", {"document": order}) is not None
    await between.ring(order, "orders/updated")
    shop = next(o for o in between.world.shop.state()["orders"] if o["id"] == order)
    assert all(line["fulfilled"] == line["quantity"] for line in shop["lines"])
    assert bills(between, document.id) == []
    between.site.back_office = inner
    await settled(between)
    assert bills(between, document.id) == [document.total]


async def test_what_a_person_has_to_enter_does_not_hold_the_bill_up(between: Between) -> None:
    inner = between.site.back_office
    able = replace(inner.capabilities, posts=frozenset())
    between.site.back_office = Other(inner, capabilities=able)
    order = between.order([])
    await between.ring(order, "orders/create")
    between.act(order, [("fulfil", {}), ("refund", {"amount": "3.33"})])
    await between.ring(order, "refunds/create")
    document = await held(between, order)
    assert bills(between, document.id) == [document.total]
    [(code, cause, _)] = await waiting(between)
    assert (code, "a refund of 3.33" in cause) == ("enter_by_hand", True)


@pytest.mark.parametrize("failure", [OutcomeUnknown, TryLater])
async def test_a_bill_that_differs_is_told_although_its_answer_was_lost(
    between: Between, failure: type[Failure]
) -> None:
    inner = between.site.back_office

    async def billed_and_lost(document: DocumentId) -> None:
        await inner.bill(document)
        raise failure("The line was cut.", "TrueUp looks at the document.", code="cut")

    async def differs(_document: DocumentId) -> None:
        raise Refused("It was billed otherwise.", "Correct the bill.", code="bill_differs")

    order = between.order([])
    await between.ring(order, "orders/create")
    between.site.back_office = Other(inner, bill=billed_and_lost)
    between.act(order, [("fulfil", {})])
    await between.ring(order, "fulfillments/create")
    between.site.back_office = Other(inner, bill=differs)
    await settled(between)
    assert await waiting(between) == [("bill_differs", "It was billed otherwise.", "Correct the bill.")]
    document = await held(between, order)
    assert bills(between, document.id) == [document.total]


async def test_a_bill_that_is_refused_hides_no_money_that_a_person_has_to_enter(between: Between) -> None:
    inner = between.site.back_office

    async def refused(_document: DocumentId) -> None:
        raise Refused("Its form is for cash sales.", "Give it another form.", code="form")

    able = replace(inner.capabilities, posts=frozenset())
    between.site.back_office = Other(inner, capabilities=able, bill=refused)
    order = between.order([])
    await between.ring(order, "orders/create")
    between.act(order, [("fulfil", {}), ("refund", {"amount": "3.33"})])
    await between.ring(order, "refunds/create")
    [(code, cause, remedy)] = await waiting(between)
    assert code == "enter_by_hand"
    assert "a refund of 3.33" in cause and "cash sales" in cause
    assert "resolve this record" in remedy and "another form" in remedy


async def test_money_goes_to_the_part_of_the_company_that_sold_whatever_the_market_is_by_now(
    between: Between,
) -> None:
    order = between.order([], payment="LATER")
    for sells, acts, topic in (("1", [], "orders/create"), ("2", [("pay", {})], "order_transactions/create")):
        between.site.values = {Kind.MARKET: dict.fromkeys((NOWHERE, "US"), sells)}
        between.act(order, acts)
        await between.ring(order, topic)
    await agrees(between, order)
    assert await waiting(between) == []
