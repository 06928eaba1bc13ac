"""Risk: the cells that sell, the soonest empty first, and how likely each sells what is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from screens.asking import ask_why
from screens.command import bindings
from screens.commands import RISK
from screens.holder import Holder
from screens.holding import Spot
from screens.pages import Row
from screens.paging import paged
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


class Risk(Holder):
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

    def spots(self) -> list[Spot]:
        """The marked cells, or the current one."""
        return [spot_of(row) for row in self.picked()]

    def spot(self) -> Spot | None:
        """The current cell."""
        return None if self.current is None else spot_of(self.current)

    def do_transfer(self) -> None:
        """Copy what could be brought from where, for whoever moves goods."""
        row: RiskRow | None = self.current
        if row is None or row.act != "transfer":
            self.say("No other location has units of it to spare, or it lasts long enough.", "warn")
            return
        text = safe(f"{row.sku}: {row.units} units from {row.source} to {row.location_name}")
        self.app.copy_to_clipboard(text)
        self._write_copy(text)

    def crumb(self) -> list[Part]:
        """How many are at risk, and from which probability on."""
        parts = super().crumb()
        if self.known is not None:
            roomy = self.size.width >= 100 or not self.table.marked
            limit = f" (from {self.known.threshold * 100:g} %)" if roomy else ""
            more = f", {self.known.more:,} more last longer" if self.known.more and roomy else ""
            parts.append((f"   {self.known.at_risk:,} at risk{limit}{more}", "muted"))
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


def spot_of(row: RiskRow) -> Spot:
    """A cell that sells, as it is asked about."""
    helps = row.held_back + row.units if row.act == "buffer" else row.held_back
    return Spot(row.connection, row.sku, row.location, row.location_name, helps, row.hold, row.stopped)


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
