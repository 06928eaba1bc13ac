"""Failed: the records that wait for a person, why, and what to do about each."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import VerticalScroll
from textual.getters import query_one
from textual.widget import Widget

from engine.model.ids import WorkId
from screens.base import DeskScreen
from screens.cells import FAILED_COLUMNS, failed_row
from screens.commands import FAILED, bindings
from screens.details import failed_lines
from screens.narrowing import Narrowed
from screens.safe import safe
from screens.tones import Part
from screens.widgets.line import Lines
from screens.widgets.record_table import RecordTable

if TYPE_CHECKING:
    from engine.desk import FailedDetail, FailedPage, FailedRow

log = logging.getLogger("screens")


class Failed(Narrowed, DeskScreen):
    """The list over (or beside) all that is known of the current record."""

    CSS_PATH: ClassVar = ["base.tcss", "failed.tcss"]
    COMMANDS_HERE = FAILED
    BINDINGS = bindings(FAILED)
    CRUMB = "4 Failed"

    table = query_one("#queue", RecordTable)
    detail = query_one("#what", Lines)

    def compose_body(self) -> Iterable[Widget]:
        """The list and the detail."""
        yield RecordTable(FAILED_COLUMNS, id="queue")
        with VerticalScroll(id="detail"):
            yield Lines(id="what")

    def on_mount(self) -> None:
        """Start with nothing held."""
        super().on_mount()
        self.page: FailedPage | None = None
        self.known: FailedDetail | None = None
        self.table.explain("Reading. Keys work meanwhile.")

    async def read(self) -> None:
        """Read the list when it may have changed, and the current record."""
        desk, wish = self.session.desk, self.wish
        if desk is None:
            return
        if self.page is None or wish != self.shown_wish:
            self.show(await desk.failed(filter=wish), anew=wish != self.shown_wish)
            self.shown_wish = wish
        row = self.table.current
        self.known = await desk.failed_detail(WorkId(int(row.key))) if row else None
        self.show_detail()

    def show_detail(self) -> None:
        """All that is known of the current record."""
        width = self.detail.size.width or self.size.width
        self.detail.show(failed_lines(self.known, self.session.now(), width) if self.known else [])

    def on_record_table_resized(self) -> None:
        """There is another width to fold the detail to."""
        self.call_after_refresh(self.show_detail)

    def show(self, page: FailedPage, *, anew: bool) -> None:
        """Take in the list."""
        self.page = page
        if not self.wish:
            self.everything = page.total
        self.explain_nothing("failed records", "Nothing waits for a person. 1 shows the overview.")
        now = self.session.now()
        self.table.put(0, [failed_row(row, now) for row in page.rows], len(page.rows), anew=True)
        self.table.marked &= {str(row.id) for row in page.rows}

    def grow_old(self) -> None:
        """Read the list again."""
        self.page = None

    def on_record_table_moved(self) -> None:
        """Another record."""
        self.kick()

    def crumb(self) -> list[Part]:
        """How many, in how many groups."""
        page = self.page
        parts = super().crumb()
        if self.wish:
            parts.append((f' > "{safe(self.wish)}"', ""))
        if page is not None:
            more = f", newest {len(page.rows)} listed" if page.total > len(page.rows) else ""
            parts.append(
                (f"   {page.total:,} failed  {page.groups} causes  {len(self.table.marked)} marked{more}", "")
            )
        return parts

    def hint(self) -> list[Part]:
        """What R would do."""
        marked = len(self.table.marked)
        what = f"the {marked} marked" if marked else "the current record"
        if not self.table.pages.total:
            return []
        return [
            (
                f" R retries {what}." if self.session.writable else f" RO: R would retry {what}; :rw first.",
                "muted",
            )
        ]

    def record(self) -> str:
        """The current record in one line."""
        row = self.table.current
        return "  ".join(text for text, _ in row.cells) if row else ""

    def rows(self) -> tuple[FailedRow, ...]:
        """What is listed."""
        return self.page.rows if self.page is not None else ()

    def do_detail(self) -> None:
        """Give the detail all the room, or half of it again."""
        self.toggle_class("-detail")

    def do_same(self) -> None:
        """Mark what failed for the same cause as the current record."""
        if self.known is not None:
            code = self.known.row.code
            self.table.mark(str(row.id) for row in self.rows() if row.code == code)
            self.say(f"{len(self.table.marked)} marked: {code or 'no code'}.")

    def do_retry(self) -> None:
        """Ask for the marked records, or the current one."""
        row = self.table.current
        keys = self.table.marked or ({row.key} if row else set())
        if keys:
            self.ask_again(tuple(sorted(WorkId(int(key)) for key in keys)))
        else:
            self.say("There is no record to retry.", "warn")

    @work(group="act", exit_on_error=False)
    async def ask_again(self, works: tuple[WorkId, ...]) -> None:
        """Ask the engine, and say what came of it."""
        if self.session.desk is None:
            return
        try:
            asked = await self.session.desk.retry(works, operator=self.session.operator)
        except Exception as error:  # said where the operator looks
            log.exception("retry was not taken")
            self.say(f"Not asked: {error}", "bad")
            return
        self.table.mark(())
        said = f"Asked to try {asked.accepted} again."
        if asked.refused:
            said += f" {len(asked.refused)} refused: {'; '.join(asked.refused)}"
        self.say(said, "warn" if asked.refused else "ok")
        self._news = True
        self.kick()
