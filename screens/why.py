"""Why: what a cell held and when it changed, and the terms of its figure at the change under the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, ClassVar

from screens.command import bindings
from screens.commands import EXPLAINED
from screens.explained import explanation_lines
from screens.listing import Listing
from screens.messages import Wander
from screens.pages import Row
from screens.paging import paged
from screens.safe import safe
from screens.session import Cell
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import count, moment

if TYPE_CHECKING:
    from engine.desk import Desk, Look, Page
    from engine.model.explanation import Explanation

TONES = {"published": "ok", "agreed": "ok", "waiting": "busy", "decided": "strong"}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the cell."""

    connection: str
    event: int
    at: datetime
    kind: str
    on_hand: int | None
    available: int | None
    committed: int | None
    target: int | None
    erp_on_hand: int | None
    erp_reserved: int | None
    cause: str
    reference: str


class Why(Listing):
    """The changes of one cell, newest first, over (or beside) its terms as they were then."""

    CSS_PATH: ClassVar = ["base.tcss", "listing.tcss", "why.tcss"]
    COMMANDS_HERE = EXPLAINED
    BINDINGS = bindings(EXPLAINED)
    CRUMB = "Why"
    COLUMNS: ClassVar = (
        Column("AT", 11),
        Column("CONN", 8, from_width=100),
        Column("WHAT", 9),
        Column("SHOP", 5, right=True),
        Column("AVAIL", 5, right=True),
        Column("COMM", 5, right=True, from_width=100),
        Column("TARGET", 6, right=True),
        Column("ERP", 5, right=True),
        Column("RSVD", 5, right=True),
        Column("BECAUSE", 0),
    )
    FIELDS: ClassVar = (
        "at", "kind", "on_hand", "available", "committed", "target", "erp_on_hand", "erp_reserved", "cause", "reference",
        "connection",
    )  # fmt: skip
    SORTS: ClassVar = ("at", "kind", "on_hand", "available", "target", "erp_on_hand", "cause")
    FOLDS = False
    NOUN = "changes"
    NEXT = "The history of a cell begins with its first listing and goes back 30 days. @ asks about another time."

    at: datetime | None = None
    """The moment asked about; None for now."""
    known: tuple[Explanation, ...] = ()

    @property
    def wanted(self) -> tuple[object, ...]:
        """Another cell or another time is another list."""
        return *super().wanted, self.session.cell, self.at

    async def explained(self, desk: Desk, at: datetime | None) -> tuple[Explanation, ...]:
        """The cell at a moment, in each connection that is meant."""
        cell = self.session.cell
        if cell is None:
            return ()
        found = await desk.explain(cell.sku, cell.location, at)
        return tuple(one for one in found if cell.connection in ("", one.connection))

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """Its changes up to the moment."""
        self.known = await self.explained(desk, self.at)
        changes = [
            Change(
                one.connection, each.event, each.at, each.kind, each.on_hand, each.available, each.committed,
                each.target, each.erp_on_hand, each.erp_reserved, each.cause, each.reference,
            )
            for one in self.known
            for each in one.history
        ]  # fmt: skip
        return paged(changes, look, self.session.now())

    def cells(self, row: Change) -> Row:
        """One change."""
        because = f"{safe(row.cause)} {safe(row.reference)}".strip()
        return Row(
            f"{row.connection}\n{row.event}",
            (
                (moment(row.at, self.session.now()), ""),
                (safe(row.connection), ""),
                (safe(row.kind), TONES.get(row.kind, "")),
                (count(row.on_hand, 5), ""),
                (count(row.available, 5), "bad" if (row.available or 0) < 0 else ""),
                (count(row.committed, 5), "muted"),
                (count(row.target, 6), "strong"),
                (count(row.erp_on_hand, 5), ""),
                (count(row.erp_reserved, 5), "muted"),
                (because, "muted"),
            ),
        )

    async def about(self, desk: Desk, row: Change) -> list[list[Part]]:
        """The terms as they were after this change."""
        then = await self.explained(desk, row.at)
        mine = next((one for one in then if one.connection == row.connection), None)
        return [] if mine is None else explanation_lines(mine, self.session.now(), self.detail_width)

    def crumb(self) -> list[Part]:
        """Which cell, and when."""
        cell: Cell | None = self.session.cell
        if cell is None:
            return super().crumb()
        place = self.known[0].location_name if self.known else cell.location
        head = f" Why > {safe(cell.sku)} at {safe(place)}"
        when = f"as of {self.at:%Y-%m-%d %H:%M:%S}Z" if self.at else "now"
        return [(head, "strong"), (f"   {when}", "warn" if self.at else "muted"), *super().crumb()[1:]]

    def hint(self) -> list[Part]:
        """How to look at another time."""
        if self.at is not None:
            return [(" This is the past: :at alone goes back to now.", "warn")]
        return [
            (
                " j k: its changes, and below the terms as they were then. @ asks for a time.",
                "muted",
            )
        ]

    # another time

    def do_at(self) -> None:
        """Ask as of when, unless it was typed with the command."""
        typed = self.given()
        if typed:
            self.look_at(typed)
        else:
            self.entry.ask("at", "As it was at (12:03, 2h, 2026-11-28T12:03; empty = now): ")

    def entered(self, purpose: str, text: str) -> None:
        """As of when."""
        if purpose == "at":
            self.look_at(text)
        else:
            super().entered(purpose, text)

    def look_at(self, text: str) -> None:
        """Show it as it was then."""
        now = self.session.now()
        at = None if not text.strip() else asked_time(text.strip(), now)
        if text.strip() and at is None:
            self.say(f"{text} is no time: type 12:03, 2h, 3d or 2026-11-28T12:03.", "warn")
            return
        self.at = at
        self.kick()
        self.draw_lines()

    def do_back(self) -> None:
        """To where it was asked."""
        self.leave(Wander(-1))


def asked_time(text: str, now: datetime) -> datetime | None:
    """The moment a person typed: a time of today in UTC, or what filters understand; None when it is none or to come."""
    from engine.model.wish import moment as understood

    try:
        at: datetime | None = datetime.combine(now.astimezone(UTC).date(), time.fromisoformat(text), UTC)
    except ValueError:
        at = understood(text, now)
    return at if at is not None and at <= now else None
