"""Orders and documents are merged into what is known, never replaced by something older."""

from datetime import datetime, timedelta
from decimal import Decimal

from engine.model.ids import LocationId, OrderId, Sku
from engine.model.stock import OrderCell
from engine.store.session import Store
from engine.store.verbs.orders import document_seen, read_orders, remember_order
from tests.stored import order_cells

ORDER = OrderId("gid://shopify/Order/1")
MUG, L1 = Sku("MUG"), LocationId("L1")
LATER = timedelta(seconds=5)


def remember(store: Store, updated_at: datetime, *cells: OrderCell, state: str = "open") -> bool:
    return store.write_sync(
        remember_order, "main", ORDER, "#1001", updated_at, "{}", cells, state, Decimal("19.99"), updated_at
    )


def units(order: OrderId, committed: int, fulfilled: int = 0, at: datetime | None = None) -> OrderCell:
    return OrderCell(order, MUG, L1, committed, fulfilled, at, 0)


def test_a_newer_view_replaces_the_units_of_an_order(store: Store, now: datetime) -> None:
    assert remember(store, now, units(ORDER, 2))
    after = units(ORDER, 0, 2, now + LATER)
    assert remember(store, now + LATER, after, state="fulfilled")
    assert store.read_sync(order_cells, "main", [MUG]) == [after]
    assert store.read_sync(read_orders, "main", [ORDER])[ORDER].state == "fulfilled"


def test_an_older_view_that_arrives_late_is_ignored(store: Store, now: datetime) -> None:
    assert remember(store, now + LATER, units(ORDER, 1))
    assert not remember(store, now, units(ORDER, 9))
    assert remember(store, now + LATER, units(ORDER, 1))
    assert store.read_sync(order_cells, "main", [MUG]) == [units(ORDER, 1)]


def test_the_document_of_an_order_is_kept_through_later_views(store: Store, now: datetime) -> None:
    assert not store.write_sync(document_seen, "main", ORDER, "SO7", "open", "[]", now)
    remember(store, now)
    assert store.write_sync(document_seen, "main", ORDER, "SO7", "shipped", "[1]", now)
    remember(store, now + LATER)
    kept = store.read_sync(read_orders, "main", [ORDER])[ORDER]
    assert (kept.document_id, kept.document_status, kept.document_lines) == ("SO7", "shipped", "[1]")
    assert (kept.first_seen_at, kept.total) == (now, Decimal("19.99"))
