"""What a cell should hold in Shopify, and why: the stock rule as a pure function.

A cell is (SKU, Shopify location). Both sides sell from the same shelf, so neither figure may simply be copied:
an order that Shopify holds committed is subtracted by Shopify itself, goods that left are booked in the two
systems at different times, and a level may have moved for a reason nobody has told us yet.

    target = ERP on hand − ERP reservations
             + reservations of this shop's orders that Shopify subtracts itself (`exempt`)
             − units that left in Shopify's books and not yet in the ERP's (`shipped_here_only`, F)
             + an unexplained fall (`remainder` below zero is a sale until proven otherwise)
             − what other shops sold from the same shelf and the ERP has not booked yet (`elsewhere`)
             − what warehouses that are switched off have (`closed`)
             − buffer
    and units the ERP has shipped while Shopify still holds them committed (`held_up`, G) may keep the figure
    from falling, but never raise it.

The order of reading is part of the rule: cell memory, Shopify level, orders, ERP documents, ERP stock. The write
is a compare-and-swap on `on_hand`; `agreed` gives the memory to store when it succeeded, and only then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.stock.buffers import NOTHING, Buffer
from engine.stock.memory import Memory, seen
from engine.stock.order_at_cell import OrderAtCell


@dataclass(frozen=True, slots=True)
class Shelf:
    """The ERP's figures for all warehouses behind one location."""

    on_hand: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Listing:
    """How far the listing of changed orders can be trusted."""

    lag: timedelta
    """How late a movement may become visible in it."""
    begun_at: datetime | None
    """When the last listing began whose every order had been read before this attempt looked at the orders."""

    def would_show(self, since: datetime | None) -> bool:
        """A movement behind what was first seen at `since` must have been in it."""
        return since is not None and self.begun_at is not None and self.begun_at - since > self.lag


@dataclass(frozen=True, slots=True)
class Terms:
    """Every term of a target; `total()` is the target before G is considered."""

    erp_on_hand: int
    erp_reserved: int
    exempt: int
    shipped_here_only: int
    remainder: int
    """Counted only when negative; a positive one is written away."""
    buffer: int
    """Held back from sale; never of what Shopify has promised already."""
    held_up: int
    named: int
    """N: named movements since the base, − fulfilled + restocked."""
    closed: int = 0
    """In warehouses that are switched off, and held back like a buffer."""
    kits: int = 0
    """Taken by kits that are sold, and not taken off by the ERP yet."""
    elsewhere: int = 0
    """Sold in other shops of the same ERP, and not booked there yet."""

    def total(self) -> int:
        """The target before G: may be negative when the ERP has promised more than it has."""
        return (
            self.erp_on_hand
            - self.erp_reserved
            + self.exempt
            - self.shipped_here_only
            + min(self.remainder, 0)
            - self.kits
            - self.elsewhere
            - self.closed
            - self.buffer
        )


@dataclass(frozen=True, slots=True)
class Target:
    """The outcome of one attempt at a cell."""

    on_hand: int
    """The level that was read; what the write is compared against."""
    quantity: int
    """What on_hand should be."""
    terms: Terms
    memory: Memory
    """As read, with the unexplained fall noted; store it whether or not a write follows."""
    pos_left: int
    """`pos` after an old rise explained (part of) a fall."""
    waiting: bool = False
    """First sight, not proven yet: a lower figure may be written, nothing is agreed, and it is looked at again."""
    rise_may_explain: bool = False
    """A fall that an old rise explains once a listing must have shown any sale behind it: then it is looked at again."""

    @property
    def equal(self) -> bool:
        """Nothing to write: the figure is right, and no rise has to be written away by the same write."""
        return self.quantity == self.on_hand and self.terms.remainder <= 0

    @property
    def plain(self) -> int:
        """What the cell should hold by both books alone, proven or not."""
        return _quantity(self.terms, self.on_hand)

    @property
    def raises(self) -> bool:
        """The write would make more sellable; it needs a fresh ERP snapshot."""
        return self.quantity > self.on_hand

    def settles(self, snapshot_age: timedelta, freshness: timedelta) -> bool:
        """What was read suffices to act on: written, or left as equal."""
        if self.open and self.equal:
            return False
        return not self.raises or snapshot_age <= freshness

    @property
    def open(self) -> bool:
        """A listing of changed orders will tell more: the cell is looked at again whatever was written."""
        return self.waiting or self.rise_may_explain

    def agreed(self) -> Memory:
        """The memory after a successful write (never after a plain read)."""
        if self.waiting:
            return replace(self.memory, ver=self.memory.ver + 1)
        return replace(
            self.memory,
            ver=self.memory.ver + 1,
            base=self.quantity - self.terms.named - min(self.terms.remainder, 0),
            pos=self.pos_left + max(self.terms.remainder, 0),
        )


def decide(
    memory: Memory,
    on_hand: int,
    orders: Iterable[OrderAtCell],
    shelf: Shelf,
    *,
    settled_movements: int = 0,
    buffer: Buffer = NOTHING,
    closed: int = 0,
    kits: int = 0,
    elsewhere: int = 0,
    is_kit: bool = False,
    now: datetime,
    listing: Listing,
) -> Target:
    """What the cell should hold.

    `orders` are the orders that may still matter; `settled_movements` is N of the orders on which both sides agree
    and that are finished. Only a fall that a complete listing does not explain is set off against an old rise.
    `closed` units and the buffer are held back from what Shopify has not promised yet. `kits` are units that sold
    kits take; a kit itself has the kits that can be made for a shelf, and its orders were taken off there.
    `elsewhere` are units that other shops sold and the ERP does not know of yet.
    """
    orders = tuple(orders)
    named = settled_movements + sum(order.named for order in orders)
    committed = sum(order.committed for order in orders)
    terms = replace(_terms(orders, shelf, named), kits=kits, elsewhere=elsewhere)
    if is_kit:
        terms = replace(terms, exempt=0, shipped_here_only=0)
    if memory.base is None:
        terms = _held_back(terms, closed, buffer, committed)
        return _first_sight(memory, on_hand, terms, now, listing)
    remainder, pos = on_hand - memory.base - named, memory.pos
    memory = seen(memory, remainder, now)
    open_ = remainder < 0 < pos
    if open_ and listing.would_show(memory.seen_at):
        explained = min(pos, -remainder)
        remainder, pos, open_ = remainder + explained, pos - explained, False
    terms = _held_back(replace(terms, remainder=remainder), closed, buffer, committed)
    return Target(on_hand, _quantity(terms, on_hand), terms, memory, pos, rise_may_explain=open_)


def _first_sight(memory: Memory, on_hand: int, terms: Terms, now: datetime, listing: Listing) -> Target:
    """Nothing was ever agreed, so a movement nobody told us of cannot be seen as a remainder.

    Until the level has stood still through a listing that must show every movement behind it, a higher figure is
    not written at all and a lower one without being agreed; `seen_low` keeps the level free of named movements.
    """
    quantity = _quantity(terms, on_hand)
    free = on_hand - terms.named
    if memory.seen_low == free and listing.would_show(memory.seen_at):
        agreed = replace(memory, base=free, seen_low=None, seen_at=None)
        return Target(on_hand, quantity, terms, agreed, memory.pos)
    quantity = min(quantity, on_hand)
    since = memory.seen_at if memory.seen_low == free else now
    waits = replace(memory, seen_low=quantity - terms.named, seen_at=since if quantity == on_hand else now)
    return Target(on_hand, quantity, terms, waits, memory.pos, waiting=True)


def _held_back(terms: Terms, closed: int, buffer: Buffer, committed: int) -> Terms:
    """Take off what is not for sale: of what the cell would hold, as far as Shopify has not promised it."""
    whole = terms.total()
    closed = min(closed, max(whole - committed, 0))
    kept = min(buffer.of(whole - closed), max(whole - closed - committed, 0))
    return replace(terms, closed=closed, buffer=kept)


def _terms(orders: tuple[OrderAtCell, ...], shelf: Shelf, named: int) -> Terms:
    return Terms(
        erp_on_hand=shelf.on_hand,
        erp_reserved=shelf.reserved,
        exempt=sum(order.exempt for order in orders),
        shipped_here_only=sum(order.shipped_here_only for order in orders),
        remainder=0,
        buffer=0,
        held_up=sum(order.held_up for order in orders),
        named=named,
    )


def _quantity(terms: Terms, on_hand: int) -> int:
    """The target; units the ERP shipped first may keep it up, but never raise it.

    Shopify takes no figure below zero: when the ERP has promised more than it has, nothing is left to sell until
    the ERP recovers.
    """
    plain = terms.total()
    lifted = plain + terms.held_up
    wanted = lifted if lifted <= on_hand else max(plain, on_hand)
    return max(wanted, 0)
