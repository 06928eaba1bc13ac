"""What a cell should hold in Shopify, and why: the stock rule as a pure function.

A cell is (SKU, Shopify location). Both sides sell from the same shelf, so neither figure may simply be copied:
an order that Shopify holds committed is subtracted by Shopify itself, goods that left are booked in the two
systems at different times, and a level may have moved for a reason nobody has told us yet.

    target = ERP on hand − ERP reservations
             + reservations of this shop's orders that Shopify subtracts itself (`exempt`)
             − units that left in Shopify's books and not yet in the ERP's (`shipped_here_only`, F)
             + an unexplained fall (`remainder` below zero is a sale until proven otherwise)
             − buffer
    and units the ERP has shipped while Shopify still holds them committed (`held_up`, G) may keep the figure
    from falling, but never raise it.

The order of reading is part of the rule: cell memory, Shopify level, orders, ERP documents, ERP stock. The write
is a compare-and-swap on `on_hand`; `agreed` gives the memory to store when it succeeded, and only then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class OrderAtCell:
    """Units of one of this shop's orders at one cell, as each side knows them."""

    committed: int = 0
    """Shopify: still to leave from here."""
    fulfilled: int = 0
    """Shopify: left from here."""
    restocked: int = 0
    """Shopify: came back to here."""
    reserved: int = 0
    """ERP: reserved here for this order, from the stock snapshot."""
    shipped: int = 0
    """ERP: left from here."""
    shipped_elsewhere: int = 0
    """ERP: of the units fulfilled here, those it shipped from elsewhere before; our fulfilment is only paperwork."""
    returned: int = 0
    """ERP: booked back into stock here."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What we remember of a cell between two attempts; read before anything remote."""

    ver: int
    base: int | None
    """B: on_hand last agreed, free of all movements we can name; None before the first sync."""
    pos: int = 0
    """Units of unexplained rises that were written away and nobody has decided."""
    seen_low: int | None = None
    """Lowest unexplained fall, and since when it is open."""
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The ERP's figures for all warehouses behind one location."""

    on_hand: int
    reserved: int


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
    held_up: int
    named: int
    """N: named movements since the base, − fulfilled + restocked."""

    def total(self) -> int:
        """The target before G: may be negative when the ERP has promised more than it has."""
        return (
            self.erp_on_hand
            - self.erp_reserved
            + self.exempt
            - self.shipped_here_only
            + min(self.remainder, 0)
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

    @property
    def equal(self) -> bool:
        """Nothing to write."""
        return self.quantity == self.on_hand

    @property
    def raises(self) -> bool:
        """The write would make more sellable; it needs a fresh ERP snapshot."""
        return self.quantity > self.on_hand

    def agreed(self) -> Memory:
        """The memory after a successful write (never after a plain read)."""
        t = self.terms
        if self.waiting:
            return replace(self.memory, ver=self.memory.ver + 1)
        return replace(
            self.memory,
            ver=self.memory.ver + 1,
            base=self.quantity - t.named - min(t.remainder, 0),
            pos=self.pos_left + max(t.remainder, 0),
        )


def named_movements(orders: Iterable[OrderAtCell]) -> int:
    """N: what orders did to on_hand, by order and not by time."""
    return sum(order.restocked - order.fulfilled for order in orders)


def exempt(order: OrderAtCell) -> int:
    """Reserved units that Shopify subtracts itself (committed) or that F subtracts (left, not shipped in the ERP)."""
    unshipped = max(0, order.fulfilled - order.shipped - order.shipped_elsewhere)
    return min(order.reserved, order.committed + unshipped)


def shipped_here_only(order: OrderAtCell) -> int:
    """F: left in Shopify, not shipped in the ERP, net of units back on this shelf that no return was booked for."""
    unshipped = max(0, order.fulfilled - order.shipped - order.shipped_elsewhere)
    return max(0, unshipped - max(0, order.restocked - order.returned))


def held_up(order: OrderAtCell) -> int:
    """G: shipped in the ERP from here while Shopify still holds the units committed here."""
    return min(order.committed, max(0, order.shipped - order.fulfilled))


def decide(
    memory: Memory,
    on_hand: int,
    orders: Iterable[OrderAtCell],
    shelf: Shelf,
    *,
    settled_movements: int = 0,
    buffer: int = 0,
    now: datetime,
    listed_at: datetime | None,
    listing_lag: timedelta,
) -> Target:
    """What the cell should hold.

    `orders` are the orders that may still matter; `settled_movements` is N of the orders on which both sides agree
    and that are finished. `listing_lag` is how late a movement may become visible in Shopify's listings, and
    `listed_at` when the last listing began whose every order we have read: only a fall that such a listing could
    not explain may be set off against an old rise.
    """
    orders = tuple(orders)
    named = settled_movements + named_movements(orders)
    if memory.base is None:
        return _first_sight(memory, on_hand, orders, shelf, named, buffer, now, listed_at, listing_lag)
    raw = on_hand - memory.base - named
    low, since = _seen(memory, raw, now)
    memory = replace(memory, seen_low=low, seen_at=since)
    remainder, pos = raw, memory.pos
    if raw < 0 < pos and _unlisted(memory, listed_at, listing_lag):
        explained = min(pos, -raw)
        remainder, pos = raw + explained, pos - explained
    terms = _terms(orders, shelf, named, remainder, buffer)
    quantity = _quantity(terms, on_hand)
    return Target(on_hand=on_hand, quantity=quantity, terms=terms, memory=memory, pos_left=pos)


def _first_sight(
    memory: Memory,
    on_hand: int,
    orders: tuple[OrderAtCell, ...],
    shelf: Shelf,
    named: int,
    buffer: int,
    now: datetime,
    listed_at: datetime | None,
    listing_lag: timedelta,
) -> Target:
    """Nothing was ever agreed, so a movement nobody told us of cannot be seen as a remainder.

    Until the level has stood still through a listing that must show every movement behind it, a higher figure is
    not written at all and a lower one without being agreed; `seen_low` keeps the level free of named movements.
    """
    terms = _terms(orders, shelf, named, 0, buffer)
    quantity = _quantity(terms, on_hand)
    free = on_hand - named
    if memory.seen_low == free and _unlisted(memory, listed_at, listing_lag):
        agreed = replace(memory, base=free, seen_low=None, seen_at=None)
        return Target(on_hand=on_hand, quantity=quantity, terms=terms, memory=agreed, pos_left=memory.pos)
    quantity = min(quantity, on_hand)
    since = memory.seen_at if memory.seen_low == free else now
    waits = replace(memory, seen_low=quantity - named, seen_at=since if quantity == on_hand else now)
    return Target(on_hand, quantity, terms, waits, memory.pos, waiting=True)


def _terms(orders: tuple[OrderAtCell, ...], shelf: Shelf, named: int, remainder: int, buffer: int) -> Terms:
    return Terms(
        erp_on_hand=shelf.on_hand,
        erp_reserved=shelf.reserved,
        exempt=sum(exempt(order) for order in orders),
        shipped_here_only=sum(shipped_here_only(order) for order in orders),
        remainder=remainder,
        buffer=buffer,
        held_up=sum(held_up(order) for order in orders),
        named=named,
    )


def _quantity(terms: Terms, on_hand: int) -> int:
    """The target; units the ERP shipped first may keep it up, but never raise it."""
    plain = terms.total()
    lifted = plain + terms.held_up
    return lifted if lifted <= on_hand else max(plain, on_hand)


def _seen(memory: Memory, raw: int, now: datetime) -> tuple[int | None, datetime | None]:
    """An unexplained fall keeps its first date until it deepens or vanishes."""
    if raw >= 0:
        return None, None
    if memory.seen_low is not None and memory.seen_low <= raw:
        return memory.seen_low, memory.seen_at
    return raw, now


def _unlisted(memory: Memory, listed_at: datetime | None, listing_lag: timedelta) -> bool:
    """A listing that must show the movement behind the fall does not show it."""
    return memory.seen_at is not None and listed_at is not None and listed_at - memory.seen_at > listing_lag
