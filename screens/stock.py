"""Stock: every SKU at every location, as we last knew both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.getters import query_one
from textual.widget import Widget

from engine.desk.stock import FIELDS, SORTS
from engine.model.hold import EVERY
from screens.asking import ask_why
from screens.cells import LEGEND, stock_columns, stock_row
from screens.command import bindings
from screens.commands import STOCK
from screens.details import cell_line, stock_lines
from screens.holder import Holder
from screens.holding import Spot
from screens.pages import Row
from screens.safe import safe
from screens.session import Cell
from screens.tones import Part
from screens.widgets.columns import Column
from screens.widgets.line import Line
from screens.words import counted

if TYPE_CHECKING:
    from engine.desk import Desk, Look, Page, StockCell, StockRow

SAMPLE, NAMED = 2, 12
"""SKUs that a question names, and cells for each name."""


class Stock(Holder):
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
    held: Mapping[tuple[str, str], str] = {}
    """What operators hold back, by SKU and location id."""
    pending: tuple[str, tuple[Spot, ...]] = ("", ())
    """A verb and the cells it is meant for, once their number was typed."""

    def compose_body(self) -> Iterable[Widget]:
        """The cell under the cursor has a line of its own."""
        yield Line(id="here")
        yield from super().compose_body()

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """SKUs as the operator wants them."""
        from engine.desk import Page

        held = await desk.holds()
        self.held = {(one.sku, one.location): one.text for one in held}
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
        said = cell_line(row, cell, name or place, table.cursor, table.pages.total, now)
        held, stopped = self.held.get((row.sku, place), ""), self.held.get((EVERY, place), "")
        if held or stopped:
            said.insert(2, ("  held back " if held else "  stopped ", "warn"))
            said.append((f"   {safe(held or stopped)}", "warn"))
        self.here.say(*said)

    def crumb(self) -> list[Part]:
        """Which columns are seen."""
        shown = sum(column.moves for column in self.table.shown_columns())
        columns = f"   available at {shown} of {len(self.locations)} (h/l)"
        return [*super().crumb(), (columns, "muted")]

    def hint(self) -> list[Part]:
        """The legend, or what the marked cells are for."""
        marked, at = len(self.table.marked), self.table.columns.at
        if not marked or at >= len(self.locations):
            return [(f" {LEGEND}", "muted")]
        place, name = self.locations[at]
        where = safe(name or place, 12).rstrip()
        return [
            (f" {marked:,} marked at {where}: b holds back, H stops selling, R looks again, n plans", "warn")
        ]

    # acting: the marked SKUs, each at the location under the cursor

    def spots(self) -> list[Spot]:
        """The marked SKUs at the current location, as far as they are stocked there; else the current cell."""
        at = self.table.columns.at
        cells = [(row, row.cells[at]) for row in self.picked() if at < len(row.cells)]
        return [self._spot(row, cell) for row, cell in cells if cell is not None]

    def spot(self) -> Spot | None:
        """The current cell, which says where even when its SKU is not stocked there."""
        row: StockRow | None = self.current
        at = self.table.columns.at
        if row is None or at >= len(self.locations):
            return None
        place, name = self.locations[at]
        return Spot("", row.sku, place, name or place, stopped=self.held.get((EVERY, place), ""))

    def _spot(self, row: StockRow, cell: StockCell) -> Spot:
        place = cell.location
        hold, stopped = self.held.get((row.sku, place), ""), self.held.get((EVERY, place), "")
        return Spot("", row.sku, place, cell.location_name or place, hold=hold, stopped=stopped)

    def do_look(self) -> None:
        """Compare the marked cells again, or the current one."""
        self.begin("look", "Look again at")

    def do_plan(self) -> None:
        """Plan the marked cells alone, or the current one."""
        self.begin("plan", "Plan")

    def begin(self, verb: str, label: str) -> None:
        """Ask for the count where there are several cells."""
        spots = tuple(self.spots())
        self.pending = verb, spots
        if not spots:
            self.say("There is no cell to act on: it is not stocked at this location.", "warn")
        elif len(spots) == 1:
            self.ask_for_cells(verb, spots)
        else:
            some = ", ".join(safe(spot.sku, NAMED).rstrip() for spot in spots[:SAMPLE])
            more = " …" if len(spots) > SAMPLE else ""
            where, many = safe(spots[0].location_name, NAMED).rstrip(), len(spots)
            self.entry.ask(verb, f"{label} {many:,} cells at {where} ({some}{more})? Type {many}: ")

    def entered(self, purpose: str, text: str) -> None:
        """The count."""
        verb, spots = self.pending
        if purpose not in ("look", "plan"):
            super().entered(purpose, text)
        elif text.strip().replace(",", "") == str(len(spots)):
            self.ask_for_cells(verb, spots)
        else:
            self.say(f"Nothing done: {len(spots):,} cells, and that was not typed.", "warn")

    @work(group="act", exit_on_error=False)
    async def ask_for_cells(self, verb: str, spots: tuple[Spot, ...]) -> None:
        """Ask the engine, and say what was refused."""
        desk, who = self.session.desk, self.session.operator
        if desk is None:
            return
        cells = tuple((spot.sku, spot.location) for spot in spots)
        with self.told_if_it_fails(f"{verb} was not taken"):
            ask = desk.look_again if verb == "look" else desk.plan_cells
            asked = await ask(cells, operator=who)
            many = counted(asked.accepted, "cells")
            said = f"Asked to look again at {many}."
            if verb == "plan":
                said = f"Asked for a plan of {many}: 0 shows it, and nothing is written."
            if asked.refused:
                said += f" {len(asked.refused):,} refused: {safe(asked.refused[0])}"
            self.table.mark(())
            self.say(said, "warn" if asked.refused else "ok")
            self._news = True
            self.table.pages.grow_old()
            self.kick()

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
