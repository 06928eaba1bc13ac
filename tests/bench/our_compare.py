"""The comparison of 1,000,000 cells in a process of its own; prints its figures as JSON. Not run by hand."""

import asyncio
import json
import resource
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from big_store import PLACES, SKUS

from engine.flows.inventory import Inventory
from engine.flows.reconcile import Reconcile
from engine.flows.site import Site
from engine.model.clock import SystemClock
from engine.model.ids import ItemId, LocationId, Sku, WarehouseId
from engine.model.stock import CellKey, ShelfStock, ShopLevel, StockSnapshot
from engine.ports import Capabilities, Tier
from engine.store.session import Store
from engine.store.tables import stock
from engine.store.verbs.history import Change, keep

PAGE = 2000
CHANGED = 1000
PLACE = "gid://shopify/Location/{}"


class Meter:
    """CPU seconds that the made-up sides took to make up their answers; no part of the comparison."""

    def __init__(self) -> None:
        self.spent = 0.0
        self.mutations = 0

    def timed(self, make: Any) -> Any:
        began = time.process_time()
        made = make()
        self.spent += time.process_time() - began
        return made


def level(sku: int, place: int) -> ShopLevel:
    units = figure(sku, place)
    return ShopLevel(
        Sku(f"SKU-{sku:06d}"), ItemId(f"gid://shopify/InventoryItem/{sku}"), LocationId(PLACE.format(place)),
        active=True, tracked=True, on_hand=units, available=units, committed=0,
    )  # fmt: skip


def figure(sku: int, place: int) -> int:
    return (sku * 7 + place * 3) % 50


class Shop:
    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    async def export_levels(self) -> AsyncIterator[tuple[ShopLevel, ...]]:
        each = PAGE // PLACES
        for first in range(0, SKUS, each):
            # an export comes in the order of ids, not of SKUs
            skus = [(first + n) * 7919 % SKUS for n in range(each)]
            yield self._meter.timed(lambda skus=skus: tuple(level(s, p) for s in skus for p in range(PLACES)))

    async def read_levels(self, items: Collection[str], locations: Collection[str]) -> tuple[ShopLevel, ...]:
        skus = [int(item.rpartition("/")[2]) for item in items]
        places = [int(at.rpartition("/")[2]) for at in locations]
        return self._meter.timed(lambda: tuple(level(s, p) for s in skus for p in places))

    async def set_on_hand(self, *args: Any, **kw: Any) -> tuple[()]:
        self._meter.mutations += 1
        return ()


class BackOffice:
    capabilities = Capabilities("made up", Tier.T0, 0.0, False, 4)

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    async def products(self) -> AsyncIterator[tuple[Sku, ...]]:
        for first in range(0, SKUS, PAGE):
            yield self._meter.timed(
                lambda first=first: tuple(Sku(f"SKU-{n:06d}") for n in range(first, first + PAGE))
            )

    async def stock(self, skus: Collection[str]) -> StockSnapshot:
        def make() -> StockSnapshot:
            return StockSnapshot(
                datetime.now(UTC),
                {
                    (Sku(sku), WarehouseId(f"W{p}")): ShelfStock(figure(int(sku[4:]), p), 0, {})
                    for sku in skus
                    for p in range(PLACES)
                },
            )

        return self._meter.timed(make)


def bare() -> tuple[float, float]:
    """CPU seconds of a bare merge join of two tables of key and figure: loading them and all, and the join alone."""
    began = time.process_time()
    db = sqlite3.connect("", isolation_level=None)
    db.execute("PRAGMA cache_size = -65536")
    db.execute("BEGIN")
    for name in ("ours", "theirs"):
        db.execute(f"CREATE TABLE {name} (cell TEXT PRIMARY KEY, units INTEGER) WITHOUT ROWID")
        rows = ((f"SKU-{s:06d}|{p}", figure(s, p)) for s in range(SKUS) for p in range(PLACES))
        db.executemany(f"INSERT INTO {name} VALUES (?, ?)", rows)
    joined = time.process_time()
    (count,) = db.execute(
        "SELECT count(*) FROM ours JOIN theirs USING (cell) WHERE ours.units <> theirs.units"
    ).fetchone()
    assert count == 0
    ended = time.process_time()
    return ended - began, ended - joined


async def main(folder: Path) -> dict[str, float]:
    file = folder / "trueup.db"
    clock, meter = SystemClock(), Meter()
    store = Store.open(f"sqlite:///{file}", clock=clock)
    await store.write(known)
    places = {LocationId(PLACE.format(p)): (WarehouseId(f"W{p}"),) for p in range(PLACES)}
    site = Site("main", store, Shop(meter), BackOffice(meter), clock, places)  # type: ignore[arg-type]
    flow = Reconcile(site)
    figures: dict[str, float] = {"before_mb": peak()}
    wall, began = time.perf_counter(), time.process_time()
    done = await flow.full()
    figures["full"] = time.process_time() - began - meter.spent
    figures["full_wall"] = time.perf_counter() - wall
    figures["cells"], figures["differing"] = done.cells, done.differing
    figures["memory_mb"] = peak()
    await Inventory(site).round()
    figures["mutations"] = meter.mutations
    changed = [
        CellKey(Sku(f"SKU-{n * 97:06d}"), LocationId(PLACE.format(n % PLACES))) for n in range(CHANGED)
    ]
    at = clock.now() + timedelta(seconds=1)
    await store.write(keep, "main", "seen", [Change(key, "bench") for key in changed], at)
    meter.spent, began = 0.0, time.process_time()
    part = await flow.since_last()
    figures["since"] = time.process_time() - began - meter.spent
    figures["since_cells"] = part.cells
    await asyncio.to_thread(store.close)
    figures["bare"], figures["bare_join"] = bare()
    return figures


def known(tx: Any) -> None:
    """A million cells that both sides agree on."""
    now = datetime.now(UTC)
    rows = (
        {
            "connection": "main", "sku": f"SKU-{s:06d}", "location": PLACE.format(p),
            "item": f"gid://shopify/InventoryItem/{s}", "active": True, "tracked": True, "on_hand": figure(s, p),
            "available": figure(s, p), "committed": 0, "level_at": now, "erp_on_hand": figure(s, p),
            "erp_reserved": 0, "base": figure(s, p), "target": figure(s, p), "agreed_at": now,
        }
        for s in range(SKUS)
        for p in range(PLACES)
    )  # fmt: skip
    part: list[dict[str, Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == 10_000:
            tx.execute(stock.insert(), part)
            part = []


def peak() -> float:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(Path(sys.argv[1])))))
