"""Refunds and payments captured later reach the back office as records of their own, and both sides agree to the cent."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from engine.model.entry import Entry, EntryKind
from engine.model.failure import OutcomeUnknown, Refused
from engine.model.ids import DocumentId
from engine.store.queries.failed import failed_page
from engine.store.verbs.effect import all_effects
from engine.store.verbs.person import resolve
from tests.journeys.between import Between, Json, in_between
from tests.journeys.test_edited_orders import Other, held, of_shop, settled, waiting

TOPICS = ("orders/create", "order_transactions/create", "fulfillments/create", "refunds/create")
BACK = {"line": 0, "quantity": 1, "location": "gid://shopify/Location/2"}
LIVES: dict[str, tuple[Json, list[tuple[str, Json]]]] = {
    "a unit came back and was restocked": ({}, [("fulfil", {}), ("refund", BACK)]),
    "a unit came back and was scrapped": ({}, [("fulfil", {}), ("refund", BACK | {"restock": False})]),
    "a unit that had not left": ({}, [("refund", {"line": 0, "quantity": 1})]),
    "the shipping": ({}, [("refund", {"shipping": True})]),
    "a part of the shipping, then the rest": (
        {},
        [("refund", {"shipping": "1.50"}), ("refund", {"shipping": True})],
    ),
    "goodwill": ({}, [("fulfil", {}), ("refund", {"amount": "3.33"})]),
    "a unit came back, less a restocking fee": ({}, [("fulfil", {}), ("refund", BACK | {"amount": "5.00"})]),
    "onto card and gift card": (
        {"gift_card": "30.00"},
        [
            ("fulfil", {}),
            ("refund", {"line": 0, "location": "gid://shopify/Location/1"}),
            ("refund", {"line": 1}),
        ],
    ),
    "in another currency": (
        {"currency": "JPY"},
        [("fulfil", {}), ("refund", BACK), ("refund", {"shipping": True})],
    ),
    "with the tax inside the prices": (
        {"taxes_included": True, "currency": "EUR"},
        [("fulfil", {"line": 0, "quantity": 2}), ("refund", BACK), ("refund", {"line": 1})],
    ),
    "under a discount over the lines": (
        {"discount": {"kind": "order", "percent": "33"}},
        [("fulfil", {}), ("refund", BACK), ("refund", {"line": 0, "quantity": 2, "restock": False})],
    ),
    "captured later": ({"payment": "AUTHORIZATION"}, [("capture", {})]),
    "captured in two parts, a unit back": (
        {"payment": "AUTHORIZATION", "gift_card": "10.00"},
        [("capture", {"amount": "12.34"}), ("fulfil", {}), ("capture", {}), ("refund", BACK)],
    ),
    "paid later": ({"payment": "LATER"}, [("fulfil", {}), ("pay", {"amount": "7.00"}), ("pay", {})]),
    "edited: the buyer pays for the line more": ({}, [("edit", {"add": True}), ("pay", {})]),
    "cancelled and paid back": ({"gift_card": "10.00"}, [("cancel", {})]),
    "authorised and cancelled": ({"payment": "AUTHORIZATION"}, [("cancel", {})]),
}


@pytest.fixture
async def between(tmp_path: Path) -> AsyncIterator[Between]:
    async with in_between(tmp_path) as made:
        yield made


async def agrees(between: Between, order: str) -> None:
    """Received, paid back and still to pay are the same on both sides, and so is what the order is worth."""
    shop, document = of_shop(between, order), await held(between, order)
    money = {kind: sum(amounts, Decimal(0)) for kind, amounts in between.money(document.id).items()}
    assert money["payments"] == Decimal(shop["received"])
    assert money["refunds"] == Decimal(shop["refunded"])
    if shop["cancelled"]:
        assert document.status == "cancelled"
        return
    worth = document.total - money["credits"]
    assert worth == Decimal(shop["current_total"]) + Decimal(shop["discrepancy"])
    assert worth - money["payments"] + money["refunds"] == Decimal(shop["outstanding"])


def act(between: Between, order: str, verb: str, said: Json) -> None:
    if said.get("add"):
        sku = next(c["sku"] for c in between.world.shop.state()["levels"] if c["sku"] not in between.skus)
        between.world.shop.ask("adjust", {"sku": sku, "location": "gid://shopify/Location/1", "delta": 9})
        said = {"add": {"sku": sku, "quantity": 2}}
    between.act(order, [(verb, said)])


async def test_money_that_moves_after_booking_is_entered_one_by_one(between: Between) -> None:
    for name, (basket, acts) in LIVES.items():
        order = between.order([], **basket)
        await between.ring(order, "orders/create")
        await agrees(between, order)
        for number, (verb, said) in enumerate(acts):
            act(between, order, verb, said)
            await between.ring(order, f"order_transactions/create {number}")
            await agrees(between, order)
        assert await waiting(between) == [], name


async def test_money_that_moved_before_booking_ends_the_same(between: Between) -> None:
    for name, (basket, acts) in LIVES.items():
        if acts[-1][0] == "cancel":
            continue
        order = between.order([], **basket)
        for verb, said in acts:
            act(between, order, verb, said)
        await between.ring(order, "refunds/create")
        await agrees(between, order)
        assert await waiting(between) == [], name


ARRIVALS = list(permutations(TOPICS))


@pytest.mark.parametrize("arrivals", [ARRIVALS[::5], pytest.param(ARRIVALS, marks=pytest.mark.long)], ids=len)
async def test_in_every_order_of_arrival_nothing_is_entered_twice(
    between: Between, arrivals: list[tuple[str, ...]]
) -> None:
    basket, acts = LIVES["captured in two parts, a unit back"]
    topics, ends = TOPICS, []
    for arrival in arrivals:
        order, done = between.order([], **basket), 0
        for topic in arrival:
            due = len(acts) * (topics.index(topic) + 1) // len(topics)
            for verb, said in acts[done:due]:
                act(between, order, verb, said)
            done = max(done, due)
            await between.ring(order, topic)
        await agrees(between, order)
        ends.append(await between.end(order))
    assert all(end == ends[0] for end in ends)


async def test_an_entry_whose_answer_was_lost_is_entered_once(between: Between) -> None:
    inner, calls = between.site.back_office, list[Entry]()

    async def entered_and_lost(document: DocumentId, entry: Entry) -> Any:
        calls.append(entry)
        await inner.post(document, entry)
        raise OutcomeUnknown("The line was cut.", "TrueUp looks at the document.", code="cut")

    order = between.order([])
    await between.ring(order, "orders/create")
    between.site.back_office = Other(inner, post=entered_and_lost)
    between.act(order, [("refund", {"shipping": True})])
    await between.ring(order, "refunds/create")
    between.site.back_office = inner
    await settled(between)
    await agrees(between, order)
    assert len({entry.key for entry in calls}) == 1, "it is looked for under the key it was sent with"
    assert await waiting(between) == []


async def test_where_nothing_can_be_entered_a_person_is_given_the_figures_and_believed(
    between: Between,
) -> None:
    inner = between.site.back_office
    able = inner.capabilities
    between.site.back_office = Other(inner, capabilities=replace(able, posts=frozenset()))
    order = between.order([])
    await between.ring(order, "orders/create")
    made = await held(between, order)
    between.act(order, [("refund", {"amount": "3.33"})])
    await between.ring(order, "refunds/create")
    name = of_shop(between, order)["name"]
    [(code, cause, remedy)] = await waiting(between)
    assert code == "enter_by_hand"
    assert cause == (
        f"Order {name} has a credit memo of 3.33 USD, a refund of 3.33 USD by shopify_payments since it was booked, "
        "and this back office does not take it over its interface."
    )
    assert remedy == f"Enter it for document {made.id} there by hand, then resolve this record."
    between.act(order, [("fulfil", {})])
    await between.ring(order, "fulfillments/create")
    assert (await held(between, order)).status == "shipped", "its goods are not held for it"
    await resolved(between)
    await between.ring(order, "orders/updated")
    assert await waiting(between) == []
    between.act(order, [("refund", {"shipping": True})])
    await between.ring(order, "refunds/create again")
    [(code, cause, _)] = await waiting(between)
    assert (code, "3.33" in cause) == ("enter_by_hand", False)


async def test_why_the_back_office_leaves_one_entry_to_a_person_is_told(between: Between) -> None:
    inner = between.site.back_office

    async def choosy(document: DocumentId, entry: Entry) -> Any:
        if entry.kind is EntryKind.REFUND:
            raise Refused("The deposit was applied to an invoice.", "Enter it.", code="enter_by_hand")
        return await inner.post(document, entry)

    between.site.back_office = Other(inner, post=choosy)
    order = between.order([("refund", {"amount": "3.33"})])
    await between.ring(order, "orders/create")
    [(code, cause, _)] = await waiting(between)
    assert (code, "a credit memo" in cause) == ("enter_by_hand", False)
    assert cause.endswith("over its interface (The deposit was applied to an invoice).")


async def test_where_a_return_is_a_credit_note_already_the_person_is_told(between: Between) -> None:
    inner = between.site.back_office
    able = replace(inner.capabilities, posts=frozenset(), credits_returns=True)
    between.site.back_office = Other(inner, capabilities=able)
    order = between.order([("fulfil", {})])
    await between.ring(order, "orders/create")
    between.act(order, [("refund", {"shipping": True})])
    await between.ring(order, "refunds/create")
    [(_, _, remedy)] = await waiting(between)
    assert "count towards it" not in remedy
    between.act(order, [("refund", BACK)])
    await between.ring(order, "refunds/create again")
    [(_, _, remedy)] = await waiting(between)
    assert "(the credit notes of goods booked as returned count towards it)" in remedy


async def test_what_the_bookkeeping_takes_from_elsewhere_is_not_asked_for(between: Between) -> None:
    inner = between.site.back_office
    between.site.back_office = Other(inner, capabilities=replace(inner.capabilities, posts=frozenset()))
    between.site.by_hand = frozenset({EntryKind.CREDIT})
    order = between.order([("refund", {"shipping": True})], payment="AUTHORIZATION")
    between.act(order, [("capture", {})])
    await between.ring(order, "orders/create")
    between.act(order, [("refund", {"amount": "1.11"})])
    await between.ring(order, "refunds/create")
    [(code, cause, _)] = await waiting(between)
    assert (code, "credit memo" in cause) == ("enter_by_hand", True)
    assert "a payment" not in cause
    assert "a refund" not in cause


async def test_what_moves_while_a_person_is_asked_is_asked_too(between: Between) -> None:
    inner = between.site.back_office
    between.site.back_office = Other(inner, capabilities=replace(inner.capabilities, posts=frozenset()))
    order = between.order([("refund", {"amount": "3.33"})])
    await between.ring(order, "orders/create")
    assert len(await waiting(between)) == 1
    between.act(order, [("refund", {"amount": "1.11"})])
    await between.ring(order, "refunds/create")
    [(code, cause, _)] = await waiting(between)
    assert (code, "3.33" in cause, "1.11" in cause) == ("enter_by_hand", True, True)
    await resolved(between)
    await between.ring(order, "orders/updated")
    assert await waiting(between) == []


async def resolved(between: Between) -> None:
    """A person says that they have done it."""
    site = between.site
    [row] = (await site.store.read(failed_page, filter="", limit=5, now=site.now())).rows
    assert await site.store.write(resolve, row.id, operator="ada", note="entered", now=site.now())


async def test_each_record_is_written_down_before_and_after(between: Between) -> None:
    order = between.order([("fulfil", {}), ("refund", BACK)])
    await between.ring(order, "orders/create")
    refund = of_shop(between, order)["refunds"][0]["id"]
    site = between.site
    [credit] = await site.store.read(all_effects, site.name, "back_office", "credit_memo")
    [money] = await site.store.read(all_effects, site.name, "back_office", "refund")
    assert (credit.ext_ref, credit.outcome) == (refund, "applied")
    assert (money.ext_ref.startswith("gid://shopify/OrderTransaction/"), money.outcome) == (True, "applied")
