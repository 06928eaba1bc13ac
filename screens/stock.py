"""Stock: every SKU at every location, as we last knew both sides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.getters import query_one
from textual.widget import Widget

from engine.desk.stock import FIELDS, SORTS
from screens.asking import ask_why
from screens.cells import LEGEND, stock_columns, stock_row
from screens.commands import STOCK, bindings
from screens.details import cell_line, stock_lines
from screens.listing import Listing
from screens.pages import Row
from screens.session import Cell
from screens.tones import Part
from screens.widgets.columns import Column
from screens.widgets.line import Line

if TYPE_CHECKING:
    from engine.desk import Desk, Look, Page, StockRow


class Stock(Listing):
    """The matrix over (or beside) both sides of the current SKU; one cell of it is the current one."""

    CSS_PATH: ClassVar = ["base.tcss", "listing.tcss", "stock.tcss"]
    COMMANDS_HERE = STOCK
    BINDINGS = bindings(STOCK)
    CRUMB = "2 Stock"
    COLUMNS: ClassVar = (Column("SKU", 12), Column("TITLE", 0))
    SORTS: ClassVar = SORTS
    DESCENDING: ClassVar = False
    FIELDS: ClassVar = FIELDS
    NOUN = "SKUs"
    NEXT = "Stock appears after the first sync reads both sides."

    here = query_one("#here", Line)
    locations: tuple[tuple[str, str], ...] = ()
    """(id, name) of the columns."""

    def compose_body(self) -> Iterable[Widget]:
        """The cell under the cursor has a line of its own."""
        yield Line(id="here")
        yield from super().compose_body()

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """SKUs as the operator wants them."""
        from engine.desk import Page

        found = await desk.stock(
            filter=look.filter,
            offset=look.offset,
            limit=look.limit,
            sort=look.sort,
            descending=look.descending,
        )
        self.locations = found.locations
        return Page(found.as_of, found.total, found.offset, found.rows)

    def cells(self, row: StockRow) -> Row:
        """One SKU."""
        return stock_row(row)

    async def about(self, desk: Desk, row: StockRow) -> list[list[Part]]:
        """Both sides, location by location."""
        return stock_lines(row, self.locations, self.session.now())

    def show(self, page: Page[Any], *, anew: bool) -> None:
        """Take in one page, and give each location as much width as there is."""
        self.fit_columns()
        super().show(page, anew=anew)

    async def show_about(self, desk: Desk) -> None:
        """The line of the current cell goes with the detail."""
        await super().show_about(desk)
        self.show_here()

    def fit_columns(self) -> None:
        """Give each location as much width as there is."""
        if self.locations:
            self.table.set_columns(stock_columns(self.locations, self.table.room))

    def on_record_table_resized(self) -> None:
        """The table has another width."""
        self.fit_columns()

    def on_record_table_moved(self) -> None:
        """Another cell: its line is at hand, without a read."""
        self.show_here()

    def show_here(self) -> None:
        """Say what is under the cursor."""
        row: StockRow | None = self.current
        at = self.table.columns.at
        if row is None or at >= len(self.locations):
            self.here.say()
            return
        place, name = self.locations[at]
        cell = row.cells[at] if at < len(row.cells) else None
        table, now = self.table, self.session.now()
        self.here.say(*cell_line(row, cell, name or place, table.cursor, table.pages.total, now))

    def crumb(self) -> list[Part]:
        """Which columns are seen."""
        shown = sum(column.moves for column in self.table.shown_columns())
        columns = f"   available at {shown} of {len(self.locations)} (h/l)"
        return [*super().crumb(), (columns, "muted")]

    def hint(self) -> list[Part]:
        """The legend."""
        return [(f" {LEGEND}", "muted")]

    def exported(self, row: StockRow) -> dict[str, object]:
        """Available units at each location, under its name, or its id where two have one name."""
        names = [name for _, name in self.locations]
        heads = [name if name and names.count(name) == 1 else place for place, name in self.locations]
        units = (None if cell is None else cell.available for cell in row.cells)
        return {
            "sku": row.sku,
            "title": row.title,
            "total": row.total,
            **dict(zip(heads, units, strict=False)),
        }

    def do_why(self) -> None:
        """The terms of the current cell's figure."""
        row: StockRow | None = self.current
        at = self.table.columns.at
        cell = row.cells[at] if row is not None and at < len(row.cells) else None
        ask_why(self, None if row is None or cell is None else Cell(row.sku, cell.location))
