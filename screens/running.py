"""Running plans: what is asked before a level is written, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.safe import safe

if TYPE_CHECKING:
    from engine.model.plan import Plan

SAMPLE = 2
NAMED = 12


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a plan: a level of stock, or a field of a product."""

    sku: str
    place: str
    """Name of the location, or of the field."""
    before: int | str | None
    """In the shop when the plan was made."""
    after: int | str | None
    """By the rules; None where they do not reach."""
    cause: str
    state: str
    note: str
    at: str
    """Id of the location, or the field."""

    @property
    def key(self) -> str:
        """By which a list knows it."""
        return f"{self.sku}\n{self.at}"


def steps_of(plan: Plan) -> tuple[Step, ...]:
    """All rows of a plan, whatever it is a plan of."""
    levels = (
        Step(r.sku, r.location_name, r.before, r.after, r.cause, r.state, r.note, r.location)
        for r in plan.rows
    )
    fields = (
        Step(r.sku, r.field, r.before, r.after, f"{r.cause} {r.rule}".strip(), r.state, r.note, r.field)
        for r in plan.fields
    )
    return (*levels, *fields)


@dataclass(frozen=True, slots=True)
class Run:
    """A plan, or of it some rows, to be written."""

    plan: int
    rows: tuple[Step, ...]
    """Those that are planned among what was chosen."""
    whole: bool
    """Whether these are all that is planned in it."""

    @property
    def cells(self) -> tuple[tuple[str, str], ...] | None:
        """(SKU, location or field) of the rows; None for all that is planned."""
        return None if self.whole else tuple((row.sku, row.at) for row in self.rows)


def run_of(plan: Plan, chosen: Sequence[Step] | None = None) -> Run:
    """What of the chosen rows, or of all, can be run."""
    planned = tuple(row for row in steps_of(plan) if row.state == "planned")
    rows = planned if chosen is None else tuple(row for row in chosen if row.state == "planned")
    return Run(plan.id, rows, len(rows) == len(planned))


def question(run: Run) -> str:
    """How many levels, with a sample; their number has to be typed."""
    some = ", ".join(
        f"{safe(row.sku, NAMED).rstrip()} {_value(row.before)}>{_value(row.after)}"
        for row in run.rows[:SAMPLE]
    )
    more = " …" if len(run.rows) > SAMPLE else ""
    many = len(run.rows)
    return f"Write {many:,} ({some}{more})? Type {many}: "


def _value(value: int | str | None) -> str:
    return "-" if value is None else safe(str(value), 8).rstrip()


def confirmed(run: Run, text: str) -> bool:
    """Whether the number was typed."""
    return text.strip().replace(",", "") == str(len(run.rows))


def told(run: Run, plan: Plan | None) -> tuple[str, str]:
    """What came of a run, and its tone."""
    if plan is None:
        return f"Plan {run.plan} is gone.", "bad"
    mine = {row.key for row in run.rows}
    states = [row.state for row in steps_of(plan) if row.key in mine]
    applied, refused = states.count("applied"), states.count("refused")
    left = len(states) - applied - refused
    said = f"Plan {plan.id}: {applied:,} written, {refused:,} refused"
    return f"{said}{f', {left:,} still planned' if left else ''}.", "warn" if refused or left else "ok"
