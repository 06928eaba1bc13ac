"""Compare: one record on both sides, field by field, and the way to the line of the mapping behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from screens.base import DeskScreen
from screens.command import bindings
from screens.commands import COMPARED
from screens.details import folded
from screens.listing import Listing
from screens.messages import GoTo
from screens.pages import Row
from screens.paging import paged
from screens.safe import safe
from screens.tones import Part
from screens.widgets.columns import Column

if TYPE_CHECKING:
    from engine.desk import CompareRow, Comparison, Desk, Look, Page, Subject

TONES = {
    "same": "muted",
    "named": "ok",
    "edited": "busy",
    "waits": "warn",
    "missing": "bad",
    "differs": "bad",
}
SYMBOLS = {"same": "=", "named": "+", "edited": "~", "waits": "~", "missing": "x", "differs": "x"}
TELLS = {
    "same": "Both sides say the same.",
    "named": "The back office has a name of its own for it.",
    "edited": "Somebody edited what the back office is told.",
    "waits": "The back office has no document of it yet.",
    "missing": "The back office has no name for it: m opens the mapping, e there names it.",
    "differs": "The two sides do not say the same.",
}


def ask_compare(screen: DeskScreen, subject: Subject | None) -> None:
    """To the comparison of a record; of the one typed after the word, `CONNECTION REF`, if any was."""
    from engine.desk import Subject

    connection, _, ref = screen.given().partition(" ")
    if connection and ref:
        subject = Subject(connection, "order", ref.strip())
    if subject is None:
        screen.say("There is no order or product here: :compare CONNECTION ORDER asks about any.", "warn")
        return
    screen.session.subject = subject
    screen.leave(GoTo("compare", ""))


class Compare(Listing):
    """What differs first; m opens the line of the mapping."""

    COMMANDS_HERE = COMPARED
    BINDINGS = bindings(COMPARED)
    CRUMB = "7 Fields > compare"
    COLUMNS: ClassVar = (
        Column("FIELD", 20),
        Column("RESULT", 9),
        Column("SHOPIFY", 22),
        Column("RULE", 32, from_width=120),
        Column("BACK OFFICE", 0),
    )
    FIELDS: ClassVar = ("field", "shop", "office", "result", "rule")
    SORTS: ClassVar = ("", "field", "result", "shop", "office", "rule")
    FOLDS = False
    NOUN = "fields"
    NEXT = (
        "This record is not known here: = on an order of screen 5 or a line of screen 7 asks about another."
    )

    known: Comparison | None = None

    @property
    def wanted(self) -> tuple[object, ...]:
        """Another record is another list."""
        return *super().wanted, self.session.subject

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """Its fields."""
        subject = self.session.subject
        self.known = None if subject is None else await desk.compare(subject)
        return paged(self.known.rows if self.known else (), look, self.session.now())

    def cells(self, row: CompareRow) -> Row:
        """One field."""
        tone = TONES[row.result]
        return Row(
            f"{row.field}\n{row.name}",
            (
                (safe(row.field), "strong"),
                (f"{SYMBOLS[row.result]} {row.result}", tone),
                (safe(row.shop), ""),
                (safe(row.rule), "muted"),
                (safe(row.office) or "(nothing)", tone if row.result in ("missing", "differs") else ""),
            ),
        )

    async def about(self, desk: Desk, row: CompareRow) -> list[list[Part]]:
        """Both sides in full, and the rule."""
        width = self.detail_width - 13
        lines: list[list[Part]] = [[(safe(row.field), "strong")]]
        for name, text, tone in (
            ("Shopify", row.shop or "(nothing)", ""),
            ("back office", row.office or "(nothing)", ""),
            ("rule", row.rule or "(none)", "muted"),
            ("", TELLS[row.result], TONES[row.result]),
        ):
            for at, part in enumerate(folded(text, width)):
                lines.append([(f" {name if at == 0 else '':11} ", "muted"), (part, tone)])
        return lines

    def crumb(self) -> list[Part]:
        """Which record."""
        title = f" {safe(self.known.title)[:40]}" if self.known is not None else ""
        return [(f" {self.CRUMB}{title}", "strong"), *super().crumb()[1:]]

    def hint(self) -> list[Part]:
        """How many differ, and where m leads."""
        rows = self.known.rows if self.known is not None else ()
        bad = sum(row.result in ("missing", "differs") for row in rows)
        if bad:
            return [(f" {bad} of {len(rows)} fields differ or have no name: m opens the mapping.", "warn")]
        return [(" m opens the mapping at the current field, q goes back.", "muted")]

    def do_mapping(self) -> None:
        """To the line of the mapping behind the current field."""
        row: CompareRow | None = self.current
        if row is None or not row.kind:
            self.say("No line of the mapping stands behind this field.", "warn")
        else:
            name = row.name.replace('"', "")
            self.leave(GoTo("mapping", f'kind:{row.kind} name:"{name}"'))

    def do_back(self) -> None:
        """Back to the fields."""
        self.leave(GoTo("fields"))
