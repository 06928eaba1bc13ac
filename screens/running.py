"""Running plans: what is asked before a level is written, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.safe import safe

if TYPE_CHECKING:
    from engine.model.plan import Plan, PlanRow

SAMPLE = 2
NAMED = 12


@dataclass(frozen=True, slots=True)
class Run:
    """A plan, or of it some rows, to be written."""

    plan: int
    rows: tuple[PlanRow, ...]
    """Those that are planned among what was chosen."""
    whole: bool
    """Whether these are all that is planned in it."""

    @property
    def cells(self) -> tuple[tuple[str, str], ...] | None:
        """(SKU, location) of the rows; None for all that is planned."""
        return None if self.whole else tuple((row.sku, row.location) for row in self.rows)


def run_of(plan: Plan, chosen: Sequence[PlanRow] | None = None) -> Run:
    """What of the chosen rows, or of all, can be run."""
    planned = plan.in_state("planned")
    rows = planned if chosen is None else tuple(row for row in chosen if row.state == "planned")
    return Run(plan.id, rows, len(rows) == len(planned))


def question(run: Run) -> str:
    """How many levels, with a sample; their number has to be typed."""
    some = ", ".join(f"{safe(row.sku, NAMED).rstrip()} {row.before}>{row.after}" for row in run.rows[:SAMPLE])
    more = " …" if len(run.rows) > SAMPLE else ""
    many = len(run.rows)
    return f"Write {many:,} ({some}{more})? Type {many}: "


def confirmed(run: Run, text: str) -> bool:
    """Whether the number was typed."""
    return text.strip().replace(",", "") == str(len(run.rows))


def told(run: Run, plan: Plan | None) -> tuple[str, str]:
    """What came of a run, and its tone."""
    if plan is None:
        return f"Plan {run.plan} is gone.", "bad"
    mine = {(row.sku, row.location) for row in run.rows}
    states = [row.state for row in plan.rows if (row.sku, row.location) in mine]
    applied, refused = states.count("applied"), states.count("refused")
    left = len(states) - applied - refused
    said = f"Plan {plan.id}: {applied:,} written, {refused:,} refused"
    return f"{said}{f', {left:,} still planned' if left else ''}.", "warn" if refused or left else "ok"
