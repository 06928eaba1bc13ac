"""A desk with made-up, unchanging contents, for screenshots and for trying the screens without an engine."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from console.canned_edits import CannedEdits
from console.canned_explanation import explanation
from console.canned_failed import causes, failed_rows, fields_of, noted
from console.canned_lists import conflicts, gaps, order_detail, orders, paged, sync_page, trail
from console.canned_plans import CannedPlans
from console.canned_pulse import pulse
from console.canned_risk import risk_page
from console.canned_stock import LOCATIONS, chosen, stock_row
from console.canned_time import NOW, Bell, FrozenClock, before
from engine.desk import (
    Asked,
    CauseRow,
    Chosen,
    ConflictRow,
    FailedDetail,
    FailedPage,
    FailedRow,
    GapRow,
    Look,
    OrderDetail,
    OrderLineRow,
    Page,
    Pulse,
    RiskPage,
    StockPage,
    StockRow,
    SyncPage,
    TimelineRow,
    TrailRow,
    Verified,
)
from engine.model.comparison import Proof
from engine.model.explanation import Explanation
from engine.model.hold import EVERY, Hold
from engine.model.ids import OrderId, WorkId
from engine.model.wish import fits, parse

__all__ = ["NOW", "CannedDesk", "FrozenClock", "before", "failed_rows", "pulse", "stock_row"]


@dataclass
class CannedDesk(CannedEdits, CannedPlans):
    """Made-up contents behind the desk's protocol; every field may be replaced."""

    environment: str = "shop-demo"
    size: int = 100_000
    overview: Pulse = field(default_factory=pulse)
    waiting: tuple[FailedRow, ...] = field(default_factory=failed_rows)
    locations: tuple[tuple[str, str], ...] = LOCATIONS
    special: dict[int, StockRow] = field(default_factory=dict)
    changes: Bell = field(default_factory=Bell)
    reads: list[tuple[str, str, int]] = field(default_factory=list)
    """What was asked: (what, filter, offset)."""
    retried: list[tuple[tuple[WorkId, ...], str]] = field(default_factory=list)
    acts: list[tuple[str, tuple[WorkId, ...], str, str]] = field(default_factory=list)
    sold: tuple[OrderLineRow, ...] = field(default_factory=orders)
    health: SyncPage = field(default_factory=sync_page)
    ledger: tuple[TrailRow, ...] = field(default_factory=trail)
    held: list[Hold] = field(default_factory=list)
    selling: RiskPage = field(default_factory=risk_page)
    changed: tuple[ConflictRow, ...] = field(default_factory=conflicts)
    asked_cells: list[tuple[str, tuple[tuple[str, str], ...], str]] = field(default_factory=list)
    """(look or plan, cells, operator)."""
    decided: list[tuple[str, str, str, int, bool, str]] = field(default_factory=list)
    explained: Callable[[str, str, datetime], Explanation] = explanation
    missing: tuple[GapRow, ...] = field(default_factory=gaps)
    sent: str = '{"ref":"gid://shopify/Order/10442","lines":[{"sku":"ZZ-9","quantity":2}]}'
    got: str = '422 {"error":"unknown product"}'
    story: tuple[TimelineRow, ...] = (
        TimelineRow(before(210), "listener", "received", "webhook orders/create"),
        TimelineRow(before(209), "orders", "decided", "book the sale"),
        TimelineRow(before(60), "deliver", "held", "the back office said no"),
    )

    async def pulse(self) -> Pulse:
        """The overview."""
        self.reads.append(("pulse", "", 0))
        return self.overview

    async def proof(self) -> Proof:
        """Everything was compared."""
        self.reads.append(("proof", "", 0))
        return Proof(24.0, NOW, self.overview.cells, 0, NOW)

    async def stock(
        self,
        *,
        filter: str = "",
        offset: int = 0,
        limit: int = 200,
        sort: str = "",
        descending: bool = False,
    ) -> StockPage:
        """A page of made-up SKUs."""
        self.reads.append(("stock", filter, offset))
        found = chosen(self.row, self.size, filter, sort, descending=descending)
        rows = tuple(self.row(i) for i in found[offset : offset + limit])
        return StockPage(NOW, len(found), offset, self.locations, rows)

    def row(self, index: int) -> StockRow:
        """SKU number `index`, or what was put in its place."""
        return self.special.get(index) or stock_row(index, self.locations)

    async def risk(self) -> RiskPage:
        """Made-up cells that sell."""
        self.reads.append(("risk", "", 0))
        return self.selling

    async def look_again(self, cells: tuple[tuple[str, str], ...], *, operator: str) -> Asked:
        """Note them."""
        self.asked_cells.append(("look", cells, operator))
        return Asked(len(cells), ())

    async def plan_cells(self, cells: tuple[tuple[str, str], ...], *, operator: str) -> Asked:
        """Note them."""
        self.asked_cells.append(("plan", cells, operator))
        return Asked(len(cells), ())

    async def holds(self) -> tuple[Hold, ...]:
        """What was held back here."""
        return tuple(self.held)

    async def hold(
        self,
        connection: str,
        sku: str,
        location: str,
        *,
        units: int | None,
        minutes: int | None,
        operator: str,
    ) -> str:
        """Note it."""
        ends = None if minutes is None else NOW + timedelta(minutes=minutes)
        self.held.append(Hold(connection, sku, location, units or 0, units is None, operator, NOW, ends))
        self._show_held()
        return ""

    async def let_go(self, connection: str, sku: str, location: str, *, operator: str) -> str:
        """Forget it."""
        self.held = [one for one in self.held if (one.sku, one.location) != (sku, location)]
        self._show_held()
        return ""

    def _show_held(self) -> None:
        said = {(one.sku, one.location): one.text for one in self.held}
        rows = tuple(
            replace(
                row,
                hold=said.get((row.sku, row.location), ""),
                stopped=said.get((EVERY, row.location), ""),
            )
            for row in self.selling.rows
        )
        self.selling = replace(self.selling, rows=rows)
        self.changes.ring()

    async def conflicts(self) -> tuple[ConflictRow, ...]:
        """Made-up rises and falls."""
        self.reads.append(("conflicts", "", 0))
        return self.changed

    async def decide(
        self,
        connection: str,
        sku: str,
        location: str,
        *,
        units: int,
        real: bool,
        operator: str,
        kind: str = "",
    ) -> str:
        """Noted; the change is off the list when all of it is decided."""
        self.decided.append((sku, location, kind, units, real, operator))
        left = [
            replace(r, units=r.units - units) if (r.sku, r.kind) == (sku, kind) else r for r in self.changed
        ]
        self.changed = tuple(row for row in left if row.units)
        self.changes.ring()
        return ""

    async def explain(self, sku: str, location: str, at: datetime | None = None) -> tuple[Explanation, ...]:
        """Made-up terms of any cell."""
        self.reads.append(("explain", f"{sku} {location}", 0))
        return (self.explained(sku, location, at or NOW),)

    async def failed(
        self, *, filter: str = "", limit: int = 500, offset: int = 0, sort: str = "", descending: bool = True
    ) -> FailedPage:
        """The records that wait."""
        self.reads.append(("failed", filter, offset))
        rows = self._waiting(filter)
        if sort in ("tries", "record", "kind", "code", "first", "assignee"):
            rows = tuple(sorted(rows, key=lambda r: str(fields_of(r)[sort]), reverse=descending))
        elif not descending:
            rows = rows[::-1]
        return FailedPage(NOW, len(rows), len({r.code for r in rows}), rows[offset : offset + limit], offset)

    def _waiting(self, filter: str) -> tuple[FailedRow, ...]:
        terms = parse(filter, fields_of(failed_rows()[0]))
        return tuple(row for row in self.waiting if fits(terms, fields_of(row), NOW))

    async def failed_causes(self, *, filter: str = "") -> tuple[CauseRow, ...]:
        """The same by cause."""
        self.reads.append(("causes", filter, 0))
        return causes(self._waiting(filter))

    async def failed_chosen(self, *, filter: str = "") -> tuple[Chosen, ...]:
        """Every record that fits."""
        return tuple(Chosen(row.id, row.version, row.ref) for row in self._waiting(filter))

    async def failed_detail(self, work: WorkId) -> FailedDetail | None:
        """One of them."""
        self.reads.append(("detail", "", int(work)))
        for row in self.waiting:
            if row.id == work:
                same = sum(other.code == row.code for other in self.waiting) - 1
                return FailedDetail(row, self.sent, self.got, self.story, same)
        return None

    async def retry(self, works: tuple[WorkId, ...], *, operator: str) -> Asked:
        """Take them off the list."""
        self.retried.append((works, operator))
        self.waiting = tuple(row for row in self.waiting if row.id not in works)
        self.overview = replace(self.overview, failed=len(self.waiting))
        self.changes.ring()
        return Asked(len(works), ())

    async def pull(
        self, connection: str, orders: tuple[OrderId, ...], *, unseen: bool, operator: str
    ) -> Asked:
        """Nothing changes: every made-up order has been looked at."""
        return Asked(0 if unseen else len(orders), ())

    async def act(
        self, verb: str, chosen: tuple[Chosen, ...], *, value: str, operator: str, stale: str = "skip"
    ) -> Asked:
        """Note what was asked; records go away or carry what was noted on them."""
        self.stale.append(stale)
        works = tuple(one.id for one in chosen)
        self.acts.append((verb, works, value, operator))
        if verb == "retry":
            return await self.retry(works, operator=operator)
        self.waiting = tuple(
            row if row.id not in works else noted(row, verb, value)
            for row in self.waiting
            if verb != "resolve" or row.id not in works
        )
        self.overview = replace(self.overview, failed=len(self.waiting))
        self.changes.ring()
        return Asked(len(works), ())

    async def orders(self, look: Look) -> Page[OrderLineRow]:
        """Made-up orders."""
        self.reads.append(("orders", look.filter, look.offset))
        return paged(self.sold, look)

    async def order(self, connection: str, order: str) -> OrderDetail | None:
        """One of them."""
        self.reads.append(("order", order, 0))
        row = next((row for row in self.sold if (row.connection, row.id) == (connection, order)), None)
        return order_detail(row) if row else None

    async def sync(self) -> SyncPage:
        """Two connections, one of them in trouble."""
        self.reads.append(("sync", "", 0))
        return self.health

    async def trail(self, look: Look, *, people: bool) -> Page[TrailRow]:
        """A made-up ledger."""
        self.reads.append(("trail", look.filter, look.offset))
        return paged(tuple(row for row in self.ledger if not people or row.actor != "engine"), look)

    async def verify_trail(self) -> Verified:
        """It holds."""
        return Verified(NOW, len(self.ledger), None)

    async def acknowledge(self, *, operator: str) -> int:
        """Nobody has to look after them any more."""
        many = len(self.overview.alerts)
        self.acts.append(("acknowledge", (), "", operator))
        self.overview = replace(self.overview, alerts=())
        self.changes.ring()
        return many

    async def gaps(self) -> tuple[GapRow, ...]:
        """Made-up gaps."""
        self.reads.append(("gaps", "", 0))
        return self.missing
