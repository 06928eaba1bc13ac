"""Fields: what one system names and the other does not know, and fields of products that wait for a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import work

from engine.desk.gaps import DRAFT, PRODUCT
from screens import field_acts
from screens.command import bindings
from screens.commands import FIELDS
from screens.compare import ask_compare
from screens.details import folded
from screens.field_acts import Decision
from screens.listing import Listing
from screens.messages import GoTo
from screens.pages import Row
from screens.paging import paged
from screens.safe import safe
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import ago, moment

if TYPE_CHECKING:
    from engine.desk import Desk, GapRow, Look, Page

NAME_IT = (
    "m opens the mapping: e there tries a name for it. The records that wait for it are on",
    "screen 4 and can be tried again then. = compares the order that had it first.",
)
DECIDE = (
    "The shop changed what the back office owns. Nothing is written before a person decides:",
    "B restores the back office's value, A keeps the shop's, s asks later. = compares all of it.",
    "Or: trueup conflict field SKU FIELD restore, adopt or snooze.",
)
MADE = (
    "A draft product is to be made of this article, which the shop lacks. What stands in its way is",
    "a record on screen 4; when it is made, screen 9 says so. Or: trueup product drafts.",
)
NEXT_OF = {PRODUCT: DECIDE, DRAFT: MADE}


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
        lines += [[(f" {text}", "ok")] for text in NEXT_OF.get(row.kind, NAME_IT)]
        return lines

    pending: Decision | None = None
    """What is done once its count was typed."""

    def do_compare(self) -> None:
        """The first order that had it, or the product, on both sides."""
        from engine.desk import Subject

        row: GapRow | None = self.current
        if row is None:
            ask_compare(self, None)
        elif row.kind == PRODUCT:
            ask_compare(self, Subject(row.connection, "product", field_acts.named(row)[0]))
        elif row.kind == DRAFT:
            self.say("The shop has nothing of it to compare yet.", "muted")
        else:
            ask_compare(self, Subject(row.connection, "order", row.first.partition(":")[0].strip()))

    def do_mapping(self) -> None:
        """To its line of the mapping."""
        row: GapRow | None = self.current
        if row is None or row.kind in NEXT_OF:
            self.leave(GoTo("mapping", ""))
        else:
            name = row.name.replace('"', "")
            self.leave(GoTo("mapping", f'name:"{name}"'))

    def do_restore(self) -> None:
        """Put the back office's value back."""
        self.begin("restore")

    def do_adopt(self) -> None:
        """Keep the shop's value."""
        self.begin("adopt")

    def do_snooze(self) -> None:
        """Ask later."""
        self.begin("snooze")

    def begin(self, what: str) -> None:
        """Ask for the count."""
        minutes = field_acts.minutes_of(self.given())
        rows = tuple(row for row in self.picked() if row.kind == PRODUCT)
        if minutes is None:
            self.say(f"Say for how many minutes: :snooze 60, at most {field_acts.LONGEST}.", "warn")
        elif not rows:
            self.say(
                "Only fields of products are decided here: the others want a name in the mapping (m).", "warn"
            )
        else:
            self.pending = Decision(what, rows, minutes)
            self.entry.ask("decide", field_acts.question(self.pending))

    def entered(self, purpose: str, text: str) -> None:
        """The count."""
        if purpose != "decide" or self.pending is None:
            super().entered(purpose, text)
            return
        one, self.pending = self.pending, None
        if text.strip().replace(",", "") == str(len(one.rows)):
            self.ask_engine(one)
        else:
            self.say(f"Nothing done: {len(one.rows):,} fields, and that was not typed.", "warn")

    @work(group="act", exclusive=True, exit_on_error=False)
    async def ask_engine(self, one: Decision) -> None:
        """Ask the engine, and say what was refused."""
        desk = self.session.desk
        if desk is None:
            return
        refused = []
        with self.told_if_it_fails("a decision was not taken"):
            for row in one.rows:
                sku, field = field_acts.named(row)
                why = await desk.decide_field(
                    row.connection, sku, field, one.what, minutes=one.minutes, operator=self.session.operator
                )
                refused += [why] if why else []
            self.table.mark(())
            said = f"Asked: {one.what} {len(one.rows) - len(refused):,} of {len(one.rows):,} fields."
            self.say(f"{said} {safe(refused[0])}" if refused else said, "warn" if refused else "ok")
            self._news = True
            self.table.pages.grow_old()
            self.kick()
