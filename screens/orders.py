"""Orders: what was sold, what was written for it, what left, and whether it adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from screens.commands import ORDERS, bindings
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
        "order", "state", "total", "placed", "updated", "document", "status", "connection", "cause",
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

    def hint(self) -> list[Part]:
        """What Enter and w show."""
        if self.current is not None and STATES.get(self.current.state) == "bad":
            return [(" w shows why this order waits, on screen 4.", "warn")]
        return [(" Enter shows the lines, payments, parcels and the proof of an order.", "muted")]
