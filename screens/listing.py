"""What every list does besides showing its rows: it is sorted, marked and exported."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import work

from screens.export import FORMATS, as_csv, as_json, write_export
from screens.paged_list import PagedList
from screens.paging import values
from screens.safe import safe
from screens.words import counted

if TYPE_CHECKING:
    from engine.desk import Desk

log = logging.getLogger("screens")
MOST = 100_000
"""Rows of one export."""


class Listing(PagedList):
    """A list as operators know it; a screen says what its rows are and what is known of one."""

    def do_detail(self) -> None:
        """Show or hide the detail, or give it more room where it is always shown."""
        self.toggle_class("-detail")
        self.kick()

    def do_sort_next(self) -> None:
        """Sort by the next field."""
        self._sort(1)

    def do_sort_before(self) -> None:
        """Sort by the field before."""
        self._sort(-1)

    def do_sort(self) -> None:
        """Sort by the field that was named; an unambiguous beginning is enough."""
        wanted, known = self.given().casefold(), [name for name in self.SORTS if name]
        found = [name for name in known if name == wanted] or [
            name for name in known if name.startswith(wanted)
        ]
        if wanted and len(found) == 1:
            self._sort(self.SORTS.index(found[0]) - self.sort_at)
        else:
            self.say(f"Sort by one of these: {', '.join(known)}.", "warn")

    def _sort(self, by: int) -> None:
        """Sort by the field so many further on."""
        self.sort_at = (self.sort_at + by) % len(self.SORTS)
        self.kick()
        self.draw_lines()

    def do_reverse(self) -> None:
        """Turn the order around."""
        self.descending = not self.descending
        self.kick()
        self.draw_lines()

    def do_range(self) -> None:
        """Mark from the row marked last to the current one."""
        if not self.table.mark_range():
            self.say("Mark the first row with space, go to the last one, then v.", "warn")
        self.draw_lines()

    def do_unmark(self) -> None:
        """Take all marks away."""
        self.table.mark(())
        self.draw_lines()

    def do_every(self) -> None:
        """Mark every row the filter lets through, seen or not."""
        if self.session.desk is not None:
            self._mark_every(self.session.desk)

    @work(group="mark", exclusive=True, exit_on_error=False)
    async def _mark_every(self, desk: Desk) -> None:
        wish = self.wish
        with self.told_if_it_fails("rows cannot be listed", "Not marked"):
            self.aside = {self.cells(row).key: row async for row in self._all(desk)}
            self.table.mark(self.aside)
            self.say(f"{len(self.aside):,} marked: {safe(wish) or 'all'}.")

    def do_export(self) -> None:
        """Write the marked rows to a file, or all that fit the filter."""
        kind = self.given().casefold() or "csv"
        if kind not in FORMATS:
            self.say(f"There is no format {kind}: E or :export csv, :export json.", "warn")
        elif self.session.desk is not None:
            self._export(self.session.desk, kind)

    @work(group="export", exclusive=True, exit_on_error=False)
    async def _export(self, desk: Desk, kind: str) -> None:
        marked = frozenset(self.table.marked)
        name = f"{self.NOUN.replace(' ', '-')}-{self.session.now():%Y%m%dT%H%M%S}.{kind}"
        try:
            rows = [
                self.exported(row)
                async for row in self._all(desk)
                if not marked or self.cells(row).key in marked
            ]
            if not rows:
                self.say("Nothing is listed, so nothing was written.", "warn")
                return
            text = as_csv(rows) if kind == "csv" else as_json(rows)
            file = await asyncio.to_thread(write_export, self.session.exports, name, text)
        except FileExistsError:
            self.say(f"{name} is there already: try again in a second.", "warn")
        except Exception as error:  # said where the operator looks
            log.exception("export failed")
            self.say(f"Not exported: {getattr(error, 'strerror', None) or error}", "bad")
        else:
            of = f", of {len(marked):,} marked," if marked else ""
            self.say(f"{counted(len(rows), self.NOUN)}{of} written to {file}", "ok")

    def exported(self, row: Any) -> dict[str, object]:
        """A row as it is written to a file."""
        return values(row)

    async def _all(self, desk: Desk) -> AsyncIterator[Any]:
        """Every row that fits the filter, in the order shown."""
        look, offset = self.look(0, 1_000), 0
        while offset < MOST:
            page = await self.fetch(desk, replace(look, offset=offset))
            for row in page.rows:
                yield row
            offset += len(page.rows)
            if not page.rows or offset >= page.total:
                return
