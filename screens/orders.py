"""Orders: what was sold, what was written for it, what left, and whether it adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import work

from engine.model.ids import OrderId
from screens.command import bindings
from screens.commands import ORDERS
from screens.compare import ask_compare
from screens.listing import Listing
from screens.messages import GoTo
from screens.order_lines import order_lines
from screens.pages import Row
from screens.safe import safe
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import moment, money

if TYPE_CHECKING:
    from engine.desk import Desk, Look, OrderLineRow, Page

SAMPLE, NAMED = 2, 12
STATES = {
    "held": "bad", "dead_lettered": "bad", "uncertain": "warn", "retry_scheduled": "warn", "settled": "ok",
    "cancelled": "muted",
}  # fmt: skip
WORDS = {"dead_lettered": "given up", "retry_scheduled": "retrying", "settled": "settled"}
SYMBOLS = {"bad": "x", "warn": "~", "ok": "+", "muted": "-"}


class Orders(Listing):
    """The list over (or beside) the tree of the current order."""

    COMMANDS_HERE = ORDERS
    BINDINGS = bindings(ORDERS)
    CRUMB = "5 Orders"
    COLUMNS: ClassVar = (
        Column("ORDER", 9),
        Column("PLACED", 11),
        Column("STATE", 11),
        Column("UNITS", 5, right=True, from_width=100),
        Column("LEFT", 5, right=True, from_width=100),
        Column("TOTAL", 12, right=True),
        Column("DOCUMENT", 8),
        Column("WHY", 0),
    )
    SORTS: ClassVar = ("placed", "total", "order", "state", "updated", "document")
    FIELDS: ClassVar = (
        "order", "state", "total", "placed", "updated", "document", "status", "connection", "cause", "units", "left", "sku",
    )  # fmt: skip
    NOUN = "orders"
    NEXT = "Orders appear when the shop tells of one, or when its listing is read."

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """Orders as the operator wants them."""
        return await desk.orders(look)

    def cells(self, row: OrderLineRow) -> Row:
        """One order."""
        tone = STATES.get(row.state, "")
        state = f"{SYMBOLS.get(tone, ' ')} {safe(WORDS.get(row.state, row.state))}"
        why = row.cause or (f"document {row.status}" if row.status else "no document yet")
        return Row(
            f"{row.connection}\n{row.id}",
            (
                (safe(row.name), "strong"),
                (moment(row.placed, self.session.now()), ""),
                (state, tone),
                (f"{row.units:,}", ""),
                (f"{row.shipped:,}", ""),
                (safe(money(row.total, row.currency)), ""),
                (safe(row.document), ""),
                (safe(why), tone if row.cause else "muted"),
            ),
        )

    async def about(self, desk: Desk, row: OrderLineRow) -> list[list[Part]]:
        """The tree of one order."""
        detail = await desk.order(row.connection, row.id)
        return order_lines(detail, self.session.now(), self.detail_width) if detail else []

    def do_record(self) -> None:
        """To the failed record of this order."""
        row: OrderLineRow | None = self.current
        if row is None or STATES.get(row.state) not in ("bad", "warn"):
            self.say("Nothing is wrong with this order: there is no failed record behind it.", "warn")
        else:
            self.leave(GoTo("failed", f'record:"{row.name}"'))

    def do_compare(self) -> None:
        """The current order on both sides."""
        from engine.desk import Subject

        row: OrderLineRow | None = self.current
        ask_compare(self, None if row is None else Subject(row.connection, "order", row.id))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def do_edit(self) -> None:
        """To the form of its failed record."""
        from engine.desk import Chosen

        row: OrderLineRow | None = self.current
        desk = self.session.desk
        detail = await desk.order(row.connection, row.id) if row is not None and desk is not None else None
        if detail is None or detail.waiting is None:
            self.say("Nothing waits for a person here: there is nothing to edit.", "warn")
            return
        self.session.record = Chosen(detail.waiting, 0, detail.row.name)
        self.leave(GoTo("edit", ""))

    pending: tuple[OrderLineRow, ...] = ()
    """Orders that are looked at once their number was typed."""

    def do_pull(self) -> None:
        """Look at the marked orders again, or at the current one."""
        self.pending = tuple(self.picked())
        many = len(self.pending)
        if not many:
            self.say("There is no order to look at.", "warn")
        elif many == 1:
            self.ask_engine(self.pending)
        else:
            some = ", ".join(safe(row.name, NAMED).rstrip() for row in self.pending[:SAMPLE])
            self.entry.ask("pull", f"Look at {many:,} orders again ({some} …)? Type {many}: ")

    def entered(self, purpose: str, text: str) -> None:
        """The count."""
        if purpose != "pull":
            super().entered(purpose, text)
        elif text.strip().replace(",", "") == str(len(self.pending)):
            self.ask_engine(self.pending)
        else:
            self.say(f"Nothing done: {len(self.pending):,} orders, and that was not typed.", "warn")

    @work(group="act", exclusive=True, exit_on_error=False)
    async def ask_engine(self, rows: tuple[OrderLineRow, ...]) -> None:
        """Orders are read again; records that wait for a person are tried again."""
        desk, who = self.session.desk, self.session.operator
        if desk is None:
            return
        with self.told_if_it_fails("orders were not asked for"):
            by: dict[str, list[OrderId]] = {}
            for row in rows:
                by.setdefault(row.connection, []).append(OrderId(row.id))
            asked = [
                await desk.pull(name, tuple(ids), unseen=False, operator=who) for name, ids in by.items()
            ]
            stuck = [row for row in rows if STATES.get(row.state) == "bad"]
            details = [await desk.order(row.connection, row.id) for row in stuck]
            waiting = tuple(one.waiting for one in details if one is not None and one.waiting is not None)
            retried = await desk.retry(waiting, operator=who) if waiting else None
            self.table.mark(())
            again = f", {retried.accepted:,} that waited are tried again" if retried is not None else ""
            self.say(f"Asked: {sum(one.accepted for one in asked):,} orders are looked at{again}.", "ok")
            self._news = True
            self.kick()

    def hint(self) -> list[Part]:
        """What Enter and w show."""
        if self.current is not None and STATES.get(self.current.state) == "bad":
            return [
                (" w shows why this order waits, e edits it, R looks again, = compares both sides.", "warn")
            ]
        return [(" Enter shows lines, payments, parcels and the proof; = compares both sides.", "muted")]
