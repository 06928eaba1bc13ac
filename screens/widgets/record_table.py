"""A table of any length: it asks for the pages it lacks, is moved in, marked, and keeps its cursor on a record."""

from collections.abc import Iterable

from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message

from screens.command import bindings
from screens.everywhere import MOVES
from screens.pages import Row
from screens.widgets.columns import Column
from screens.widgets.painted_rows import PaintedRows


class RecordTable(PaintedRows, can_focus=True):
    """Rows by index from pages; the screen reads them and hands them in."""

    BINDINGS = bindings(MOVES)

    class Wanted(Message):
        """Rows came into view that have not been read."""

    class Resized(Message):
        """The table has another size."""

    class Moved(Message):
        """The cursor stands on another record or column."""

    def __init__(self, columns: tuple[Column, ...], *, id: str | None = None) -> None:
        super().__init__(columns, id=id)
        self._anchor: str | None = None
        """The record marked or unmarked last."""

    # what the screen asks and hands in

    @property
    def current(self) -> Row | None:
        """The record under the cursor."""
        return self.pages.at(self.cursor)

    def wanted(self) -> tuple[int, ...]:
        """Offsets of the pages to read for what is in view."""
        top = self.scroll_offset.y
        return self.pages.wanted(top, top + self.body_height)

    def explain(self, *lines: str) -> None:
        """What to say in place of rows when there are none."""
        if lines != self._empty:
            self._empty = lines
            if not self.pages.total:
                self.refresh()

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show other columns."""
        if columns != self.columns.all:
            self.columns.replace(columns)
            self.columns.see(self.room)
            self.refresh()

    def put(self, offset: int, rows: Iterable[Row], total: int, *, anew: bool = False) -> None:
        """Take in a page; `anew` when it begins another listing. The cursor stays on its record."""
        key = self.current.key if self.current else None
        before = self._in_view()
        old_total = self.pages.total
        if anew:
            self.pages.clear()
        self.pages.put(offset, rows, total)
        found = self.pages.find(key) if key is not None else None
        if key is None or found is None:
            target = 0 if anew else min(self.cursor, max(0, total - 1))
        else:
            target = found
        shift = target - self.cursor
        self.cursor = target
        if total != old_total:
            self.virtual_size = Size(self.size.width, total + 1)
        if shift:
            self._scroll(max(0, self.scroll_offset.y + shift))
        self._keep_in_view()
        if shift or total != old_total or before != self._in_view():
            self.refresh()
        if (self.current.key if self.current else None) != key:
            self.post_message(self.Moved())

    def toggle_mark(self) -> None:
        """Mark or unmark the current record and step on."""
        if self.current is not None:
            self.marked ^= {self.current.key}
            self._anchor = self.current.key
            self._refresh_row(self.cursor)
            self.action_step(1)

    def mark_range(self) -> bool:
        """Mark from the row marked last to the current one; False when that row, or one between, is not held."""
        start = None if self._anchor is None else self.pages.find(self._anchor)
        if start is None:
            return False
        first, last = min(start, self.cursor), max(start, self.cursor)
        rows = [self.pages.at(index) for index in range(first, last + 1)]
        if not all(rows):
            return False
        self.marked |= {row.key for row in rows if row is not None}
        self.refresh()
        return True

    def mark(self, keys: Iterable[str]) -> None:
        """Mark exactly these."""
        self.marked = set(keys)
        self.refresh()

    def shown_columns(self) -> tuple[Column, ...]:
        """The columns painted at this width."""
        return tuple(self.columns.all[i] for i in self.columns.layout(self.room).shown)

    # movement

    def action_step(self, by: int) -> None:
        """Move the cursor by rows."""
        self._go(self.cursor + by)

    def action_leaf(self, by: int) -> None:
        """Move by whole views."""
        self._scroll(max(0, self.scroll_offset.y + by * self.body_height))
        self._go(self.cursor + by * self.body_height)

    def action_edge(self, last: int) -> None:
        """Go to the first or the last row."""
        self._go(self.pages.total - 1 if last else 0)

    def action_column(self, by: int) -> None:
        """Move among the columns that move, or scroll them into view."""
        if self.columns.step(by):
            self.columns.see(self.room)
            self.refresh()
            self.post_message(self.Moved())

    def on_click(self, event: Click) -> None:
        """Put the cursor where the mouse pointed."""
        if event.y > 0:
            self._go(self.scroll_offset.y + event.y - 1)

    def on_resize(self, event: Resize) -> None:
        """Keep the cursor visible and ask for what came into view."""
        self.virtual_size = Size(event.size.width, self.pages.total + 1)
        self.columns.see(self.room)
        self._keep_in_view()
        self.post_message(self.Resized())
        self.post_message(self.Wanted())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for rows that came into view."""
        super().watch_scroll_y(old_value, new_value)
        if self.wanted():
            self.post_message(self.Wanted())

    def _go(self, index: int) -> None:
        index = max(0, min(self.pages.total - 1, index))
        old, self.cursor = self.cursor, index
        if old != index:
            self._keep_in_view()
            self._refresh_row(old)
            self._refresh_row(index)
            self.post_message(self.Moved())

    def _keep_in_view(self) -> None:
        top, height = self.scroll_offset.y, self.body_height
        if self.cursor < top:
            self._scroll(self.cursor)
        elif self.cursor >= top + height:
            self._scroll(self.cursor - height + 1)

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True, immediate=True)

    def _refresh_row(self, index: int) -> None:
        y = index - self.scroll_offset.y + 1
        if 0 < y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _in_view(self) -> list[Row | None]:
        top = self.scroll_offset.y
        return [self.pages.at(i) for i in range(top, min(top + self.body_height, self.pages.total))]
