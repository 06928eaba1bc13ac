"""Orders as a face sees them: a line each, and everything known of one."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from engine.desk.failures import Asked
from engine.desk.listing import Look, Page
from engine.desk.trail import TimelineRow
from engine.model.ids import OrderId, WorkId


@dataclass(frozen=True, slots=True)
class OrderLineRow:
    """One order in the list."""

    connection: str
    id: str
    name: str
    state: str
    """open, settled or cancelled; or why it is not moving: held, dead_lettered, uncertain, retry_scheduled."""
    total: Decimal | None
    currency: str
    placed: datetime
    """When we first saw it."""
    updated: datetime
    units: int
    shipped: int
    document: str
    status: str
    """Of the document in the back office; empty while there is none."""
    cause: str
    """Why it is not moving; empty when it is."""


@dataclass(frozen=True, slots=True)
class OrderUnits:
    """Units of one SKU at one location of the shop."""

    sku: str
    location: str
    committed: int
    fulfilled: int
    restocked: int


@dataclass(frozen=True, slots=True)
class BookedLine:
    """Goods of the document at one warehouse, as the back office says."""

    sku: str
    warehouse: str
    quantity: int
    shipped: int
    returned: int


@dataclass(frozen=True, slots=True)
class SentLine:
    """One line of the document as we wrote it."""

    kind: str
    sku: str
    title: str
    quantity: int
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    amount: Decimal
    """Quantity × price − discount, plus tax where prices are without."""


@dataclass(frozen=True, slots=True)
class SentPayment:
    """Money taken or promised, as we passed it on."""

    kind: str
    gateway: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """One order with all that is known of it."""

    row: OrderLineRow
    waiting: WorkId | None
    """Its record on screen 4, if a person has to act."""
    units: tuple[OrderUnits, ...]
    booked: tuple[BookedLine, ...]
    lines: tuple[SentLine, ...]
    """Empty while no document has been written for it."""
    payments: tuple[SentPayment, ...]
    sent_total: Decimal | None
    """What the document we wrote says it is worth."""
    timeline: tuple[TimelineRow, ...]


class OrderDesk(Protocol):
    """The part of the desk that shows orders and has them looked at again."""

    async def orders(self, look: Look) -> Page[OrderLineRow]:
        """Orders, newest first by default."""
        ...

    async def order(self, connection: str, order: str) -> OrderDetail | None:
        """One of them; None when it is not known."""
        ...

    async def pull(
        self, connection: str, orders: tuple[OrderId, ...], *, unseen: bool, operator: str
    ) -> Asked:
        """Ask the engine to look at these orders again; with `unseen` only at those it has never seen."""
        ...
