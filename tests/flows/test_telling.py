"""Other systems hear which SKUs and orders changed: each once when all is well, and nothing is left out when it is not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.flows.site import Site
from engine.flows.telling import MOST, PATIENCE, Telling, events_of
from engine.model.clock import SystemClock
from engine.model.failure import TryLater
from engine.ports import Capabilities, Event, Tier
from engine.store.queries.changed import Changed
from engine.store.rows import LedgerLine
from engine.store.session import Store
from engine.store.tables import alert
from engine.store.verbs.ledger import append_many

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
ORDER = "gid://shopify/Order/7"


class Ticking(SystemClock):
    """Time passes when a test says so."""

    ticks = 0.0

    def monotonic(self) -> float:
        return self.ticks


class Nobody:
    """Neither of the neighbours is asked anything here."""

    capabilities = Capabilities("erp", Tier.T0, 0.0, events=False, max_concurrency=4)


@dataclass
class Ipaas:
    """Another system, which may be away."""

    came: list[Event] = field(default_factory=list)
    away: bool = False

    async def hand(self, event: Event) -> None:
        if self.away:
            raise TryLater("away", "Look at its own log")
        self.came.append(event)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


def telling(store: Store, clock: Ticking, ipaas: Ipaas) -> Telling:
    neighbour: Any = Nobody()
    return Telling(Site("main", store, neighbour, neighbour, clock, {}, subscribers={"ipaas": ipaas}))


async def happened(store: Store, *lines: tuple[str, str], of: str = "main") -> None:
    await store.write(
        append_many, of, [LedgerLine("engine", action, entity) for action, entity in lines], NOW
    )


async def later(course: Telling, clock: Ticking, seconds: float = 2.0) -> None:
    clock.ticks += seconds
    await course.round()


async def test_what_changes_is_told_once_and_what_was_before_is_not(store: Store, clock: Ticking) -> None:
    ipaas = Ipaas()
    await happened(store, ("published", "cell:OLD|L1"))
    course = telling(store, clock, ipaas)
    await course.round()
    assert ipaas.came == []

    cells = [("level moved", "cell:MUG|L1"), ("published", "cell:MUG|L2"), ("shelf moved", "cell:A|B|L1")]
    await happened(store, *cells, ("claimed", f"order:{ORDER}"), ("document", f"order:{ORDER}"))
    await happened(store, ("document", "order:gid://shopify/Order/8"), of="other")
    await later(course, clock)
    stock, orders = ipaas.came
    assert (stock.type, stock.connection, stock.skus, stock.refs) == (
        "stock.changed",
        "main",
        ("MUG", "A|B"),
        (),
    )
    assert (orders.type, orders.skus, orders.refs, orders.at) == ("orders.changed", (), (ORDER,), NOW)

    await later(course, clock)
    await later(telling(store, clock, ipaas), clock)  # the next engine
    assert len(ipaas.came) == 2


async def test_what_changes_within_a_moment_is_one_message(store: Store, clock: Ticking) -> None:
    ipaas = Ipaas()
    course = telling(store, clock, ipaas)
    await course.round()
    await happened(store, ("published", "cell:MUG|L1"))
    await later(course, clock)
    for sku in ("CUP", "CAP"):
        await happened(store, ("published", f"cell:{sku}|L1"))
        await course.round()
    assert [each.skus for each in ipaas.came] == [("MUG",)]
    await later(course, clock)
    assert [each.skus for each in ipaas.came] == [("MUG",), ("CUP", "CAP")]


async def test_one_that_is_away_is_told_everything_later_and_an_operator_hears_of_it(
    store: Store, clock: Ticking
) -> None:
    ipaas, well = Ipaas(away=True), Ipaas()
    course = telling(store, clock, ipaas)
    course._site.subscribers["well"] = well  # type: ignore[index]
    await course.round()
    await happened(store, ("published", "cell:MUG|L1"))
    for _ in range(PATIENCE):
        await later(course, clock, 400.0)
    await happened(store, ("published", "cell:CUP|L1"))
    [row] = store.read_sync(lambda tx: tx.execute(alert.select()).all())
    assert (row.code, row.entity, row.cleared_at) == ("events_not_told", "ipaas", None)
    assert "ipaas is not told" in row.cause and row.remedy == "Look at its own log."
    ipaas.away = False
    await later(course, clock, 400.0)
    await later(course, clock, 400.0)
    assert [each.skus for each in ipaas.came] == [("MUG",), ("CUP",)]
    assert [each.skus for each in well.came] == [("MUG",), ("CUP",)], "the others do not wait for it"
    assert [each.id for each in ipaas.came] == [each.id for each in well.came]
    [row] = store.read_sync(lambda tx: tx.execute(alert.select()).all())
    assert row.cleared_at is not None


def test_a_message_names_only_so_many_and_ids_differ() -> None:
    many = tuple(f"SKU-{number}" for number in range(MOST + 1))
    made = events_of("main", Changed(9, "ab" * 32, NOW, many, (ORDER,)))
    assert [(each.type, len(each.skus), len(each.refs)) for each in made] == [
        ("stock.changed", MOST, 0), ("stock.changed", 1, 0), ("orders.changed", 0, 1),
    ]  # fmt: skip
    assert len({each.id for each in made}) == 3
    assert made == events_of("main", Changed(9, "ab" * 32, NOW, many, (ORDER,)))
