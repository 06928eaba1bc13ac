"""Mapping: what the two sides call the same thing, and where each field of an order goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import work

from engine.orders.values import Kind
from screens.command import bindings
from screens.commands import MAPPED
from screens.details import folded
from screens.listing import Listing
from screens.messages import GoTo
from screens.pages import Row
from screens.paging import paged
from screens.safe import safe
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import counted

if TYPE_CHECKING:
    from engine.desk import Desk, Look, MappingRow, NameTrial, Page

EDITABLE = frozenset[str](Kind)
"""Kinds of lines whose name may be given here."""


def tried_words(found: NameTrial) -> str:
    """What a trial found, and what is to be typed."""
    told = f" ({safe(', '.join(found.names), 16).rstrip()})" if found.names else ""
    return f"{found.have:,} of {found.tried:,} orders have it, {found.otherwise:,} told otherwise{told}. Type save: "


class Mapping(Listing):
    """What is missing first; e names a value, once that was tried, O takes back what somebody named."""

    COMMANDS_HERE = MAPPED
    BINDINGS = bindings(MAPPED)
    CRUMB = "7 Fields > mapping"
    COLUMNS: ClassVar = (
        Column("CONN", 8),
        Column("KIND", 12),
        Column("SHOPIFY", 28),
        Column("FROM", 13, from_width=100),
        Column("BACK OFFICE", 0),
    )
    SORTS: ClassVar = ("", "kind", "name", "theirs", "source", "times")
    FIELDS: ClassVar = ("connection", "kind", "name", "theirs", "source", "times")
    FOLDS = False
    NOUN = "lines"
    NEXT = "No connection is configured yet: trueup init writes a first one."

    naming: MappingRow | None = None
    """The value whose name is being typed."""
    trying: tuple[MappingRow, str] | None = None
    """The value and its name that was tried and may be put down."""
    missing = 0

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """Names, locations and fields."""
        rows = await desk.mappings()
        self.missing = sum(row.source == "missing" for row in rows)
        return paged(rows, look, self.session.now())

    def cells(self, row: MappingRow) -> Row:
        """One line."""
        tone = "bad" if row.source == "missing" else "warn" if row.times else ""
        return Row(
            row.key,
            (
                (safe(row.connection), ""),
                (safe(row.kind), tone),
                (safe(row.name), "strong"),
                (safe(row.source), tone or "muted"),
                (safe(row.theirs) if row.theirs else f"x no name, met {row.times:,} times", tone),
            ),
        )

    async def about(self, desk: Desk, row: MappingRow) -> list[list[Part]]:
        """All of one line."""
        width = self.detail_width - 13
        lines: list[list[Part]] = [[(f"{safe(row.kind)}  {safe(row.connection)}", "strong")]]
        said = [
            ("Shopify", row.name, ""),
            ("back office", row.theirs or "(no name)", ""),
            ("from", row.source, "muted"),
        ]
        if row.times:
            said.append(("met", f"{row.times:,} times without one", "warn"))
        for name, text, tone in said:
            for at, part in enumerate(folded(text, width)):
                lines.append([(f" {name if at == 0 else '':11} ", "muted"), (part, tone)])
        return lines

    def hint(self) -> list[Part]:
        """What is missing, and what e does."""
        if self.missing:
            return [
                (
                    f" {counted(self.missing, 'values')} without a name: e names one, for all its orders.",
                    "warn",
                )
            ]
        return [(" e tries a value's name and saves it, O takes that back; fields are fixed.", "muted")]

    def do_name(self) -> None:
        """Type the back office's name."""
        row: MappingRow | None = self.current
        if row is None or row.kind not in EDITABLE:
            self.say(f"Only names of {', '.join(Kind)} are edited here.", "warn")
            return
        self.naming = row
        self.entry.ask("name", f"{safe(row.name)[:30]} is called: ", safe(row.theirs))

    def do_original(self) -> None:
        """The configuration counts again."""
        row: MappingRow | None = self.current
        if row is None or row.kind not in EDITABLE or row.source in ("missing", "configuration"):
            self.say("Nobody named that here: it is as the configuration says.", "warn")
        else:
            self.ask_engine(row, None)

    def entered(self, purpose: str, text: str) -> None:
        """The name, and the word that puts it down."""
        if purpose == "name" and self.naming is not None:
            row, self.naming = self.naming, None
            if text.strip():
                self.try_it(row, text.strip())
            else:
                self.say("Nothing changed: no name was typed. O takes back what somebody named.", "warn")
        elif purpose == "save" and self.trying is not None:
            (row, said), self.trying = self.trying, None
            if text.strip().casefold() == "save":
                self.ask_engine(row, said)
            else:
                self.say("Nothing changed: save was not typed.", "warn")
        else:
            super().entered(purpose, text)

    @work(group="act", exclusive=True, exit_on_error=False)
    async def try_it(self, row: MappingRow, said: str) -> None:
        """Try the name on the newest orders, and ask whether it is to hold."""
        desk = self.session.desk
        if desk is None:
            return
        with self.told_if_it_fails("a name was not tried"):
            found = await desk.try_name(row.connection, row.kind, row.name, said)
            if self.entry.is_open or not self.is_current:  # somebody has gone on to something else
                return
            self.trying = row, said
            self.entry.ask("save", tried_words(found))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def ask_engine(self, row: MappingRow, said: str | None) -> None:
        """Ask the engine, and say why not."""
        from engine.desk import Change

        desk = self.session.desk
        if desk is None:
            return
        change = Change(row.kind, row.name, "", said)
        with self.told_if_it_fails("a name was not taken"):
            asked = await desk.edit(
                row.connection, None, [change], stale="skip", operator=self.session.operator
            )
            if isinstance(asked, str):
                self.say(f"Nothing changed. {safe(asked)}", "bad")
            else:
                self.say(
                    "Asked: it counts from the next attempt on; F and R on screen 4 try again what waits for it.",
                    "ok",
                )
            self.table.pages.grow_old()
            self.kick()

    def do_back(self) -> None:
        """Back to the fields."""
        self.leave(GoTo("fields"))
