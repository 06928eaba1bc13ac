"""A plan of stock: everything is read and decided as the engine would, nothing is written; then rows are run.

Running a row is the engine's own write with its own checks. A row is only written while the level still is what
the plan saw and the rule still wants what the plan said: an operator approved these two figures and no others.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from engine.flows.buffers import take_up_holds
from engine.flows.cell_reading import Reading, read_all
from engine.flows.deciding import decided
from engine.flows.inventory import ROUND
from engine.flows.left_alone import reason
from engine.flows.levels import LevelWriter, Planned
from engine.flows.places import take_up_places
from engine.flows.shadow import writes_level
from engine.flows.site import Site
from engine.flows.twice import take_up_twice
from engine.flows.untold import untold_cells
from engine.model.failure import Refused
from engine.model.ids import LocationId, Sku
from engine.model.plan import Plan, PlanRow
from engine.model.stock import CellKey
from engine.stock.drift import REMEDY, Cause, Compared, classify, left_alone
from engine.store.queries.plans import busy_cells, cells_after, read_plan, written_by
from engine.store.rows import CellState
from engine.store.verbs.plans import (
    add_plan_rows,
    because,
    begin_plan,
    close_plan,
    complete_plan,
    settle_plan_rows,
)
from engine.store.verbs.stock import cell_states, see_level

OUT_OF_REACH = {
    "location_unmapped": Cause.UNMAPPED, "sku_unknown": Cause.UNKNOWN_SKU, "sku_twice": Cause.SKU_TWICE,
}  # fmt: skip
"""Causes by the code of the reason for which a cell is left alone; any other is left alone on purpose."""
PERSON = "An unexplained fall is taken for a sale until a person decides."
ALREADY = "Already done by an earlier run of the plan, which ended before it could say so."
DOUBTFUL = "An earlier write of the cell has not been answered and may still arrive."
THEIRS = "Another connector writes this cell: take its location over first (trueup golive)."
Outcome = tuple[str, str]
"""`applied` or `refused`, and why."""


class StockPlans:
    """Plans of one connection."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._writer = LevelWriter(site)

    async def make(self, operator: str, only: Sequence[CellKey] | None = None) -> int:
        """Compare every tracked cell, or only these, and keep what differs; the number of the plan. Raises Failure."""
        site = self._site
        await take_up_places(site)
        await take_up_twice(site)
        await take_up_holds(site)
        number = await site.store.write(begin_plan, site.name, "stock", operator, site.now())
        known: set[Sku] = set()
        async for page in site.back_office.products():
            known.update(page)
        untold = await untold_cells(site)
        async for cells in self._rounds(only):
            rows = await self._compared(cells, known, untold)
            await site.store.write(add_plan_rows, number, rows, len(cells))
        await site.store.write(complete_plan, number, site.now())
        return number

    async def _rounds(self, only: Sequence[CellKey] | None) -> AsyncIterator[list[CellState]]:
        """The cells to compare, as many at a time as one round reads."""
        store, name = self._site.store, self._site.name
        if only is not None:
            for start in range(0, len(only), ROUND):
                if known := await store.read(cell_states, name, only[start : start + ROUND]):
                    yield known
            return
        after: CellKey | None = None
        while cells := await store.read(cells_after, name, after, ROUND):
            yield cells
            after = cells[-1].key

    async def _compared(
        self, cells: Sequence[CellState], known: Collection[Sku], untold: Collection[CellKey]
    ) -> list[PlanRow]:
        site = self._site
        reading = await read_all(site, cells, keep=False)
        busy = await site.store.read(busy_cells, site.name, sorted({cell.sku for cell in cells}))
        rows: list[PlanRow] = []
        for cell in cells:
            note = reason(cell, site, known)
            if note is not None:
                row = self._out_of_reach(cell, reading, OUT_OF_REACH.get(note.code))
            elif cell.key not in reading.levels:
                row = self._out_of_reach(cell, reading, Cause.INACTIVE)
            else:
                plan = decided(site, cell, reading)
                told = cell.dirty_lane is not None or cell.key in busy
                row = _row(
                    plan, told, cell.key in untold, not plan.settles(site.clock, site.rhythm.freshness)
                )
            if row is not None:
                rows.append(row)
        return rows

    def _out_of_reach(self, cell: CellState, reading: Reading, cause: Cause | None) -> PlanRow | None:
        level = reading.levels.get(cell.key)
        before, free = level.on_hand if level else 0, 0
        if cause is Cause.INACTIVE:
            free = reading.shelf(cell.key).on_hand
        found = left_alone(cause, before, free) if cause else None
        return (
            PlanRow(cell.sku, cell.location, before, None, found, "shown", REMEDY[found]) if found else None
        )

    async def run(self, number: int, operator: str, only: Collection[CellKey] | None = None) -> None:
        """Write what is still planned, or of it only these cells; every outcome is kept.

        Raises Refused when the plan cannot be run. A Failure of a remote leaves the rest planned: run it again.
        """
        site = self._site
        plan = runnable(await site.store.read(read_plan, number), site.name, number)
        planned = {CellKey(Sku(row.sku), LocationId(row.location)): row for row in plan.in_state("planned")}
        rows = {key: row for key, row in planned.items() if only is None or key in only}
        keys = list(rows)
        for start in range(0, len(keys), ROUND):
            async with site.level_turn:
                await self._run(number, {key: rows[key] for key in keys[start : start + ROUND]}, operator)
        await site.store.write(close_plan, number, operator, site.now())

    async def _run(self, number: int, rows: Mapping[CellKey, PlanRow], operator: str) -> None:
        site = self._site
        doubtful = await self._writer.finish_open()
        cells = await site.store.read(cell_states, site.name, list(rows))
        reading = await read_all(site, cells, keep=False)
        outcomes: dict[CellKey, Outcome] = dict.fromkeys(rows, ("refused", "The cell is not known any more."))
        writes: list[Planned] = []
        written = await site.store.read(written_by, number)
        for cell in cells:
            if written.get(cell.key) == rows[cell.key].after is not None:
                outcomes[cell.key] = "applied", ALREADY
                continue
            plan = decided(site, cell, reading) if self._reaches(cell, reading) else None
            no = DOUBTFUL if cell.key in doubtful else _refusal(plan, rows[cell.key], site)
            no = no if writes_level(site, cell) else THEIRS
            if no or plan is None:
                outcomes[cell.key] = "refused", no
            else:
                writes.append(plan)
        keys = [plan.cell.key for plan in writes]
        await site.store.write(see_level, site.name, [reading.levels[key] for key in keys], site.now())
        await site.store.write(because, site.name, keys, number, operator)
        await self._writer.write(sorted(writes, key=lambda plan: (plan.target.raises, plan.cell.key)))
        present = {cell.key: cell for cell in await site.store.read(cell_states, site.name, keys)}
        for plan in writes:
            outcomes[plan.cell.key] = _outcome(plan, present[plan.cell.key])
        await site.store.write(settle_plan_rows, number, outcomes, operator, site.now())

    def _reaches(self, cell: CellState, reading: Reading) -> bool:
        return cell.key in reading.levels and reason(cell, self._site, None) is None


def runnable(plan: Plan | None, connection: str, number: int) -> Plan:
    """The plan, if it may be run here; Refused when not."""
    if plan is None or plan.connection != connection:
        raise Refused(
            f"There is no plan {number} of {connection}.", "Make one: trueup plan stock.", code="plan_unknown"
        )
    if plan.ready_at is None:
        raise Refused(
            f"Plan {number} was never completed.", "Make another: trueup plan stock.", code="plan_incomplete"
        )
    return plan


def _row(plan: Planned, told: bool, order_untold: bool, erp_old: bool) -> PlanRow | None:
    target, cell = plan.target, plan.cell
    compared = Compared(
        target.on_hand,
        target.quantity,
        target.terms.remainder,
        told=told,
        first_sight=target.waiting,
        erp_old=erp_old,
        order_untold=order_untold,
    )
    cause = classify(compared)
    if cause is None:
        return None
    note = REMEDY[cause] if compared.writes else f"{REMEDY[cause]} {PERSON}"
    state = "planned" if compared.writes else "shown"
    return PlanRow(cell.sku, cell.location, target.on_hand, target.quantity, cause, state, note)


def _refusal(plan: Planned | None, row: PlanRow, site: Site) -> str:
    """Why a row is not written; empty when it may be."""
    if plan is None:
        return "The cell cannot be written any more: not stocked there, not tracked, or without a warehouse."
    target = plan.target
    if target.on_hand != row.before:
        return f"The level moved: {target.on_hand}, the plan saw {row.before}."
    if target.quantity != row.after:
        return f"The rule wants {target.quantity} by now, the plan said {row.after}."
    if target.equal:
        return "There is nothing to write any more."
    if not plan.settles(site.clock, site.rhythm.freshness):
        return "The back office's figures are too old to raise a level by them."
    return ""


def _outcome(plan: Planned, present: CellState) -> Outcome:
    """Written when the version moved and the figure stands; else the shop declined, or it moved at that moment."""
    if present.ver > plan.cell.ver and present.target == plan.target.quantity:
        return "applied", ""
    return "refused", "The shop did not take it, or the level moved at that moment; see trueup failed list."
