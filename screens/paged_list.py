"""A list of any length, read a page at a time, with all that is known of the current row beside it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import VerticalScroll
from textual.getters import query_one
from textual.widget import Widget

from screens.base import DeskScreen
from screens.narrowing import Narrowed
from screens.pages import KEPT, PAGE, Row
from screens.safe import safe
from screens.session import Session
from screens.tones import Part
from screens.widgets.columns import Column
from screens.widgets.line import Lines
from screens.widgets.record_table import RecordTable
from screens.words import counted

if TYPE_CHECKING:
    from engine.desk import Desk, Look, Page


class PagedList(Narrowed, DeskScreen):
    """Reads and shows rows; a screen says what they are and what is known of one."""

    CSS_PATH: ClassVar = ["base.tcss", "listing.tcss"]
    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    SORTS: ClassVar[tuple[str, ...]] = ("",)
    """Fields to sort by, the first one at first."""
    DESCENDING: ClassVar = True
    """Whether the highest or newest comes first, at first."""
    NOUN = "rows"
    NEXT = ""
    """What to do when there are none at all."""
    FOLDS = True
    """Whether the detail is hidden until it is asked for or there is room; otherwise it is always shown."""

    table = query_one("#list", RecordTable)
    detail = query_one("#what", Lines)

    # what a screen fills in

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """Read a part of the list."""
        raise NotImplementedError

    def cells(self, row: Any) -> Row:
        """A row ready to paint."""
        raise NotImplementedError

    async def about(self, desk: Desk, row: Any) -> list[list[Part]]:
        """All that is known of a row."""
        raise NotImplementedError

    # showing

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.set_class(self.FOLDS, "-folds")

    def compose_body(self) -> Iterable[Widget]:
        """The list and the detail."""
        yield RecordTable(self.COLUMNS, id="list")
        with VerticalScroll(id="detail"):
            yield Lines(id="what")

    def on_mount(self) -> None:
        """Start with nothing held."""
        self.rows: OrderedDict[str, Any] = OrderedDict()
        self.aside: dict[str, Any] = {}
        """Marked rows as they were seen last, where they are not held any more or never were."""
        self.sort_at, self.descending = 0, self.DESCENDING
        self.page: Page[Any] | None = None
        self._shown_as: tuple[object, ...] | None = None
        self.table.explain("Reading the first page. Keys work meanwhile.")

    def notes(self) -> tuple[tuple[str, str], ...]:
        """The fields a filter may name, and those to sort by."""
        sorts = ", ".join(name for name in self.SORTS if name)
        fields = (("/", f"Fields: {', '.join(self.FIELDS)}."),)
        return (*fields, (":sort", f"Fields: {sorts}.")) if sorts else fields

    @property
    def wanted(self) -> tuple[object, ...]:
        """All that the rows depend on; when it changes, another list begins."""
        return self.wish, self.sort_at, self.descending

    def look(self, offset: int, limit: int = PAGE) -> Look:
        """Filter and order as the operator wants them."""
        from engine.desk import Look

        return Look(self.wish, self.SORTS[self.sort_at], self.descending, offset, limit)

    async def read(self) -> None:
        """Read the pages in view that are missing or old, then what is known of the current row."""
        desk = self.session.desk
        if desk is None:
            return
        wanted, wish = self.wanted, self.wish
        anew = wanted != self._shown_as
        for offset in (0,) if anew else self.table.wanted() or (() if self.page else (0,)):
            page = await self.fetch(desk, self.look(offset))
            if wanted != self.wanted:
                self.kick()  # the operator has typed on meanwhile
                return
            self.show(page, anew=anew)
            self._shown_as, self.shown_wish = wanted, wish
        await self.show_about(desk)

    def show(self, page: Page[Any], *, anew: bool) -> None:
        """Take in one page."""
        self.page = page
        if not self.wish:
            self.everything = page.total
        self.explain_nothing(self.NOUN, self.NEXT)
        ready = []
        for row in page.rows:
            painted = self.cells(row)
            self.rows[painted.key] = row
            self.rows.move_to_end(painted.key)
            ready.append(painted)
        while len(self.rows) > KEPT * PAGE:
            key, row = self.rows.popitem(last=False)
            if key in self.table.marked:
                self.aside[key] = row
        self.table.put(page.offset, ready, page.total, anew=anew)

    def trouble(self, error: BaseException) -> None:
        """Where nothing was ever read, say that instead of promising the first page."""
        if self.is_mounted and self.page is None:
            self.table.explain("Nothing could be read yet.", "The line below says why; r tries again.")
        super().trouble(error)

    async def show_about(self, desk: Desk) -> None:
        """All that is known of the current row, where there is room for it."""
        row = self.current
        if row is not None and self.detail_is_shown:
            self.detail.show(await self.about(desk, row))
        elif row is None:
            self.detail.show([])

    @property
    def detail_is_shown(self) -> bool:
        """Whether anybody would see the detail."""
        return not self.FOLDS or bool(self.classes & {"-detail", "-wide"})

    @property
    def current(self) -> Any | None:
        """The row under the cursor."""
        row = self.table.current
        return self.rows.get(row.key) if row else None

    def picked(self) -> list[Any]:
        """The marked rows, each as it was seen last; the current one where none is marked."""
        if not self.table.marked:
            return [] if self.current is None else [self.current]
        known = {**self.aside, **self.rows}
        return [row for key, row in known.items() if key in self.table.marked]

    @property
    def detail_width(self) -> int:
        """Cells of a line of the detail."""
        return self.detail.size.width or self.size.width

    def grow_old(self) -> None:
        """What is held must be read again before it is called current."""
        self.table.pages.grow_old()

    def on_record_table_moved(self) -> None:
        """Another row."""
        self.kick()

    def on_record_table_wanted(self) -> None:
        """Rows came into view that are not held."""
        self.kick()

    def on_record_table_resized(self) -> None:
        """There is another width to fold the detail to."""
        self.kick()

    def crumb(self) -> list[Part]:
        """What is listed, by what, how much is marked."""
        page, parts = self.page, super().crumb()
        if page is None:
            return parts
        among = f" in the newest {page.among:,}" if page.among else ""
        of = (
            f" of {self.everything:,}" if self.everything else ""
        )  # not known before the whole list was looked at
        what = (
            f' > "{safe(self.wish)}" {page.total:,}{of}{among}'
            if self.wish
            else f" > all ({counted(page.total, self.NOUN)})"
        )
        parts.append((what, ""))
        sort = self.SORTS[self.sort_at]
        if sort:
            parts.append((f"   by {sort} {'down' if self.descending else 'up'}", "muted"))
        if self.table.marked:
            parts.append((f"   {len(self.table.marked):,} marked", "strong"))
        return parts

    def record(self) -> str:
        """The current row in one line."""
        row = self.table.current
        return "  ".join(text.strip() for text, _ in row.cells) if row else ""
