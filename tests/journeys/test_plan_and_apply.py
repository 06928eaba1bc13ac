"""Drift that nobody told us of is planned with its cause, and run exactly as planned."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.assembly import open_store
from console.planning import make_plan, run_plan, stored_plan
from console.running import run_engine
from console.settings import Settings, SettingsTrouble, load
from console.world.world import World
from engine.front import Front
from engine.model.clock import SystemClock
from engine.model.ids import LocationId, Sku
from engine.model.plan import Plan
from engine.model.stock import CellKey
from engine.store.session import Store
from engine.store.tables import cell_event, command, ledger, stock
from engine.store.verbs.stock import mark_dirty

PLACES = 4
Cell = tuple[str, int]
"""SKU and number of the place, from 1 on."""


@dataclass
class Site:
    """Both sides in agreement, and nobody at work between them."""

    world: World
    settings: Settings
    store: Store

    def cells(self) -> list[Cell]:
        return sorted(self.levels())

    def levels(self) -> dict[Cell, int]:
        return {
            (row["sku"], place(row["location"])): row["on_hand"] for row in self.world.shop.state()["levels"]
        }

    def mutations(self) -> tuple[int, int]:
        """Calls that could change something, and changes of stock, by the shop's own account."""
        state = self.world.shop.state()
        return sum(state["api"]["mutations"].values()), len(state["writes"])

    def edit(self, cell: Cell, delta: int) -> None:
        done = self.world.shop.ask(
            "adjust", {"sku": cell[0], "location": f"gid://shopify/Location/{cell[1]}", "delta": delta}
        )
        assert done is not None

    def receive(self, cell: Cell, units: int) -> None:
        done = self.world.erp.ask("receipt", {"sku": cell[0], "warehouse": f"WH{cell[1]}", "quantity": units})
        assert done is not None

    def sell(self, cell: Cell, units: int) -> None:
        done = self.world.erp.ask("sale", {"sku": cell[0], "warehouse": f"WH{cell[1]}", "quantity": units})
        assert done is not None


def place(location: str) -> int:
    return int(location.rpartition("/")[2])


def found(plan: Plan) -> dict[Cell, tuple[int, int | None, str, str]]:
    return {
        (row.sku, place(row.location)): (row.before, row.after, row.cause, row.state) for row in plan.rows
    }


@asynccontextmanager
async def agreed(folder: Path, skus: int) -> AsyncIterator[Site]:
    """A world in which the engine has run until every cell was agreed, and has stopped."""
    world = await asyncio.to_thread(
        World.start, folder, orders_per_minute=0.0, webhook_faults="none", skus=skus, locations=PLACES
    )
    loaded = load(world.config)
    quick = loaded.engine.model_copy(update={"orders_poll_seconds": 1.0, "listing_lag_seconds": 1.0})
    settings = loaded.model_copy(update={"engine": quick})
    store = open_store(settings, SystemClock())
    try:
        await run_until(settings, store, all_agreed)
        yield Site(world, settings, store)
    finally:
        await asyncio.to_thread(store.close)
        await asyncio.to_thread(world.stop)


async def run_until(settings: Settings, store: Store, holds: Callable[[Any], bool]) -> None:
    stop, seen = asyncio.Event(), 0
    engine = asyncio.ensure_future(run_engine(settings, stop, store=store))
    try:
        async with asyncio.timeout(90):
            while not await store.read(holds):
                seen = await store.changed_after(seen, 0.5)
    finally:
        stop.set()
        await engine


def all_agreed(tx: Any) -> bool:
    rows = tx.execute(stock.select()).all()
    return bool(rows) and all(row.base is not None and row.dirty_lane is None for row in rows)


def all_done(tx: Any) -> bool:
    return all(row.finished_at is not None for row in tx.execute(command.select()))


def drifted(site: Site, cells: list[Cell]) -> dict[Cell, str]:
    """Inject a drift into each of these cells without telling us; the cause of each."""
    causes: dict[Cell, str] = {}
    for number, cell in enumerate(cells):
        match number % 5:
            case 0 | 1:
                site.edit(cell, 1 + number % 3)
                causes[cell] = "second writer"
            case 2 | 3:
                site.sell(cell, 1 + number % 3)
                causes[cell] = "missed event"
            case _:
                site.receive(cell, 1 + number % 4)
                causes[cell] = "missed event"
    return causes


async def injected_and_repaired(folder: Path, skus: int, drifts: int, moved: int) -> None:
    async with agreed(folder, skus) as site:
        before = site.levels()
        chosen = site.cells()[: drifts * 2 : 2]
        causes = await asyncio.to_thread(drifted, site, chosen)
        held, calls = site.levels(), site.mutations()
        erp = await asyncio.to_thread(site.world.erp.state)
        plan = await make_plan(site.settings, None, "olga")

        assert site.mutations() == calls
        after = await asyncio.to_thread(site.world.erp.state)
        assert (after["shelves"], after["documents"]) == (erp["shelves"], erp["documents"])
        assert plan.compared == skus * PLACES
        assert {cell: cause for cell, (_, _, cause, _) in found(plan).items()} == causes
        for cell, (was, wanted, cause, state) in found(plan).items():
            assert (was, state) == (held[cell], "planned")
            if cause == "second writer":
                assert wanted == before[cell]

        strayed = set(chosen[:: drifts // moved][:moved])
        for cell in strayed:
            site.edit(cell, 1)
        done = await run_plan(site.settings, plan, None, "olga")
        refused = {(row.sku, place(row.location)) for row in done.in_state("refused")}
        assert refused == strayed
        assert all("level moved" in row.note for row in done.in_state("refused"))
        now = site.levels()
        for cell, (was, wanted, _, _) in found(plan).items():
            assert now[cell] == (was + 1 if cell in strayed else wanted)
        assert {cell: now[cell] for cell in now if cell not in causes} == {
            cell: before[cell] for cell in before if cell not in causes
        }
        assert site.mutations()[1] == calls[1] + drifts - moved

        lines = site.store.read_sync(lambda tx: tx.execute(ledger.select()).all())
        told = [row for row in lines if row.actor == "olga" and row.action == "plan applied"]
        assert len(told) == drifts - moved
        events = site.store.read_sync(lambda tx: tx.execute(cell_event.select()).all())
        ours = [row for row in events if row.kind == "published" and row.cause == f"plan {plan.id} of olga"]
        assert len(ours) == drifts - moved

        again = await make_plan(site.settings, None, "olga")
        assert set(found(again)) == strayed


async def test_drifts_are_listed_with_their_cause_repaired_and_refused_where_the_level_moved(
    tmp_path: Path,
) -> None:
    await injected_and_repaired(tmp_path, skus=20, drifts=40, moved=2)


async def test_a_run_cut_off_after_its_writes_says_already_done_when_it_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with agreed(tmp_path, 6) as site:
        chosen = site.cells()[:6]
        await asyncio.to_thread(drifted, site, chosen)
        plan = await make_plan(site.settings, None, "olga")

        def dies(*_: object) -> None:
            raise RuntimeError("the machine lost its power")

        with monkeypatch.context() as cut:
            cut.setattr("engine.flows.stock_plan.settle_plan_rows", dies)
            with pytest.raises(ExceptionGroup):
                await run_plan(site.settings, plan, None, "olga")
        written, calls = site.levels(), site.mutations()
        assert {cell: written[cell] for cell in chosen} == {cell: row[1] for cell, row in found(plan).items()}
        site.sell(chosen[-1], 1)
        site.edit(chosen[-1], -1)
        done = await run_plan(site.settings, plan, None, "olga")
        assert [row.state for row in done.rows] == ["applied"] * 6
        assert all(row.note.startswith("Already done") for row in done.rows)
        assert site.mutations() == calls


@pytest.mark.long
async def test_five_hundred_drifts_of_which_five_percent_moved_in_between(tmp_path: Path) -> None:
    await injected_and_repaired(tmp_path, skus=250, drifts=500, moved=25)


async def test_every_other_cause_is_told_and_left_to_a_person_or_the_engine(tmp_path: Path) -> None:
    async with agreed(tmp_path, 4) as site:
        sku, *others = sorted({cell[0] for cell in site.cells()})
        site.edit((sku, 1), -2)
        sold = site.world.shop.ask(
            "till", {"location": "gid://shopify/Location/2", "lines": [{"sku": sku, "quantity": 1}]}
        )
        assert sold is not None
        site.sell((others[0], 3), 1)
        told = CellKey(Sku(others[0]), LocationId("gid://shopify/Location/3"))
        site.store.write_sync(mark_dirty, "main", [told], reason="told", lane=0, now=SystemClock().now())
        plan = await make_plan(site.settings, None, "olga")
        rows = {cell: (cause, state) for cell, (_, _, cause, state) in found(plan).items()}
        assert rows == {
            (sku, 1): ("second writer", "shown"),
            (sku, 2): ("missed event", "shown"),
            (others[0], 3): ("in flight", "planned"),
        }


async def test_a_running_engine_makes_the_plan_and_runs_it(tmp_path: Path) -> None:
    async with agreed(tmp_path, 4) as site:
        stop, ready = asyncio.Event(), asyncio.Event()
        engine = asyncio.ensure_future(run_engine(site.settings, stop, store=site.store, started=ready.set))
        try:
            await ready.wait()
            seen = 0
            desk = Front(site.store, environment="test", clock=SystemClock())
            while (await desk.pulse()).engine == "stopped":
                seen = await site.store.changed_after(seen, 0.5)
            plan = await make_plan(site.settings, "main", "olga")
            assert (plan.compared, plan.made_by) == (16, "olga")
            done = await run_plan(site.settings, plan, None, "olga")
            assert done.applied_by == "olga"

            sku = site.cells()[0][0]
            cells = tuple((sku, f"gid://shopify/Location/{at}") for at in (1, 2))
            for ask in (desk.plan_cells, desk.look_again):
                asked = await ask((*cells, ("nosuch", "nowhere")), operator="olga")
                assert (asked.accepted, len(asked.refused)) == (2, 1)
            while not await site.store.read(all_done):
                seen = await site.store.changed_after(seen, 0.5)
            newest = (await desk.plans())[0]
            assert (newest.compared, newest.made_by, newest.planned) == (2, "olga", 0)
            lines = await site.store.read(lambda tx: tx.execute(ledger.select()).all())
            assert "look: 2 of 2 cells to be looked at" in {line.detail for line in lines}
            assert "2: asked for by olga" in {row.detail for row in lines if row.action == "cells marked"}
        finally:
            stop.set()
            await engine


async def test_a_plan_of_another_connection_or_number_is_refused(tmp_path: Path) -> None:
    async with agreed(tmp_path, 1) as site:
        assert await stored_plan(site.settings, 99) is None
        with pytest.raises(SettingsTrouble) as no:
            await make_plan(site.settings, "other", "olga")
        assert no.value.remedy
