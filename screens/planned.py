"""The rows of a plan: level by level, or field by field, what would be written, why, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from screens.asking import ask_why
from screens.command import bindings
from screens.commands import PLANNED
from screens.details import folded
from screens.messages import GoTo
from screens.pages import Row
from screens.paging import paged, values
from screens.runner import Runner
from screens.running import run_of, steps_of
from screens.safe import safe
from screens.session import Cell
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import count

if TYPE_CHECKING:
    from engine.desk import Desk, Look, Page
    from engine.model.plan import Plan
    from screens.running import Step

TONES = {"planned": "busy", "shown": "warn", "applied": "ok", "refused": "bad"}
WORDS = {"applied": "written"}
SYMBOLS = {"planned": "=", "shown": "!", "applied": "+", "refused": "x"}
NEXT_OF = {
    "planned": "Not written yet. a writes it, if the shop still holds what the plan saw.",
    "shown": "Nothing is written for it: a person has to act first.",
    "applied": "Written.",
    "refused": "Not written. Make another plan to see how it stands.",
}


class Planned(Runner):
    """The rows over (or beside) all that is known of one."""

    COMMANDS_HERE = PLANNED
    BINDINGS = bindings(PLANNED)
    CRUMB = "0 Plans"
    COLUMNS: ClassVar = (
        Column("STATE", 9),
        Column("SKU", 12),
        Column("WHERE", 10),
        Column("IS", 6, right=True),
        Column("WOULD BE", 8, right=True),
        Column("CAUSE", 14),
        Column("NOTE", 0),
    )
    SORTS: ClassVar = ("sku", "place", "cause", "state", "before", "after")
    DESCENDING: ClassVar = False
    FIELDS: ClassVar = ("sku", "place", "before", "after", "cause", "state", "note")
    NOUN = "rows"
    NEXT = "All that was compared is as the rules want it."

    plan: Plan | None = None

    @property
    def wanted(self) -> tuple[object, ...]:
        """Another plan is another list."""
        return *super().wanted, self.session.plan

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """Its rows as the operator wants them."""
        number = self.session.plan
        self.plan = None if number is None else await self.held.of(desk, number)
        self.NEXT = (
            type(self).NEXT if self.plan is not None else "There is no such plan: 0 lists those there are."
        )
        return paged(steps_of(self.plan) if self.plan else (), look, self.session.now())

    def cells(self, row: Step) -> Row:
        """One cell."""
        tone = TONES.get(row.state, "")
        return Row(
            row.key,
            (
                (f"{SYMBOLS.get(row.state, ' ')} {safe(WORDS.get(row.state, row.state))}", tone),
                (safe(row.sku), "strong"),
                (safe(row.place), ""),
                (_value(row.before, 6), ""),
                (_value(row.after, 8), "strong"),
                (safe(row.cause), ""),
                (safe(row.note), tone if row.state == "refused" else "muted"),
            ),
        )

    async def about(self, desk: Desk, row: Step) -> list[list[Part]]:
        """What would be written, why, and what stands in the way."""
        width = self.detail_width - 2
        lines: list[list[Part]] = [[(f"{safe(row.sku)} at {safe(row.place)}", "strong")]]
        unruled = "not reached by the rules"
        for name, value, nothing in (("is", row.before, "nothing"), ("would be", row.after, unruled)):
            told = nothing if value is None else str(value)
            lines += [[(f" {name:9}", "muted"), (part, "strong")] for part in folded(told, width - 10)]
        if isinstance(row.before, int) and isinstance(row.after, int):
            lines.append([(f" {'change':9}", "muted"), (f"{row.after - row.before:+,}", "")])
        lines.append([(f" cause: {safe(row.cause)}", "")])
        lines += [[(f" {part}", TONES.get(row.state, ""))] for part in folded(row.note, width)]
        lines.append([(f" {NEXT_OF.get(row.state, '')}", "muted")])
        if self.plan is not None and self.plan.subject == "stock":
            lines.append([(" w shows the terms of the figure and what happened in the cell.", "muted")])
        return lines

    def crumb(self) -> list[Part]:
        """Which plan, and what is marked of it."""
        parts = super().crumb()
        if self.session.plan is not None:
            parts[0] = (f" 0 Plans > {self.session.plan}", "strong")
        return parts

    def hint(self) -> list[Part]:
        """What a would do."""
        if self.awaited:
            return [(" The engine is at it; what comes of it is said here.", "busy")]
        if not self.table.pages.total:
            return []
        marked = len(self.table.marked)
        what = f"the {marked:,} marked" if marked else "the current one"
        if not self.session.writable:
            return [(f" RO: a would write {what}; :rw first.", "muted")]
        return [(f" a writes {what}, * marks all that is listed; w shows why.", "muted")]

    def do_every(self) -> None:
        """Mark every row the filter lets through."""
        from engine.model.wish import fits, parse

        rows = steps_of(self.plan) if self.plan else ()
        terms, now = parse(self.wish, self.FIELDS), self.session.now()
        keys = [row.key for row in rows if fits(terms, values(row), now)]
        self.table.mark(keys)
        self.say(f"{len(keys):,} marked: {self.wish or 'all'}.")

    def do_apply(self) -> None:
        """Write the marked rows, or the current one."""
        plan, current = self.plan, self.table.current
        keys = self.table.marked or ({current.key} if current else set())
        if plan is None or not keys:
            self.say("There is no row to write.", "warn")
        else:
            self.begin(run_of(plan, [row for row in steps_of(plan) if row.key in keys]))

    def do_why(self) -> None:
        """The terms of the cell's figure."""
        row: Step | None = self.current
        if self.plan is not None and self.plan.subject != "stock":
            self.say("Only a level of stock has terms: this is a field of a product.", "warn")
            return
        ask_why(
            self,
            None if row is None or self.plan is None else Cell(row.sku, row.at, self.plan.connection),
        )

    def do_back(self) -> None:
        """Back to the plans."""
        self.leave(GoTo("plans"))


def _value(value: int | str | None, width: int) -> str:
    return safe(value) if isinstance(value, str) else count(value, width)
