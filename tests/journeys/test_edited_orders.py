"""What is taken out of an order or put in after it was booked reaches the back office, or somebody is told."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.model.clock import Clock
from engine.model.failure import OutcomeUnknown
from engine.model.ids import DocumentId, OrderId
from engine.model.sale import Document, DocumentStatus, SalesDocument
from engine.ports import Amends, BackOffice, Capabilities
from engine.store.queries.failed import failed_page
from engine.store.verbs.effect import all_effects
from tests.journeys.between import Between, Json, in_between


@pytest.fixture
async def between(tmp_path: Path) -> AsyncIterator[Between]:
    async with in_between(tmp_path) as made:
        yield made


def of_shop(between: Between, order: str) -> Json:
    found: Json = next(one for one in between.world.shop.state()["orders"] if one["id"] == order)
    return found


async def held(between: Between, order: str) -> Document:
    found: Document = (await between.site.back_office.documents([OrderId(order)]))[OrderId(order)]
    return found


async def agrees(between: Between, order: str) -> None:
    """The document has the units that Shopify still wants, reserves those that have not left, and is worth the order."""
    shop, document = of_shop(between, order), await held(between, order)
    assert document.total == Decimal(shop["standing_total"])
    wanted = {line["sku"]: line["current_quantity"] for line in shop["lines"] if line["current_quantity"]}
    assert {line.sku: line.quantity for line in document.lines} == wanted
    snapshot = await between.site.back_office.stock([line["sku"] for line in shop["lines"]])
    for line in shop["lines"]:
        promised = sum(
            shelf.reserved_for.get(OrderId(order), 0)
            for (sku, _), shelf in snapshot.shelves.items()
            if sku == line["sku"]
        )
        assert promised == line["current_quantity"] - line["fulfilled"], line["sku"]


EDITS: dict[str, list[tuple[str, Json]]] = {
    "fewer units of a line": [("edit", {"line": 0, "quantity": 1})],
    "a line taken out": [("edit", {"line": 1, "quantity": 0})],
    "units refunded before they left": [("refund", {"line": 0, "quantity": 2})],
    "a line refunded and not restocked": [("refund", {"line": 1, "restock": False})],
    "a line put in": [("add", {})],
    "one line out, another in": [("edit", {"line": 1, "quantity": 0}), ("add", {})],
    "fewer, and fewer again": [("edit", {"line": 0, "quantity": 2}), ("edit", {"line": 0, "quantity": 1})],
    "a part ships, then the rest is taken out": [
        ("fulfil", {"line": 0, "quantity": 1}),
        ("refund", {"line": 0, "quantity": 2}),
    ],
}


async def test_an_edit_after_booking_reaches_the_document(between: Between) -> None:
    for name, acts in EDITS.items():
        for each_told in (False, True):
            order = between.order([])
            await between.ring(order, "orders/create")
            await agrees(between, order)
            for number, act in enumerate(acts):
                do(between, order, act)
                if each_told:
                    await between.ring(order, f"orders/updated {number}")
            await between.ring(order, "orders/edited")
            await agrees(between, order)
            assert await waiting(between) == [], name


def do(between: Between, order: str, act: tuple[str, Json]) -> None:
    verb, said = act
    if verb == "add":
        sku = next(c["sku"] for c in between.world.shop.state()["levels"] if c["sku"] not in between.skus)
        between.world.shop.ask("adjust", {"sku": sku, "location": "gid://shopify/Location/1", "delta": 9})
        asked = {"order": order, "add": {"sku": sku, "quantity": 2}}
        assert between.world.shop.ask("edit", asked) is not None
    else:
        between.act(order, [(verb, said)])


async def waiting(between: Between) -> list[tuple[str, str, str]]:
    """(code, cause, remedy) of what waits for a person on screen 4."""
    site = between.site
    page = await site.store.read(failed_page, filter="", limit=50, now=site.now())
    return [(row.code, row.cause, row.remedy) for row in page.rows]


async def test_everything_taken_out_and_paid_back_cancels_the_document(between: Between) -> None:
    order = between.order([])
    await between.ring(order, "orders/create")
    between.act(order, [("cancel", {})])
    await between.ring(order, "orders/updated")
    assert (await held(between, order)).status is DocumentStatus.CANCELLED


class Other:
    """The same back office with one verb answered otherwise."""

    def __init__(self, inner: BackOffice, **verbs: Any) -> None:
        self._inner, self._verbs = inner, verbs

    def __getattr__(self, name: str) -> Any:
        return self._verbs.get(name) or getattr(self._inner, name)


def able(inner: BackOffice, amends: Amends) -> Capabilities:
    was = inner.capabilities
    return Capabilities(
        was.name, was.tier, was.settle_seconds, was.events, was.max_concurrency, amends=amends
    )


async def test_where_nothing_can_be_changed_a_person_is_told_what_to_change(between: Between) -> None:
    inner = between.site.back_office
    between.site.back_office = Other(inner, capabilities=able(inner, Amends.NOTHING))
    order = between.order([])
    await between.ring(order, "orders/create")
    made = await held(between, order)
    between.act(order, [("edit", {"line": 0, "quantity": 1})])
    await between.ring(order, "orders/edited")
    name = of_shop(between, order)["name"]
    [(code, cause, remedy)] = await waiting(between)
    assert code == "cannot_amend"
    assert cause.startswith(f"Order {name} was changed after it was booked (2 fewer of {between.skus[0]})")
    worth = of_shop(between, order)["standing_total"]
    assert remedy == f"Change document {made.id} there by hand until its total is {worth}, and retry."
    assert await held(between, order) == made


async def test_an_answer_that_was_lost_is_found_and_not_asked_for_again(between: Between) -> None:
    inner, calls = between.site.back_office, list[SalesDocument]()

    async def applied_and_lost(document: DocumentId, sale: SalesDocument) -> Document:
        calls.append(sale)
        await inner.amend(document, sale)
        raise OutcomeUnknown("The line was cut.", "TrueUp looks at the document.", code="cut")

    order = between.order([])
    await between.ring(order, "orders/create")
    between.site.back_office = Other(inner, amend=applied_and_lost)
    between.act(order, [("edit", {"line": 0, "quantity": 1})])
    await between.ring(order, "orders/edited")
    assert [effect.outcome for effect in await effects(between)] == ["unknown"]
    await settled(between)
    await agrees(between, order)
    assert len(calls) == 1
    assert [effect.outcome for effect in await effects(between)] == ["applied"]
    assert await waiting(between) == []


async def test_an_amendment_that_arrives_late_is_made_good_again(between: Between) -> None:
    """It was lost, another edit followed and was booked, and then the first one arrived after all."""
    inner, late = between.site.back_office, list[Callable[[], Any]]()

    async def lost(document: DocumentId, sale: SalesDocument) -> Document:
        late.append(lambda: inner.amend(document, sale))
        raise OutcomeUnknown("The line was cut.", "TrueUp looks at the document.", code="cut")

    order = between.order([])
    await between.ring(order, "orders/create")
    between.site.back_office = Other(inner, amend=lost)
    between.act(order, [("edit", {"line": 0, "quantity": 2})])
    await between.ring(order, "orders/edited")
    between.site.back_office = inner
    between.act(order, [("edit", {"line": 0, "quantity": 1})])
    await between.ring(order, "orders/updated")
    await settled(between)
    await agrees(between, order)
    await late[0]()
    await between.ring(order, "orders/updated once more")
    await agrees(between, order)
    assert await waiting(between) == []


class Later:
    """A clock that is an hour ahead: whatever waited is due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now() + timedelta(hours=1)

    def monotonic(self) -> float:
        return self._clock.monotonic()


async def settled(between: Between) -> None:
    """Do what is put off."""
    between.site.clock = Later(between.site.clock)
    await between.work()


async def effects(between: Between) -> list[Any]:
    found: list[Any] = await between.site.store.read(all_effects, between.site.name, "back_office", "amend")
    return found
