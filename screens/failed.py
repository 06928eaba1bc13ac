"""Failed: the records that wait for a person, why, and what to do about each or about many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import work

from screens.acting import LABEL, Plan, question, said_of
from screens.cells import FAILED_COLUMNS, failed_row
from screens.command import bindings
from screens.commands import FAILED
from screens.compare import ask_compare
from screens.details import failed_lines
from screens.listing import Listing
from screens.messages import GoTo
from screens.pages import Row
from screens.safe import safe
from screens.tones import Part
from screens.words import counted

if TYPE_CHECKING:
    from engine.desk import Chosen, Desk, FailedPage, FailedRow, Look, Page


class Failed(Listing):
    """The list over (or beside) all that is known of the current record."""

    CSS_PATH: ClassVar = ["base.tcss", "failed.tcss"]
    COMMANDS_HERE = FAILED
    BINDINGS = bindings(FAILED)
    CRUMB = "4 Failed"
    COLUMNS = FAILED_COLUMNS
    SORTS: ClassVar = ("last", "first", "tries", "record", "kind", "code", "assignee")
    FIELDS: ClassVar = (
        "id", "kind", "connection", "record", "state", "cause", "code", "tries", "first", "last", "assignee", "tag",
        "parked",
    )  # fmt: skip
    FOLDS = False
    NOUN = "failed records"
    NEXT = "Nothing waits for a person. 1 shows the overview."

    groups = 0
    plan: Plan | None = None
    """What was asked for and still needs a word or a count."""

    def on_mount(self) -> None:
        """Start with nothing held."""
        self.known: Any = None
        self.every: dict[str, Chosen] = {}
        """Records marked without having been listed, as they were then."""

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """Records as the operator wants them."""
        from engine.desk import Page

        found: FailedPage = await desk.failed(
            filter=look.filter,
            limit=look.limit,
            offset=look.offset,
            sort=look.sort,
            descending=look.descending,
        )
        self.groups = found.groups
        return Page(found.as_of, found.total, found.offset, found.rows)

    def cells(self, row: FailedRow) -> Row:
        """One record."""
        return failed_row(row, self.session.now())

    async def about(self, desk: Desk, row: FailedRow) -> list[list[Part]]:
        """All that is known of one record."""
        self.known = await desk.failed_detail(row.id)
        return failed_lines(self.known, self.session.now(), self.detail_width) if self.known else []

    def crumb(self) -> list[Part]:
        """How many, for how many causes."""
        parts = super().crumb()
        if self.page is not None:
            parts.insert(2, (f"  {counted(self.groups, 'causes')}", ""))
        return parts

    def hint(self) -> list[Part]:
        """What R would do."""
        if not self.table.pages.total:
            return []
        marked = len(self.table.marked)
        what = f"the {marked:,} marked" if marked else "the current record"
        if not self.session.writable:
            return [(f" RO: R would retry {what}; :rw first.", "muted")]
        return [(f" R retries {what}, e edits it; A assign T tag P park X resolve", "muted")]

    def do_same(self) -> None:
        """Narrow to what failed for the same cause as the current record, and mark all of it."""
        row: FailedRow | None = self.current
        if row is None:
            return
        word = f'code:"{row.code}"' if row.code else f'cause:"{row.cause.replace(chr(34), "")}"'
        self._mark_all(f"kind:{row.kind} {word}", row.code or "no code")

    def do_every(self) -> None:
        """Mark every record the filter lets through."""
        self._mark_all(self.wish, self.wish or "all")

    @work(group="mark", exclusive=True, exit_on_error=False)
    async def _mark_all(self, wish: str, named: str) -> None:
        desk = self.session.desk
        if desk is None:
            return
        with self.told_if_it_fails("records cannot be listed", "Not marked"):
            chosen = await desk.failed_chosen(filter=wish)
            self.every = {str(one.id): one for one in chosen}
            self.table.mark(self.every)
            self.say(f"{len(chosen):,} marked: {named}.")

    def chosen(self) -> tuple[Chosen, ...]:
        """The marked records or the current one, each as it was seen."""
        from engine.desk import Chosen

        current = self.table.current
        keys = self.table.marked or ({current.key} if current else set())
        found = []
        for key in sorted(keys, key=int):
            row: FailedRow | None = self.rows.get(key)
            listed = [Chosen(row.id, row.version, row.ref)] if row is not None else []
            known = [*listed, *([self.every[key]] if key in self.every else [])]
            if known:
                found.append(max(known, key=lambda one: one.version))  # as it was seen last
        return tuple(found)

    # acting

    def do_retry(self) -> None:
        """Try again."""
        self.begin("retry")

    def do_assign(self) -> None:
        """Make them somebody's."""
        self.begin("assign")

    def do_tag(self) -> None:
        """Give them tags."""
        self.begin("tag")

    def do_park(self) -> None:
        """Set them aside."""
        self.begin("park")

    def do_unpark(self) -> None:
        """Take them up again."""
        self.begin("unpark")

    def do_resolve(self) -> None:
        """Close them."""
        self.begin("resolve")

    def do_compare(self) -> None:
        """The order of the record on both sides."""
        from engine.desk import Subject

        row: FailedRow | None = self.current
        mine = row is not None and row.kind in ("order", "money")
        ask_compare(self, Subject(row.connection, "order", row.ref) if mine and row is not None else None)

    def begin(self, verb: str) -> None:
        """Ask for what is still missing: a word, then the count when it is about many."""
        chosen = self.chosen()
        if not chosen:
            self.say(f"There is no record to {LABEL[verb].lower()}.", "warn")
            return
        self.plan = Plan(verb, chosen, self.given() or None)
        self.go_on()

    @work(group="act", exclusive=True, exit_on_error=False)
    async def look_again(self, plan: Plan) -> None:
        """Whether what would be tried is still what was seen."""
        if self.session.desk is None:
            return
        with self.told_if_it_fails("records cannot be compared"):
            late = await self.session.desk.overtaken(plan.chosen)
            if self.plan is plan:
                self._take(plan.looked(late))

    def do_edit(self) -> None:
        """Edit what will be sent, then try it again."""
        row: FailedRow | None = self.current
        if row is None:
            self.say("There is no record to edit.", "warn")
            return
        from engine.desk import Chosen

        self.session.record = Chosen(row.id, row.version, row.ref)
        self.leave(GoTo("edit", ""))

    def go_on(self) -> None:
        """Ask the next question, or act when there is none."""
        plan = self.plan
        if plan is None:
            return
        asked = question(plan, self.session.operator)
        if asked is None and plan.verb == "retry" and plan.late is None:
            self.look_again(plan)
        elif asked is None:
            self.plan = None
            self.ask_engine(plan)
        else:
            self.entry.ask("plan", *asked)

    def entered(self, purpose: str, text: str) -> None:
        """An answer to one of the questions."""
        plan = self.plan
        if purpose != "plan" or plan is None:
            super().entered(purpose, text)
            return
        self._take(plan.answered(text))

    def _take(self, answered: Plan | str) -> None:
        """Go on with a plan, or say why nothing is done."""
        self.plan = answered if isinstance(answered, Plan) else None
        if isinstance(answered, Plan):
            self.go_on()
        else:
            self.say(answered, "warn")

    @work(group="act", exit_on_error=False)
    async def ask_engine(self, plan: Plan) -> None:
        """Ask the engine, and say what came of it."""
        if self.session.desk is None:
            return
        with self.told_if_it_fails(f"{plan.verb} was not taken"):
            asked = await self.session.desk.act(
                plan.verb,
                plan.chosen,
                value=plan.value or "",
                operator=self.session.operator,
                stale=plan.stale or "skip",
            )
            self.table.mark(())
            self.every = {}
            said, tone = said_of(plan, asked)
            self.say(safe(said), tone)
            self._news = True
            self.table.pages.grow_old()
            self.kick()
