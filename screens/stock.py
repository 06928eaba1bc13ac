"""Stock: every SKU at every location, as we last knew both sides."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.getters import query_one
from textual.widget import Widget

from screens.base import DeskScreen
from screens.cells import LEGEND, stock_columns, stock_row
from screens.commands import STOCK, bindings
from screens.details import cell_line, stock_lines
from screens.narrowing import Narrowed
from screens.pages import KEPT, PAGE
from screens.safe import safe
from screens.tones import Part
from screens.widgets.columns import Column
from screens.widgets.line import Line, Lines
from screens.widgets.record_table import RecordTable

if TYPE_CHECKING:
    from engine.desk import StockPage, StockRow


class Stock(Narrowed, DeskScreen):
    """The matrix, a page of rows at a time."""

    CSS_PATH: ClassVar = ["base.tcss", "stock.tcss"]
    COMMANDS_HERE = STOCK
    BINDINGS = bindings(STOCK)
    CRUMB = "2 Stock"

    table = query_one("#matrix", RecordTable)
    detail = query_one("#what", Lines)
    here = query_one("#here", Line)

    def compose_body(self) -> Iterable[Widget]:
        """The matrix, the cell under the cursor, and all about its SKU."""
        yield RecordTable((Column("SKU", 12), Column("TITLE", 0)), id="matrix")
        yield Line(id="here")
        with VerticalScroll(id="detail"):
            yield Lines(id="what")

    def on_mount(self) -> None:
        """Start with nothing held."""
        super().on_mount()
        self.locations: tuple[tuple[str, str], ...] = ()
        self._rows: OrderedDict[str, StockRow] = OrderedDict()
        self.table.explain("Reading the first page. Keys work meanwhile.")

    async def read(self) -> None:
        """Read the pages in view that are missing or old; the first one when the filter changed."""
        desk, wish = self.session.desk, self.wish
        if desk is None:
            return
        anew = wish != self.shown_wish
        for offset in (0,) if anew else self.table.wanted() or ():
            page = await desk.stock(filter=wish, offset=offset, limit=PAGE)
            self.show(page, anew=anew)
            self.shown_wish = wish
        self.show_here()

    def show(self, page: StockPage, *, anew: bool) -> None:
        """Take in one page."""
        self.locations = page.locations
        if not self.wish:
            self.everything = page.total
        self.fit_columns()
        self.explain_nothing("SKUs", "Stock appears after the first sync reads both sides.")
        for row in page.rows:
            self._rows[row.sku] = row
            self._rows.move_to_end(row.sku)
        while len(self._rows) > KEPT * PAGE:
            self._rows.popitem(last=False)
        self.table.put(page.offset, [stock_row(row) for row in page.rows], page.total, anew=anew)

    def fit_columns(self) -> None:
        """Give each location as much width as there is."""
        if self.locations:
            self.table.set_columns(stock_columns(self.locations, self.table.room))

    def on_record_table_resized(self) -> None:
        """The table has another width."""
        self.fit_columns()
        self.show_here()

    def grow_old(self) -> None:
        """What is held must be read again before it is called current."""
        self.table.pages.grow_old()

    @property
    def current(self) -> StockRow | None:
        """The SKU under the cursor."""
        row = self.table.current
        return self._rows.get(row.key) if row else None

    def show_here(self) -> None:
        """Say what is under the cursor."""
        row, now, at = self.current, self.session.now(), self.table.columns.at
        if row is None or at >= len(self.locations):
            self.here.say()
            self.detail.show([])
            return
        place, name = self.locations[at]
        cell = row.cells[at] if at < len(row.cells) else None
        self.here.say(*cell_line(row, cell, name or place, self.table.cursor, self.table.pages.total, now))
        if self.classes & {"-detail", "-wide"}:
            self.detail.show(stock_lines(row, self.locations, now))

    def on_record_table_moved(self) -> None:
        """Another cell."""
        self.show_here()

    def on_record_table_wanted(self) -> None:
        """Rows came into view that are not held."""
        self.kick()

    def crumb(self) -> list[Part]:
        """What is listed, and which columns."""
        total, shown = self.table.pages.total, sum(c.moves for c in self.table.shown_columns())
        what = (
            f' > "{safe(self.wish)}" {total:,} of {self.everything:,}'
            if self.wish
            else f" > all ({total:,} SKUs)"
        )
        columns = f"   by SKU  available  {shown} of {len(self.locations)} locations (h/l)"
        return [*super().crumb(), (what, ""), (columns, "muted")]

    def hint(self) -> list[Part]:
        """The legend."""
        marked = len(self.table.marked)
        return [(f" {LEGEND}{f'  # marked {marked}' if marked else ''}", "muted")]

    def record(self) -> str:
        """The current SKU with its cells."""
        row = self.table.current
        return "  ".join(text.strip() for text, _ in row.cells) if row else ""

    def do_detail(self) -> None:
        """Show or hide both sides of this SKU."""
        self.toggle_class("-detail")
        self.show_here()
