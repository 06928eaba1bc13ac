"""The lines of a table: a heading, the rows in view with their tones, the cursor, the marks, and where in the list that is."""

from dataclasses import dataclass
from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.pages import Pages
from screens.safe import fit
from screens.tones import TONES
from screens.widgets.columns import GUTTER, Column, Columns, Layout
from screens.widgets.plain import Plain

THUMB = "┃"
"""Which part of a list that is longer than the view is in view. Part of the lines: a scrollbar is as dear as they."""


@dataclass(frozen=True, slots=True)
class View:
    """What all lines of one painting have in common: to ask for it line by line costs more than the lines."""

    top: int
    """Index of the first row in view."""
    width: int
    layout: Layout
    thumb: range
    """The lines below the heading that stand for what is in view."""


class PaintedRows(ScrollView, Plain):
    """Paints the rows that are held, of those in view."""

    COMPONENT_CLASSES = {f"table--{name}" for name in (*TONES, "head", "cursor", "here")}
    DEFAULT_CSS = """
    PaintedRows {
        height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 0;
        .table--ok { color: $tu-ok; } .table--warn { color: $tu-warn; }
        .table--bad { color: $tu-bad; text-style: bold; } .table--busy { color: $tu-busy; }
        .table--muted { color: $tu-muted; } .table--strong { text-style: bold; }
        .table--head { color: $tu-head; background: $panel; text-style: bold; }
        .table--cursor { color: $tu-cursor-text; background: $tu-cursor; }
        .table--here { color: $tu-cursor-text; background: $tu-cursor; text-style: bold underline; }
    }
    """

    def __init__(self, columns: tuple[Column, ...], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.columns = Columns(columns)
        self.pages = Pages()
        self.cursor = 0
        self.marked: set[str] = set()
        self._empty: tuple[str, ...] = ()
        """What to say in place of rows when there are none."""
        self._styles: dict[str, Style] = {}

    @property
    def body_height(self) -> int:
        """Rows that fit below the heading."""
        return max(1, self.size.height - 1)

    @property
    def room(self) -> int:
        """Cells of a line, less the one that shows where in the list the view is."""
        return self.size.width - 1

    def notify_style_update(self) -> None:
        """Forget styles when the theme changes."""
        super().notify_style_update()
        self._styles = {}

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            self._styles[name] = self.get_component_rich_style(f"table--{name}") if name else self.rich_style
        return self._styles[name]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the lines of a region."""
        self._view = View(
            self.scroll_offset.y, self.size.width, self.columns.layout(self.room), self._thumb()
        )
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Paint one line of the view."""
        view = self._view
        if y == 0:
            return self._heading(view)
        if not self.pages.total and y <= len(self._empty):
            said = fit(f"   {self._empty[y - 1]}", view.width)
            return Strip([Segment(said, self._style("strong" if y == 1 else ""))], view.width)
        index = view.top + y - 1
        if index >= self.pages.total:
            return Strip.blank(view.width, self.rich_style)
        return self._record(index, view, y - 1 in view.thumb)

    def _thumb(self) -> range:
        height, total = self.body_height, self.pages.total
        if total <= height:
            return range(0)
        length = max(1, height * height // total)
        at = self.scroll_offset.y * (height - length) // (total - height)
        return range(at, at + length)

    def _heading(self, view: View) -> Strip:
        text = "<  " if self.columns.first else "   "
        for i in view.layout.shown:
            column = self.columns.all[i]
            if column.width == 0 and view.layout.hidden:
                text = text[:-1] + ">"
            text += (
                fit(column.title, column.width, right=column.right) if column.width else column.title
            ) + " "
        return Strip([Segment(fit(text.rstrip(), view.width), self._style("head"))], view.width)

    def _record(self, index: int, view: View, thumb: bool) -> Strip:
        row = self.pages.at(index)
        here = index == self.cursor
        base = "cursor" if here else ""
        mark = "#" if row is not None and row.key in self.marked else " "
        runs = [(f"{'>' if here else ' '}{mark} ", base)]
        left = view.width - 1 - GUTTER
        if row is None:
            runs.append((fit("...", left), base or "muted"))
            left = 0
        else:
            current = self.columns.current if here else -1
            for i in view.layout.shown:
                column = self.columns.all[i]
                text, tone = row.cells[i] if i < len(row.cells) else ("", "")
                width = min(column.width or left, left)
                runs.append((fit(text, width, right=column.right), "here" if i == current else base or tone))
                left -= width
                if left:
                    runs.append((" ", base if here else tone))
                    left -= 1
        if thumb:
            runs += [(" " * left, base), (THUMB, base or "muted")]
        else:
            runs.append((" " * (left + 1), base))
        return Strip(self._painted(runs), view.width)

    def _painted(self, runs: list[tuple[str, str]]) -> list[Segment]:
        """As few segments as there are changes of style: each one costs at every step to the terminal."""
        segments = []
        for name, of_name in groupby(runs, key=lambda run: run[1]):
            segments.append(Segment("".join([text for text, _ in of_name]), self._style(name)))
        return segments
