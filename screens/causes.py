"""Causes: the failed records by what they have in common, with what hangs on each."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from screens.command import bindings
from screens.commands import CAUSED
from screens.details import folded
from screens.listing import Listing
from screens.messages import GoTo
from screens.pages import Row
from screens.safe import safe
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import ago, moment, money

if TYPE_CHECKING:
    from engine.desk import CauseRow, Desk, Look, Page

FILTERED = ("kind", "connection", "record", "state", "cause", "code", "tries", "first", "last", "assignee", "tag", "parked")  # fmt: skip


class Causes(Listing):
    """One row for each cause; Enter shows its records."""

    COMMANDS_HERE = CAUSED
    BINDINGS = bindings(CAUSED)
    CRUMB = "4 Failed > causes"
    COLUMNS: ClassVar = (
        Column("RECORDS", 7, right=True),
        Column("ORDERS", 6, right=True),
        Column("UNITS", 5, right=True),
        Column("MONEY HELD", 14, right=True),
        Column("LAST", 11, from_width=100),
        Column("KIND", 6),
        Column("CAUSE", 0),
    )
    SORTS: ClassVar = ("records", "units", "orders", "last_at", "first_at", "kind", "cause")
    FIELDS: ClassVar = FILTERED
    NOUN = "causes"
    NEXT = "Nothing waits for a person. 1 shows the overview."

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """The causes of the records that fit the filter."""
        from engine.desk import Page

        causes = sorted(
            await desk.failed_causes(filter=look.filter),
            key=attrgetter(look.sort),
            reverse=look.descending,
        )
        part = causes[look.offset : look.offset + look.limit]
        return Page(self.session.now(), len(causes), look.offset, tuple(part))

    def cells(self, row: CauseRow) -> Row:
        """One cause."""
        return Row(
            f"{row.kind}\n{row.code or row.cause}",
            (
                (f"{row.records:,}", "bad"),
                (f"{row.orders:,}", ""),
                (f"{row.units:,}", ""),
                (safe(held(row)), "strong"),
                (moment(row.last_at, self.session.now()), ""),
                (safe(row.kind), ""),
                (safe(row.cause), "bad"),
            ),
        )

    async def about(self, desk: Desk, row: CauseRow) -> list[list[Part]]:
        """Cause and remedy in full."""
        now, width = self.session.now(), self.detail_width - 9
        lines: list[list[Part]] = [
            [(f"{row.records:,} records of {safe(row.kind)}  {safe(row.code)}", "strong")]
        ]
        for name, text, tone in (
            ("why", row.cause, "bad"),
            ("fix", row.remedy or "No remedy is known.", "ok"),
        ):
            for at, part in enumerate(folded(text, width)):
                lines.append([(f" {name if at == 0 else '':7}", "muted"), (part, tone)])
        lines.append([(" since  ", "muted"), (f"{ago(row.first_at, now)}, last {ago(row.last_at, now)}", "")])
        lines.append(
            [(" held   ", "muted"), (f"{row.orders:,} orders, {row.units:,} units, {safe(held(row))}", "")]
        )
        return lines

    def do_detail(self) -> None:
        """To the records of this cause."""
        row: CauseRow | None = self.current
        if row is not None:
            word = f'code:"{row.code}"' if row.code else f'cause:"{row.cause.replace(chr(34), "")}"'
            self.leave(GoTo("failed", f"kind:{row.kind} {word}"))

    def do_back(self) -> None:
        """Back to the records."""
        self.leave(GoTo("failed"))

    def hint(self) -> list[Part]:
        """Where Enter leads."""
        return [
            (
                " Enter shows the records of a cause; there * marks them all and R retries.",
                "muted",
            )
        ]


def held(row: CauseRow) -> str:
    """Money of its orders, by currency."""
    return " ".join(money(amount, currency) for currency, amount in row.held) or "-"
