"""Conflicts: levels that something other than TrueUp changed in Shopify, for a person to judge."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work

from screens.asking import ask_why
from screens.command import bindings
from screens.commands import CONFLICTS
from screens.details import LINE, folded
from screens.judging import Judged, meaning, question, understood
from screens.listing import Listing
from screens.pages import Row
from screens.paging import paged
from screens.safe import safe
from screens.session import Cell
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import ago, count, moment

if TYPE_CHECKING:
    from engine.desk import ConflictRow, Desk, Look, Page

log = logging.getLogger("screens")
SAMPLE = 2
HISTORY = 8
"""Changes of the cell that are shown beside it."""


class Conflicts(Listing):
    """The list over (or beside) what each change means and what happened around it."""

    COMMANDS_HERE = CONFLICTS
    BINDINGS = bindings(CONFLICTS)
    CRUMB = "2 Stock > conflicts"
    COLUMNS: ClassVar = (
        Column("SKU", 12),
        Column("LOCATION", 10),
        Column("WHAT", 5),
        Column("UNITS", 5, right=True),
        Column("SHOP", 5, right=True),
        Column("SINCE", 11),
        Column("CONN", 8, from_width=100),
        Column("BY", 23, from_width=100),
        Column("TITLE", 0),
    )
    SORTS: ClassVar = ("since", "units", "sku", "location_name", "kind")
    DESCENDING: ClassVar = False
    FIELDS: ClassVar = (
        "sku",
        "title",
        "location_name",
        "kind",
        "units",
        "since",
        "on_hand",
        "connection",
        "who",
    )
    NOUN = "conflicts"
    NEXT = "Nobody else has changed a level. 2 shows the stock."

    chosen: tuple[ConflictRow, ...] = ()
    """What was asked about: the list may move on meanwhile."""

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """Conflicts as the operator wants them."""
        return paged(await desk.conflicts(), look, self.session.now())

    def cells(self, row: ConflictRow) -> Row:
        """One conflict."""
        return Row(
            f"{row.connection}\n{row.sku}\n{row.location}\n{row.kind}",
            (
                (safe(row.sku), "strong"),
                (safe(row.location_name), ""),
                (safe(row.kind), "warn" if row.kind == "rise" else "bad"),
                (f"{'+' if row.kind == 'rise' else '-'}{count(row.units, 4)}", "warn"),
                (count(row.on_hand, 5), ""),
                (moment(row.since, self.session.now()), ""),
                (safe(row.connection), ""),
                (safe(row.who), "muted"),
                (safe(row.title), ""),
            ),
        )

    async def about(self, desk: Desk, row: ConflictRow) -> list[list[Part]]:
        """What it means, what either answer does, and what happened in the cell."""
        now, width = self.session.now(), self.detail_width - 2
        head = f"{safe(row.sku)} at {safe(row.location_name)}: {safe(row.kind)} of {row.units:,}"
        lines: list[list[Part]] = [[(head, "strong")], [(f" {safe(row.title)}", "")]]
        told = f"by {row.who}, {ago(row.since, now)}; Shopify does not say who it was"
        if row.explained:
            told = f"{row.who}, {ago(row.since, now)}; the back office still counts them"
        lines.append([(f" {safe(told)}", "muted")])
        for text, tone in zip(meaning(row), ("warn", "", ""), strict=True):
            lines += [[(f" {part}", tone)] for part in folded(text, width)]
        lines.append([(" CHANGES OF THE CELL (w shows the terms of each)", "strong")])
        for one in await desk.explain(row.sku, row.location):
            for each in one.history[:HISTORY] if one.connection == row.connection else ():
                figures = f"{count(each.on_hand, 6):>6} in the shop  {count(each.target, 6):>6} wanted"
                because = safe(f"{each.cause} {each.reference}".strip()[:LINE])
                lines.append(
                    [
                        (f"  {moment(each.at, now)}  {safe(each.kind):9}", "muted"),
                        (f" {figures}  {because}", ""),
                    ]
                )
        return lines

    def hint(self) -> list[Part]:
        """What D would do."""
        row: ConflictRow | None = self.current
        if row is None:
            return []
        marked = len(self.table.marked)
        what = f"the {marked:,} marked" if marked else "this one"
        if not self.session.writable:
            return [(f" RO: D would decide {what}; :rw first.", "muted")]
        return [(f" D decides {what}: whether goods really came or went. Enter says what follows.", "muted")]

    # acting

    def do_why(self) -> None:
        """The terms of the cell's figure."""
        row: ConflictRow | None = self.current
        ask_why(self, None if row is None else Cell(row.sku, row.location, row.connection))

    def do_decide(self) -> None:
        """Ask what the marked changes or the current one were."""
        self.chosen = tuple(self.picked())
        given = self.given()
        if not self.chosen:
            self.say("There is no conflict to decide.", "warn")
        elif given:
            self.answer(given)
        else:
            self.entry.ask("decide", question(self.chosen))

    def entered(self, purpose: str, text: str) -> None:
        """How many, and whether they are real."""
        if purpose == "decide":
            self.answer(text)
        else:
            super().entered(purpose, text)

    def answer(self, text: str) -> None:
        """Ask the engine, or say what was not understood."""
        wanted = understood(self.chosen, text)
        if isinstance(wanted, str):
            self.say(wanted, "warn")
        else:
            self.ask_engine(self.chosen, wanted)

    @work(group="act", exit_on_error=False)
    async def ask_engine(self, rows: tuple[ConflictRow, ...], wanted: Judged) -> None:
        """Ask the engine for each, and say what came of it."""
        desk, who = self.session.desk, self.session.operator
        if desk is None:
            return
        asked, refused = 0, []
        for row in rows:
            try:
                no = await desk.decide(
                    row.connection, row.sku, row.location,
                    units=wanted.units or row.units, real=wanted.real, kind=row.kind, operator=who,
                )  # fmt: skip
            except Exception as error:  # said where the operator looks
                log.exception("a decision was not taken")
                no = str(error)
            if no:
                refused.append(no)
            else:
                asked += 1
        self.table.mark(())
        said = f"Asked to decide {asked:,}: {'real' if wanted.real else 'not real'}. 9 says what came of it."
        if refused:
            more = f"; and {len(refused) - SAMPLE:,} more" if len(refused) > SAMPLE else ""
            said = f"{said} {len(refused):,} refused: {'; '.join(refused[:SAMPLE])}{more}"
        self.say(said, "warn" if refused else "ok")
        self._news = True
        self.table.pages.grow_old()
        self.kick()
