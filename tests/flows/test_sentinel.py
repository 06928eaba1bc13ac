"""Two documents of one order do not go unnoticed: found by the sentinel, shown with both numbers, gone with one of them."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from adapters.odoo.back_office import OdooBackOffice
from adapters.odoo.sandbox import OdooSandbox
from adapters.odoo.sandbox import start as start_odoo
from engine.flows import sentinel
from engine.flows.sentinel import LATELY, Sentinel
from engine.flows.site import Site
from engine.model.clock import SystemClock
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, Payment, SalesDocument, SalesLine
from engine.ports import Capabilities, Tier
from engine.store.queries.pulse import pulse
from engine.store.rows import FailureNote
from engine.store.session import Store
from engine.store.verbs.claim import claim
from engine.store.verbs.endings import uncertain
from engine.store.verbs.ledger import verify
from engine.store.verbs.orders import document_seen, remember_order
from engine.store.verbs.work import enqueue
from engine.store.verbs.xref import link

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ORDER = OrderId("gid://shopify/Order/1")
NOTE = FailureNote("No answer.", "It is looked up.")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def odoo() -> Iterator[OdooSandbox]:
    running = start_odoo(skus=["CUP"], stock={("CUP", 0): 10}, currency="EUR", version=19)
    yield running
    running.stop()


def site(store: Store, office: Any, now: datetime = NOW) -> Site:
    return cast(Site, SimpleNamespace(name="main", store=store, back_office=office, now=lambda: now))


def booked(store: Store, order: OrderId, name: str, document: str, at: datetime = NOW) -> None:
    write = store.write_sync
    write(remember_order, "main", order, name, at, "{}", [], "open", Decimal(1), at)
    write(document_seen, "main", order, document, "open", "[]", at)
    write(link, "main", "order", order, document, at)


def doubt(store: Store, order: OrderId) -> None:
    """A create of this order had no answer."""
    write = store.write_sync
    write(enqueue, connection="main", kind="order", key=order, lane=1, due_at=NOW, now=NOW)
    [work] = write(claim, connection="main", epoch=1, now=NOW, lanes=(1,) * 5, lease_seconds=60)
    write(uncertain, work.id, 1, NOW + timedelta(days=1), NOTE, NOW)


def alarms(store: Store) -> tuple[tuple[str, str], ...]:
    return store.read_sync(pulse, me=None, now=NOW).alarms


class Paper:
    """A back office that remembers what it was asked for."""

    def __init__(self, copies: Mapping[OrderId, tuple[str, ...]], tier: Tier = Tier.T2) -> None:
        self.capabilities = Capabilities("paper", tier, 60.0, events=False, max_concurrency=1)
        self.held, self.asked = copies, list[set[OrderId]]()

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        self.asked.append(set(refs))
        return {ref: tuple(map(DocumentId, self.held[ref])) for ref in refs if ref in self.held}


async def test_two_documents_in_odoo_are_shown_by_number_until_one_is_cancelled(
    store: Store, odoo: OdooSandbox
) -> None:
    office = OdooBackOffice(
        odoo.url, database=odoo.database, user=odoo.user, key=odoo.key, protocol="json2", clock=SystemClock()
    )
    line = SalesLine(
        "1", LineKind.GOODS, Sku("CUP"), "Cup", 1, Decimal(5), Decimal(0), Decimal(0), (), WarehouseId("WH1")
    )
    paid = Payment("p", "SALE", "cards", Decimal(5))
    made = await office.create(
        SalesDocument(
            ORDER, "#1001", NOW, "EUR", False, (line,), Decimal(5), "EUR", Decimal(5), (paid,), "Ada Buyer",
            "buyer@example.com", ("Ada Buyer", "1 Long Street", "10115 Berlin", "DE"), "",
        )
    )  # fmt: skip
    booked(store, ORDER, "#1001", made.id)
    watch = Sentinel(site(store, office))
    await watch.look()
    assert alarms(store) == ()
    async with httpx.AsyncClient(base_url=odoo.url, trust_env=False) as staff:
        second = (await staff.post("/_control/double", json={"document": ORDER})).json()["document"]
    await watch.look()
    [(cause, remedy)] = alarms(store)
    assert cause == f"Order #1001 has 2 documents in the back office: {made.id} and {second}."
    assert remedy.startswith(f"TrueUp keeps to {made.id}: cancel {second} there")
    await watch.look()
    assert len(alarms(store)) == 1
    await office.cancel(DocumentId(second))
    await watch.look()
    assert alarms(store) == ()
    assert store.read_sync(verify) is None
    await office.aclose()


async def test_an_order_once_in_doubt_is_asked_about_however_long_ago_it_was(store: Store) -> None:
    doubt(store, ORDER)
    office = Paper({ORDER: ("7", "9")})
    await Sentinel(site(store, office, NOW + timedelta(days=400))).look()
    assert office.asked == [{ORDER}]
    [(cause, _)] = alarms(store)
    assert "7 and 9" in cause


async def test_orders_once_in_doubt_are_asked_about_by_turns(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentinel, "AT_ONCE", 2)
    orders = [OrderId(f"gid://shopify/Order/{number}") for number in range(1, 6)]
    for order in orders:
        doubt(store, order)
    office = Paper({})
    watch = Sentinel(site(store, office))
    for _ in range(4):
        await watch.look()
    assert office.asked == [set(orders[:2]), set(orders[2:4]), {orders[4]}, set(orders[:2])]


async def test_an_order_that_was_never_in_doubt_is_asked_about_for_a_while_only(store: Store) -> None:
    booked(store, ORDER, "#1001", "7")
    office = Paper({ORDER: ("7",)})
    await Sentinel(site(store, office, NOW + LATELY)).look()
    await Sentinel(site(store, office, NOW + LATELY + timedelta(seconds=1))).look()
    assert office.asked == [{ORDER}]


async def test_a_back_office_that_cannot_be_asked_is_not_asked(store: Store) -> None:
    doubt(store, ORDER)
    office = Paper({ORDER: ("7", "9")}, Tier.T3)
    await Sentinel(site(store, office)).look()
    assert office.asked == []
