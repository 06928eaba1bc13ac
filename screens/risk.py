"""Risk: the cells that sell, the soonest empty first, and how likely each sells what is not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work

from screens import holding
from screens.asking import ask_why
from screens.commands import RISK, bindings
from screens.listing import Listing, paged
from screens.pages import Row
from screens.risk_lines import risk_lines, told
from screens.safe import safe
from screens.session import Cell
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import count, spark

if TYPE_CHECKING:
    from engine.desk import Desk, Look, Page, RiskPage, RiskRow

SHOWN = 13
"""Minutes of the trend in the list; the detail has all of them."""
CLASSES = ((5, "!! <5m", "bad"), (30, "! <30m", "warn"), (120, "~ <2h", "busy"))
"""Up to so many minutes to zero: the word and its tone."""


class Risk(Listing):
    """The list over (or beside) all that is known of the current cell."""

    COMMANDS_HERE = RISK
    BINDINGS = bindings(RISK)
    CRUMB = "6 Risk"
    COLUMNS: ClassVar = (
        Column("RISK", 6),
        Column("SKU", 12),
        Column("LOC", 8),
        Column("AVAIL", 5, right=True),
        Column("PER h", 6, right=True),
        Column("MIN TO 0", 8, right=True),
        Column("OVER %", 6, right=True),
        Column("OPEN", 4, right=True),
        Column("HELD", 4, right=True, from_width=100),
        Column("WEB/h", 7, right=True, from_width=120),
        Column("ERP/h", 7, right=True, from_width=120),
        Column("ACTION", 22, from_width=100),
        Column("TREND 13m", 0),
    )
    SORTS: ClassVar = ("minutes_to_zero", "oversell", "velocity", "available", "sku")
    DESCENDING: ClassVar = False
    FIELDS: ClassVar = (
        "sku", "title", "location_name", "connection", "state", "available", "held_back", "minutes_to_zero",
        "oversell", "open_orders", "act",
    )  # fmt: skip
    NOUN = "selling cells"
    NEXT = "Nothing has been sold of late on either side. Cells appear with their first sale."

    known: RiskPage | None = None
    chosen: tuple[RiskRow, ...] = ()
    """The cells that were asked about: the list may move on meanwhile."""

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """Cells as the operator wants them."""
        self.known = await desk.risk()
        return paged(self.known.rows, look, self.session.now())

    def cells(self, row: RiskRow) -> Row:
        """One cell."""
        word, tone = sign(row)
        return Row(
            f"{row.connection}\n{row.sku}\n{row.location}",
            (
                (word, tone),
                (safe(row.sku), "strong"),
                (safe(row.location_name), ""),
                (count(row.available, 5), "bad" if row.available < 0 else ""),
                (f"{row.velocity:.1f}", ""),
                (minutes(row), tone),
                (f"{row.oversell * 100:.1f}", "bad" if row.state in ("over", "risk") else "muted"),
                (count(row.open_orders, 4), ""),
                (count(row.held_back, 4), "muted"),
                (f"{row.web_per_hour:.1f}", "muted"),
                (f"{row.outside_per_hour:.1f}", "muted"),
                (safe(told(row)), "warn" if row.act else "muted"),
                (spark(row.trend, SHOWN), "ok"),
            ),
        )

    async def about(self, desk: Desk, row: RiskRow) -> list[list[Part]]:
        """All that is known of one cell."""
        return risk_lines(row, self.detail_width)

    def do_why(self) -> None:
        """The terms of the current cell's figure."""
        row: RiskRow | None = self.current
        ask_why(self, None if row is None else Cell(row.sku, row.location, row.connection))

    # acting

    def do_buffer(self) -> None:
        """Hold units back in the marked cells or the current one; what helps is proposed."""
        self.ask_for("buffer", self.picked())

    def do_halt(self) -> None:
        """Stop selling the marked cells or the current one; go on where all of them are held back."""
        rows = self.picked()
        self.ask_for("go on" if rows and all(row.hold for row in rows) else "halt", rows)

    def do_stop(self) -> None:
        """Stop selling everything at the current cell's location, or go on."""
        row: RiskRow | None = self.current
        self.ask_for("open" if row is not None and row.stopped else "stop", [] if row is None else [row])

    def do_transfer(self) -> None:
        """Copy what could be brought from where, for whoever moves goods."""
        row: RiskRow | None = self.current
        if row is None or row.act != "transfer":
            self.say("No other location has units of it to spare, or it lasts long enough.", "warn")
            return
        text = safe(f"{row.sku}: {row.units} units from {row.source} to {row.location_name}")
        self.app.copy_to_clipboard(text)
        self._write_copy(text)

    def ask_for(self, verb: str, rows: Sequence[RiskRow]) -> None:
        """Ask what is still missing, unless it was typed with the command."""
        if not rows:
            self.say("There is no cell to act on.", "warn")
            return
        self.chosen = tuple(rows)
        given = self.given()
        if given:
            self.answer(verb, given)
        else:
            self.entry.ask(verb, *holding.question(verb, rows))

    def entered(self, purpose: str, text: str) -> None:
        """How many, and for how long."""
        if purpose in holding.VERBS:
            self.answer(purpose, text)
        else:
            super().entered(purpose, text)

    def answer(self, verb: str, text: str) -> None:
        """Ask the engine, or say what was not understood."""
        wanted = holding.understood(verb, text, len(self.chosen))
        if isinstance(wanted, str):
            self.say(wanted, "warn")
        elif self.chosen:
            self.ask_engine(self.chosen, wanted)

    @work(group="act", exit_on_error=False)
    async def ask_engine(self, rows: tuple[RiskRow, ...], wanted: holding.Wanted) -> None:
        """Ask the engine for each cell, and say what was refused."""
        desk, who = self.session.desk, self.session.operator
        if desk is None:
            return
        refused: list[str] = []
        with self.told_if_it_fails(f"{wanted} was not taken"):
            for row in rows:
                of = row.connection, wanted.sku(row), row.location
                if wanted.ends:
                    no = await desk.let_go(*of, operator=who)
                else:
                    no = await desk.hold(*of, units=wanted.units, minutes=wanted.minutes, operator=who)
                refused += [no] if no else []
            if len(refused) == len(rows):
                self.say(f"Not asked: {refused[0]}", "warn")
            elif refused:
                said = f"Asked: {wanted.text(rows)}; {len(refused):,} refused: {refused[0]}"
                self.say(said, "warn")
            else:
                self.say(f"Asked: {wanted.text(rows)}.", "ok")
            if not wanted.everywhere:
                self.table.mark(())
            self._news = True
            self.table.pages.grow_old()
            self.kick()

    def crumb(self) -> list[Part]:
        """How many are at risk, and from which probability on."""
        parts = super().crumb()
        if self.known is not None:
            limit = f"{self.known.threshold * 100:g} %"
            more = f", {self.known.more:,} more last longer" if self.known.more else ""
            parts.append((f"   {self.known.at_risk:,} at risk (from {limit}){more}", "muted"))
        return parts

    def hint(self) -> list[Part]:
        """What could be done about the current cell."""
        row: RiskRow | None = self.current
        if row is None:
            return []
        if self.table.marked:
            many = f"{len(self.table.marked):,} marked"
            return [(f" b holds units back in the {many}, H stops selling them; u unmarks.", "warn")]
        if row.stopped:
            return [(f" everything here is held back: {safe(row.stopped)}; S goes on selling.", "bad")]
        if row.hold:
            return [(f" held back: {safe(row.hold)}; H goes on selling.", "warn")]
        if row.act:
            return [(f" {safe(told(row, whole=True))}", "warn")]
        return [(" Enter shows the figures of a cell; > sorts by the probability of overselling.", "muted")]


def sign(row: RiskRow) -> Part:
    """The one word about a cell."""
    if row.state == "over":
        return "X OVER", "bad"
    left = row.minutes_to_zero
    if left is not None:
        for limit, word, tone in CLASSES:
            if left < limit:
                return word, tone
    return ("! RISK", "warn") if row.state == "risk" else ("+ OK", "muted")


def minutes(row: RiskRow) -> str:
    """Minutes to zero, short enough for a column."""
    left = row.minutes_to_zero
    if left is None:
        return "-"
    return "now" if left <= 0 else f"{left:.1f}" if left < 10 else f"{left:,.0f}"
