"""Made-up plans, and an engine that makes and runs them at once."""

from dataclasses import dataclass, field, replace

from console.canned_lists import PLACES
from console.canned_time import NOW, before
from engine.desk import Came, PlanLine
from engine.model.plan import Plan, PlanRow
from engine.stock.drift import REMEDY, Cause

FOUND = (
    ("AT-000000", 3, 5, Cause.SECOND_WRITER), ("BX-000001", 1, 0, Cause.MISSED_EVENT), ("CG-000002", 13, 12, Cause.MISSED_EVENT),
    ("DR-000003", 144, None, Cause.UNKNOWN_SKU), ("EW-000004", 5, 9, Cause.SECOND_WRITER),
    ("HV-000005", 2, None, Cause.INACTIVE), ("KT-000006", 55, 54, Cause.IN_FLIGHT),
)  # fmt: skip


def plans() -> list[Plan]:
    """One that was run with a row refused, and one that waits to be."""
    rows = tuple(
        PlanRow(
            sku, place, is_, wanted, cause, "planned" if wanted is not None else "shown",
            "" if wanted is not None else REMEDY[cause], name,
        )
        for (sku, is_, wanted, cause), (place, name) in zip(FOUND, PLACES.items(), strict=False)
    )  # fmt: skip
    first = Plan(11, "shop-eu", "stock", "ana", before(7_300), before(7_260), 100_000, "", None, rows[:4])
    second = Plan(
        12, "shop-eu", "stock", "ben from 10.0.0.9", before(600), before(560), 100_000, "", None, rows
    )
    return [replace(_ran(first, None, "ana"), applied_at=before(7_000)), second]


@dataclass
class CannedPlans:
    """The part of the canned desk that keeps plans."""

    drawn: list[Plan] = field(default_factory=plans)
    came: dict[int, Came] = field(default_factory=dict)

    async def plans(self) -> tuple[PlanLine, ...]:
        """Those there are, newest first."""
        return tuple(_line(plan) for plan in reversed(self.drawn))

    async def plan(self, number: int) -> Plan | None:
        """One of them."""
        return next((plan for plan in self.drawn if plan.id == number), None)

    async def make_plan(self, connection: str, subject: str = "stock", *, operator: str) -> int:
        """The same rows again."""
        number = 1 + max((plan.id for plan in self.drawn), default=0)
        made = replace(
            plans()[1], id=number, connection=connection, made_by=operator, made_at=NOW, ready_at=NOW
        )
        self.drawn.append(made)
        return self._done(Came(number))

    async def run_plan(
        self, number: int, cells: tuple[tuple[str, str], ...] | None, *, operator: str
    ) -> int | None:
        """Everything is written but a cell that has moved."""
        found = await self.plan(number)
        if found is None:
            return None
        self.drawn[self.drawn.index(found)] = _ran(found, cells, operator)
        return self._done(Came(number))

    async def came_of(self, asked: int) -> Came | None:
        """At once."""
        return self.came.get(asked)

    def _done(self, came: Came) -> int:
        asked = len(self.came) + 1
        self.came[asked] = came
        return asked


def _ran(plan: Plan, cells: tuple[tuple[str, str], ...] | None, operator: str) -> Plan:
    """The plan after a run: one cell of those that were to be written has moved."""
    rows = []
    for row in plan.rows:
        if row.state != "planned" or (cells is not None and (row.sku, row.location) not in cells):
            rows.append(row)
        elif row.sku == "BX-000001":
            rows.append(replace(row, state="refused", note=f"The level is {row.before + 2} by now."))
        else:
            rows.append(replace(row, state="applied"))
    return replace(plan, rows=tuple(rows), applied_by=operator, applied_at=NOW)


def _line(plan: Plan) -> PlanLine:
    planned, shown, applied, refused = (
        len(plan.in_state(state)) for state in ("planned", "shown", "applied", "refused")
    )
    return PlanLine(
        plan.id, plan.connection, plan.subject, plan.made_by, plan.made_at, plan.ready_at, plan.compared, planned,
        shown, applied, refused, plan.applied_by, plan.applied_at,
    )  # fmt: skip
