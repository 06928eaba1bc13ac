"""Plans: what was found to differ and why, made without writing anything; then run, in whole or in part."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work

from screens.command import bindings
from screens.commands import PLANS
from screens.messages import GoTo
from screens.pages import Row
from screens.paging import paged
from screens.runner import Runner
from screens.running import run_of, steps_of
from screens.safe import safe
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import counted, moment

if TYPE_CHECKING:
    from engine.desk import Desk, Look, Page, PlanLine

NO_ENGINE = "No engine has worked on this store yet: trueup run starts one."


class Plans(Runner):
    """One row for each plan; Enter shows what it would change."""

    COMMANDS_HERE = PLANS
    BINDINGS = bindings(PLANS)
    CRUMB = "0 Plans"
    COLUMNS: ClassVar = (
        Column("PLAN", 5, right=True),
        Column("MADE", 11),
        Column("BY", 10, from_width=100),
        Column("CONN", 8, from_width=100),
        Column("COMPARED", 8, right=True),
        Column("PLANNED", 7, right=True),
        Column("SHOWN", 5, right=True, from_width=100),
        Column("WRITTEN", 7, right=True),
        Column("REFUSED", 7, right=True),
        Column("STATE", 0),
    )
    SORTS: ClassVar = ("id", "made_at", "planned", "applied", "refused")
    FIELDS: ClassVar = (
        "id", "connection", "made_by", "made_at", "compared", "planned", "shown", "applied", "refused", "applied_by",
        "applied_at",
    )  # fmt: skip
    NOUN = "plans"
    NEXT = "n compares both sides and plans what differs; nothing is written by that."

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """Plans as the operator wants them."""
        return paged(await desk.plans(), look, self.session.now())

    def cells(self, row: PlanLine) -> Row:
        """One plan."""
        now = self.session.now()
        return Row(
            str(row.id),
            (
                (str(row.id), "strong"),
                (moment(row.made_at, now), ""),
                (safe(row.made_by), ""),
                (safe(row.connection), ""),
                (f"{row.compared:,}", ""),
                (f"{row.planned:,}", "busy" if row.planned else "muted"),
                (f"{row.shown:,}", "warn" if row.shown else "muted"),
                (f"{row.applied:,}", "ok" if row.applied else "muted"),
                (f"{row.refused:,}", "bad" if row.refused else "muted"),
                self._state(row),
            ),
        )

    def _state(self, row: PlanLine) -> Part:
        if row.ready_at is None:
            return "~ being made, or cut off", "busy"
        if row.applied_at is not None:
            return f"+ run by {safe(row.applied_by)} {moment(row.applied_at, self.session.now())}", "ok"
        return ("= ready, not run", "strong") if row.planned else ("+ nothing to write", "muted")

    async def about(self, desk: Desk, row: PlanLine) -> list[list[Part]]:
        """Who made it, and what was found, by cause."""
        now = self.session.now()
        lines: list[list[Part]] = [
            [(f"Plan {row.id}  {safe(row.subject)} of {safe(row.connection)}", "strong")]
        ]
        lines.append(
            [
                (
                    f" made by {safe(row.made_by)} {moment(row.made_at, now)}, {row.compared:,} compared",
                    "",
                )
            ]
        )
        if row.applied_at is not None:
            lines.append([(f" run by {safe(row.applied_by)} {moment(row.applied_at, now)}", "")])
        plan = await self.held.of(desk, row.id)
        causes = (
            Counter((each.cause, each.state) for each in steps_of(plan)) if plan is not None else Counter()
        )
        lines.append([(" CAUSE                     ROWS  STATE", "strong")])
        for (cause, state), many in causes.most_common():
            lines.append([(f"  {safe(cause, 22)} {many:>6,}  {safe(state)}", "")])
        if not causes:
            lines.append([("  all is as the rules want it" if row.ready_at else "  no rows yet", "muted")])
        return lines

    def hint(self) -> list[Part]:
        """What can be done."""
        if self.awaited:
            return [(" The engine is at it; what comes of it is said here.", "busy")]
        row: PlanLine | None = self.current
        if row is None:
            return [(" n makes a plan.", "muted")]
        what = f"; a writes {counted(row.planned, 'levels')}" if row.planned else ""
        return [(f" Enter shows the rows of plan {row.id}{what}; n makes another.", "muted")]

    def do_detail(self) -> None:
        """To the rows of this plan."""
        row: PlanLine | None = self.current
        if row is not None:
            self.session.plan = row.id
            self.leave(GoTo("planned", ""))

    def do_apply(self) -> None:
        """Run the whole of the current plan."""
        row: PlanLine | None = self.current
        if row is None:
            self.say("There is no plan to run.", "warn")
        elif self.session.desk is not None:
            self._begin(self.session.desk, row.id)

    @work(group="act", exit_on_error=False)
    async def _begin(self, desk: Desk, number: int) -> None:
        plan = await self.held.of(desk, number)
        if plan is not None:
            self.begin(run_of(plan))

    def do_plan(self) -> None:
        """Make a plan; of which connection is asked where there are several."""
        if self.session.desk is not None:
            self._make(self.session.desk, self.given())

    def entered(self, purpose: str, text: str) -> None:
        """Of which connection."""
        if purpose != "plan":
            super().entered(purpose, text)
        elif self.session.desk is not None and text.strip():
            self._make(self.session.desk, text.strip())

    @work(group="act", exit_on_error=False)
    async def _make(self, desk: Desk, typed: str) -> None:
        words = typed.split()
        subject = "products" if "products" in words else "stock"
        of = " ".join(word for word in words if word not in ("products", "stock"))
        with self.told_if_it_fails("a plan was not asked for"):
            names = [row.connection for row in (await desk.sync()).rows]
            if not of and len(names) > 1:
                some = safe(", ".join(names), 40).rstrip()
                self.entry.ask("plan", f"Plan of which ({some}): ", f"{safe(names[0])} {subject}")
                return
            if (of and of not in names) or not names:
                known = f"No connection is called {of}: there are {', '.join(names)}."
                self.say(known if names else NO_ENGINE, "warn")
                return
            asked = await desk.make_plan(of or names[0], subject, operator=self.session.operator)
            self.expect(
                asked, None, f"Asked for a plan of the {subject} of {of or names[0]}: nothing is written"
            )
