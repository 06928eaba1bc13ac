"""Fields: what one system names and the other does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from engine.desk.gaps import PRODUCT
from screens.commands import FIELDS, bindings
from screens.details import folded
from screens.listing import Listing, paged
from screens.pages import Row
from screens.safe import safe
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import ago, moment

if TYPE_CHECKING:
    from engine.desk import Desk, GapRow, Look, Page

NAME_IT = (
    "Name its counterpart in the configuration and restart; the records that wait",
    "for it are on screen 4 and can be retried then.",
)
DECIDE = (
    "The shop changed what the back office owns. Nothing is written before a person decides:",
    "trueup conflict field SKU FIELD restore, adopt or snooze.",
)


class Fields(Listing):
    """Mapping gaps that are not closed."""

    COMMANDS_HERE = FIELDS
    BINDINGS = bindings(FIELDS)
    CRUMB = "7 Fields"
    COLUMNS: ClassVar = (
        Column("KIND", 8),
        Column("NAME", 22),
        Column("TIMES", 6, right=True),
        Column("FIRST", 11, from_width=100),
        Column("LAST", 11),
        Column("DETAIL", 0),
    )
    SORTS: ClassVar = ("last_at", "first_at", "times", "kind", "name")
    FIELDS: ClassVar = ("connection", "kind", "name", "first", "times", "first_at", "last_at")
    NOUN = "mapping gaps"
    NEXT = "Everything that was seen has a counterpart on the other side."

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """Gaps as the operator wants them."""
        return paged(await desk.gaps(), look, self.session.now())

    def cells(self, row: GapRow) -> Row:
        """One gap."""
        now = self.session.now()
        return Row(
            f"{row.connection}\n{row.kind}\n{row.name}",
            (
                (safe(row.kind), "warn"),
                (safe(row.name), "strong"),
                (f"{row.times:,}", ""),
                (moment(row.first_at, now), ""),
                (moment(row.last_at, now), ""),
                (safe(row.first), ""),
            ),
        )

    async def about(self, desk: Desk, row: GapRow) -> list[list[Part]]:
        """What is missing, since when, and what to do."""
        now = self.session.now()
        lines: list[list[Part]] = [
            [(f"{safe(row.kind)}  {safe(row.name)}  {safe(row.connection)}", "strong")]
        ]
        lines.append(
            [(f" met {row.times:,} times, first {ago(row.first_at, now)}, last {ago(row.last_at, now)}", "")]
        )
        lines += [[(f" {part}", "")] for part in folded(row.first or "(no detail)", self.detail_width - 2)]
        lines += [[(f" {text}", "ok")] for text in (DECIDE if row.kind == PRODUCT else NAME_IT)]
        return lines
