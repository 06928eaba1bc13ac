"""Whatever a genuine message says, it rings its own bell or none, and holds up nothing that came after it."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from adapters.shopify import webhooks
from engine.flows.intake import AGAIN, take_in
from engine.model.clock import SystemClock
from engine.model.ids import OrderId
from engine.store.session import Store
from engine.store.tables import work
from engine.store.tx import Tx
from engine.store.verbs.inbox import receive, take_inbox
from engine.store.verbs.orders import remember_order

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBERS = itertools.count(1)
TOPICS = (
    "orders/create", "orders/cancelled", "refunds/create", "fulfillments/create", "inventory_levels/update", "",
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    "id", "updated_at", "created_at", "admin_graphql_api_id", "order_id", "inventory_item_id", "location_id", "available", "skus", "refs",
)  # fmt: skip
BODIES = ANYTHING | st.dictionaries(st.sampled_from(FIELDS), ANYTHING)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("inbox")
    opened = Store.open(f"sqlite:///{folder / 'store.db'}", clock=SystemClock())
    yield opened
    opened.close()


def keep(store: Store, source: str, topic: str, body: object) -> None:
    """As the listener keeps it."""
    resource, version = webhooks.resource(topic, body) if source == "shop" else ("", "")
    store.write_sync(
        receive, connection="main", source=source, webhook_id=f"w-{next(NUMBERS)}", topic=topic, resource=resource,
        resource_version=version, body=orjson.dumps(body), triggered_at=None, now=NOW,
    )  # fmt: skip


def due(store: Store, order: str) -> timedelta:
    """How long after NOW it is looked at."""

    def when(tx: Tx) -> datetime:
        return tx.execute(select(work.c.due_at).where(work.c.key == order)).scalar_one()

    return store.read_sync(when) - NOW


def taken_in(store: Store) -> set[str]:
    """What is to be looked at once the inbox is empty."""
    while rows := store.read_sync(take_inbox, "main", 100):
        store.write_sync(take_in, "main", rows, NOW)

    def keys(tx: Tx) -> set[str]:
        return set(tx.execute(select(work.c.key)).scalars())

    return store.read_sync(keys)


@given(source=st.sampled_from(["shop", "back_office"]), topic=st.sampled_from(TOPICS), body=BODIES)
@settings(max_examples=150, deadline=None)
def test_no_body_holds_up_the_order_that_comes_after_it(
    store: Store, source: str, topic: str, body: object
) -> None:
    number = next(NUMBERS)
    keep(store, source, topic, body)
    keep(store, "shop", "orders/create", {"admin_graphql_api_id": f"gid://shopify/Order/{number}"})
    assert f"gid://shopify/Order/{number}" in taken_in(store)


@pytest.mark.parametrize(
    ("source", "topic", "body"),
    [
        ("back_office", "stock.changed", {"skus": 5, "refs": {"a": 1}}),
        ("back_office", "stock.changed", {"skus": [None, {"a": 1}], "refs": [3]}),
        ("shop", "orders/create", {"id": None}),
        ("shop", "orders/create", {"admin_graphql_api_id": "gid://shopify/Product/1"}),
        ("shop", "refunds/create", {"order_id": {"x": 1}}),
        ("shop", "inventory_levels/update", {"inventory_item_id": [1], "location_id": True}),
    ],
)
def test_a_message_that_names_nothing_we_know_rings_no_bell(
    store: Store, source: str, topic: str, body: object
) -> None:
    before = taken_in(store)
    keep(store, source, topic, body)
    assert taken_in(store) == before


@pytest.mark.parametrize(
    ("topic", "dates", "wait"),
    [
        ("orders/updated", {"updated_at": "2026-03-01T11:59:59Z"}, AGAIN),
        ("orders/updated", {"updated_at": "2026-03-01T07:00:00-04:00"}, AGAIN),
        ("refunds/create", {"created_at": "2026-03-01T11:59:58Z"}, AGAIN),
        ("orders/updated", {"updated_at": "2026-03-01T12:00:00Z"}, timedelta()),
        ("orders/cancelled", {"updated_at": "2026-03-01T11:59:59Z"}, timedelta()),
        ("orders/updated", {}, timedelta()),
        ("orders/updated", {"updated_at": "2026-03-01T11:59:59"}, timedelta()),
        ("orders/updated", {"updated_at": "soon"}, timedelta()),
        ("orders/updated", {"updated_at": 5}, timedelta()),
    ],
)
def test_a_message_that_tells_nothing_newer_than_what_was_read_waits_for_others_of_its_kind(
    store: Store, topic: str, dates: dict[str, object], wait: timedelta
) -> None:
    """Several topics tell of one change, and each reading of an order costs the shop's allowance."""
    order = f"gid://shopify/Order/{next(NUMBERS)}"
    read = datetime(2026, 3, 1, 11, 59, 59, tzinfo=UTC)
    store.write_sync(remember_order, "main", OrderId(order), "#1", read, "{}", [], "open", None, NOW)
    names = {"order_id": int(order.rsplit("/", 1)[1]), "admin_graphql_api_id": order}
    keep(store, "shop", topic, names | dates)
    taken_in(store)
    assert due(store, order) == wait
