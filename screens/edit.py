"""Edit: what of a record may be told in other words, and trying it again with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work

from screens.acting import GUARDS, guard_question, guarded
from screens.command import bindings
from screens.commands import EDITED
from screens.details import folded
from screens.listing import Listing
from screens.messages import GoTo
from screens.pages import Row
from screens.paging import paged
from screens.safe import fit, safe
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import counted

if TYPE_CHECKING:
    from engine.desk import Change, Desk, EditField, EditForm, Look, Overtaken, Page

NONE = "(nothing)"
SHORT = 40


@dataclass(frozen=True, slots=True)
class Draft:
    """A field with what the operator typed for it."""

    field: EditField
    label: str
    shop: str
    told: str
    new: str | None
    """What is to be told; None while nothing was typed."""
    fault: str
    """Why that cannot be sent; empty when it can."""

    @property
    def state(self) -> str:
        """edited, wrong, missing, told (somebody edited it before) or as it is."""
        if self.new is not None:
            return "wrong" if self.fault else "edited"
        if self.field.by:
            return "told"
        return "missing" if not self.told and self.field.kind != "order" else "as it is"


TONES = {"edited": "ok", "wrong": "bad", "missing": "bad", "told": "warn", "as it is": "muted"}
SYMBOLS = {"edited": "+", "wrong": "x", "missing": "x", "told": "~", "as it is": "="}


class Edit(Listing):
    """One row for each thing that may be edited; R sends what is valid and tries the record again."""

    COMMANDS_HERE = EDITED
    BINDINGS = bindings(EDITED)
    CRUMB = "4 Failed > edit"
    COLUMNS: ClassVar = (
        Column("FIELD", 24),
        Column("STATE", 10),
        Column("SHOPIFY SAYS", 20),
        Column("TOLD SO FAR", 20, from_width=120),
        Column("TO BE TOLD", 0),
    )
    FIELDS: ClassVar = ("label", "shop", "told", "new", "fault")
    FOLDS = False
    NOUN = "fields"
    NEXT = (
        "Nothing of this record is edited here: its remedy says what to change, R on screen 4 tries it again."
    )

    form: EditForm | None = None

    def on_mount(self) -> None:
        """Nothing typed yet."""
        self.drafts: dict[str, str | None] = {}
        """What was typed, by field; None to tell what Shopify says again."""
        self.of: object = None
        self.late: Overtaken | None = None
        self.awaited: int | None = None

    @property
    def wanted(self) -> tuple[object, ...]:
        """Another record is another form, and so is another draft."""
        return *super().wanted, self.session.record, tuple(self.drafts.items())

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """The fields with what was typed."""
        record = self.session.record
        if record != self.of:
            self.of, self.drafts, self.awaited = record, {}, None
        self.form = await desk.editable(record.id) if record is not None else None
        if self.awaited is not None and (came := await desk.outcome(self.awaited)) is not None:
            self.awaited = None
            done = came.endswith("tried again")
            self.say(f"{came[:1].upper()}{came[1:]}. q goes back to the list.", "ok" if done else "bad")
        return paged(
            [self.drafted(one) for one in self.form.fields] if self.form else [], look, self.session.now()
        )

    def drafted(self, one: EditField) -> Draft:
        """A field with what was typed for it, judged."""
        from engine.orders.rewording import fault

        if one.key not in self.drafts:
            return Draft(one, one.label, one.shop, one.told, None, "")
        typed = self.drafts[one.key]
        new = one.shop if typed is None else typed
        return Draft(
            one, one.label, one.shop, one.told, new, "" if typed is None else fault(one.kind, one.field, new)
        )

    def cells(self, row: Draft) -> Row:
        """One field."""
        tone = TONES[row.state]
        return Row(
            row.field.key,
            (
                (safe(row.label), "strong"),
                (f"{SYMBOLS[row.state]} {row.state}", tone),
                (safe(row.shop) or NONE, "" if row.shop else "muted"),
                (safe(row.told) or NONE, "" if row.told else "muted"),
                (safe(row.told if row.new is None else row.new) or NONE, tone),
            ),
        )

    async def about(self, desk: Desk, row: Draft) -> list[list[Part]]:
        """All of one field, why it is wrong, and what other values are called."""
        width = self.detail_width - 14
        lines: list[list[Part]] = [[(safe(row.label), "strong")]]
        fields = [("Shopify", row.shop or NONE, ""), ("told so far", row.told or NONE, "")]
        if row.field.by:
            fields.append(("edited by", row.field.by, ""))
        if row.new is not None:
            fields.append(("to be told", row.new or NONE, "bad" if row.fault else "ok"))
        if row.fault:
            fields.append(("wrong", row.fault, "bad"))
        if row.field.known:
            fields.append(("names so far", ", ".join(row.field.known), "muted"))
        for name, text, tone in fields:
            for at, part in enumerate(folded(text, width)):
                lines.append([(f" {name if at == 0 else '':12} ", "muted"), (part, tone)])
        if self.form is not None:
            lines += [
                [(f" {'why' if at == 0 else '':12} ", "muted"), (part, "bad")]
                for at, part in enumerate(folded(self.form.cause, width))
            ]
        return lines

    def crumb(self) -> list[Part]:
        """Which record."""
        ref = self.form.chosen.ref if self.form is not None else ""
        return [
            (f" {self.CRUMB} {fit(safe(ref), min(SHORT, len(ref))) if ref else ''}", "strong"),
            *super().crumb()[1:],
        ]

    def hint(self) -> list[Part]:
        """What is typed, and what R would do."""
        if self.awaited is not None:
            return [(" The engine is at it; what comes of it is said here.", "busy")]
        typed = len(self.drafts)
        if not typed:
            return [
                (
                    " e edits the field, O takes that back; R sends all of it and tries again.",
                    "muted",
                )
            ]
        return [(f" {counted(typed, 'fields')} typed and not sent yet: R sends, q gives them up.", "warn")]

    def do_change(self) -> None:
        """Type what is to be told."""
        row: Draft | None = self.current
        if row is None:
            self.say("There is no field to edit.", "warn")
            return
        self.entry.ask(
            "change", f"{safe(row.label)[:SHORT]}: ", safe(row.new if row.new is not None else row.told)
        )

    def do_original(self) -> None:
        """What Shopify says is told again; a value without a name has none."""
        row: Draft | None = self.current
        if row is None or (row.new is None and not row.field.by):
            self.say("Nothing was edited there.", "warn")
        else:
            if row.field.by:
                self.drafts[row.field.key] = None
            else:
                self.drafts.pop(row.field.key, None)
            self.kick()

    def entered(self, purpose: str, text: str) -> None:
        """Words for a field, or what becomes of a record that was overtaken."""
        row: Draft | None = self.current
        if purpose == "change" and row is not None:
            self.drafts[row.field.key] = text
            self.kick()
        elif purpose == "guard":
            self.guard(text)
        else:
            super().entered(purpose, text)

    def do_retry(self) -> None:
        """Send what is valid, and try again."""
        rows = [self.drafted(one) for one in self.form.fields] if self.form else []
        wrong = next((row for row in rows if row.fault), None)
        if wrong is not None:
            self.say(f"Nothing sent. {safe(wrong.label)}: {wrong.fault}", "bad")
        elif not self.changes():
            self.say("Nothing was edited: R on screen 4 tries the record again as it is.", "warn")
        else:
            self.check()

    def changes(self) -> list[Change]:
        """What was typed, as it is asked for."""
        from engine.desk import Change

        return [
            Change(
                one.kind, one.name, one.field, self.drafts[one.key], one.shop if one.kind == "order" else ""
            )
            for one in (self.form.fields if self.form else ())
            if one.key in self.drafts
        ]

    @work(group="act", exclusive=True, exit_on_error=False)
    async def check(self) -> None:
        """Whether the record is still what was seen; if not, the operator says what becomes of it."""
        desk, form = self.session.desk, self.form
        if desk is None or form is None:
            return
        with self.told_if_it_fails("a record cannot be compared"):
            late = await desk.overtaken((form.chosen,))
            if not late:
                self.send("skip")
            elif not late[0].waits:
                self.say(f"Nothing sent: {safe(form.chosen.ref)} {late[0].why}.", "warn")
            else:
                [self.late] = late
                self.entry.ask("guard", guard_question(late, 1))

    def guard(self, text: str) -> None:
        """Skip it, apply what Shopify says by now, or send the words all the same."""
        late, self.late = self.late, None
        answer = guarded(text)
        if answer is None or answer == "skip" or late is None:
            self.say("Nothing sent: the record was left alone." if answer == "skip" else GUARDS, "warn")
        elif answer == "newest":
            self.drafts = {}
            self.send("newest")
        else:
            self.send("force")

    @work(group="act", exclusive=True, exit_on_error=False)
    async def send(self, stale: str) -> None:
        """Ask the engine."""
        desk, form = self.session.desk, self.form
        if desk is None or form is None:
            return
        with self.told_if_it_fails("an edit was not taken"):
            asked = await desk.edit(
                form.connection, form.chosen, self.changes(), stale=stale, operator=self.session.operator
            )
            if isinstance(asked, str):
                self.say(f"Nothing sent. {safe(asked)}", "bad")
                return
            self.awaited, self.drafts = asked, {}
            self.say("Asked: what was edited is told from now on, and the record is tried again.")
            self.table.pages.grow_old()
            self.kick()

    def do_back(self) -> None:
        """Back to the records."""
        self.leave(GoTo("failed"))
