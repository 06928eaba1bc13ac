"""A shop and a back office that people act in; afterwards, any figure at any second tells why."""

import asyncio
import random
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from console.assembly import open_store
from console.running import run_engine
from console.settings import load
from console.world.world import World
from engine.model.clock import SystemClock
from engine.model.explanation import Explanation
from engine.store.queries.history import explanations
from engine.store.session import Store
from engine.store.tables import LOOKS, cell_event, shop_order

FIGURES = ("on_hand", "available", "committed", "erp_on_hand", "erp_reserved", "base", "pos", "target")
PATIENCE = 60.0


def every_rule(world: World) -> None:
    """Buffers of each kind, and a kit whose components are sold by themselves too."""
    levels = [c for c in world.shop.state()["levels"] if c["location"].endswith("/1")]
    kit, one, two, fast = sorted({cell["sku"] for cell in levels})[:4]
    world.config.write_text(
        world.config.read_text()
        + f'''
[[connections.buffers]]
percent = 10
[[connections.buffers]]
skus = ["{fast}"]
velocity = true
[[connections.buffers]]
skus = ["{one}"]
units = 2
[connections.kits]
"{kit}" = {{ "{one}" = 1, "{two}" = 2 }}
'''
    )


async def played(folder: Path, looks: int) -> tuple[Store, dict[str, Any]]:
    """Let people act until so many figures were published or agreed; the store, and the shop's own account of our writes."""
    world = await asyncio.to_thread(
        World.start, folder, orders_per_minute=240.0, webhook_faults="mild", skus=8
    )
    await asyncio.to_thread(every_rule, world)
    settings = load(world.config)
    store = open_store(settings, SystemClock())
    stop = asyncio.Event()
    engine = asyncio.ensure_future(run_engine(settings, stop, store=store))
    try:
        seen = 0
        async with asyncio.timeout(
            PATIENCE + looks
        ):  # a slow machine looks less than once a second at its worst
            while await store.read(looked) < looks:
                seen = await store.changed_after(seen, 1.0)
        await asyncio.to_thread(world.stop_buyers)
    finally:
        stop.set()
        await engine
        shop = await asyncio.to_thread(world.shop.state)
        await asyncio.to_thread(world.stop)
    return store, shop


def looked(tx: Connection) -> int:
    query = select(func.count()).select_from(cell_event).where(cell_event.c.kind.in_(LOOKS))
    return int(tx.execute(query).scalar_one())


def kept(tx: Connection) -> list[Any]:
    return list(tx.execute(select(cell_event).order_by(cell_event.c.id)).all())


def orders(tx: Connection) -> set[str]:
    return set(tx.execute(select(shop_order.c.order_id)).scalars())


def last_before(rows: list[Any], at: datetime) -> Any:
    return next((row for row in reversed(rows) if row.at <= at), None)


def check(one: Explanation, rows: list[Any], known: set[str]) -> None:
    """The terms are the figure, their sources are the terms, and what they name is stored."""
    ids = {f"event:{row.id}" for row in rows}
    assert one.figure is None or one.total == one.figure
    for term in one.terms:
        assert sum(source.units for source in term.sources) == term.units, term
        for source in term.sources:
            assert source.ref in (known if source.kind == "order" else ids), source


async def probe(folder: Path, looks: int, probes: int) -> None:
    store, shop = await played(folder, looks)
    try:
        cells = defaultdict(list)
        for row in store.read_sync(kept):
            cells[row.sku, row.location].append(row)
        known, chance = store.read_sync(orders), random.Random(5)
        first, last = (
            pick(row.at for rows in cells.values() for row in rows if row.kind in LOOKS)
            for pick in (min, max)
        )
        explained, terms = 0, set[str]()
        for _ in range(probes):
            key = chance.choice(sorted(cells))
            at = first + timedelta(seconds=chance.uniform(0, (last - first).total_seconds() + 1))
            found = store.read_sync(explanations, *key, at, at)
            state = last_before(cells[key], at)
            assert len(found) == (state is not None)
            for one in found:
                check(one, cells[key], known)
                terms |= {term.name for term in one.terms}
                explained += one.figure is not None and len(one.terms) > 1
                assert one.state.event == state.id
                assert [getattr(one.state, name) for name in FIGURES] == [
                    getattr(state, name) for name in FIGURES
                ]
        assert explained > probes // 4
        assert terms >= {"buffer", "erp_reserved", "exempt"}, terms
        written = defaultdict(list)
        for write in shop["writes"]:
            written[write["sku"], write["location"]].append(write["to"])
        for key, tos in written.items():
            ours = [row.target for row in cells[key] if row.kind == "published"]
            assert ours == tos[: len(ours)]
            assert len(tos) - len(ours) <= 1  # the last one may have been answered after the stop
    finally:
        store.close()


async def test_any_figure_at_any_second_adds_up_and_names_what_is_stored(tmp_path: Path) -> None:
    await probe(tmp_path, looks=40, probes=200)


@pytest.mark.long
async def test_ten_thousand_figures_add_up(tmp_path: Path) -> None:
    await probe(tmp_path, looks=1500, probes=10_000)
