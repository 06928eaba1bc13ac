"""Looking for what no event told us: deltas of the back office and changed orders."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from engine.flows.intake import LANE_AFTER, LANE_ORDER, LANE_SWEEP, back_office_moved, order_due
from engine.flows.listings import SAME_SECOND, Listings
from engine.flows.remember import read_and_keep
from engine.flows.site import Site
from engine.flows.untold import OVERLAP
from engine.model.ids import OrderId
from engine.orders.values import ValueMaps
from engine.ports import Changes, OrderStub
from engine.store.queries.gaps import open_gaps
from engine.store.queries.products import adopted_count
from engine.store.queries.told import told
from engine.store.queries.unread import idle, unended
from engine.store.tx import Tx
from engine.store.verbs.cursor import first_start, get_cursor, set_cursor
from engine.store.verbs.hearing import note_subscribed
from engine.store.verbs.inbox import note_healed
from engine.store.verbs.orders import read_dates
from engine.store.verbs.settled import open_orders
from engine.store.verbs.stock import mark_sku_dirty
from engine.store.verbs.watch import close_gap
from engine.store.verbs.work import SAME_DATE

MANY = 500
"""So many changes at once are a part of what there is: the rest is asked for at once, not at the next look."""
NEWEST = "newest order"
"""Cursor: the newest change of an order that a listing has shown, dated by Shopify."""
AT_ONCE = 100
"""Orders that are read out of turn after one listing; the others wait for the next, or for their attempt."""
GRACE = timedelta(seconds=5)
"""A change younger than this may still be announced by its webhook; later we call that lost."""
SUBSCRIBED = "subscribed"
"""Cursor: the topics that had a subscription when they were last looked at."""
TOPICS = (
    "ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_CANCELLED", "REFUNDS_CREATE", "ORDER_TRANSACTIONS_CREATE",
    "FULFILLMENTS_CREATE", "INVENTORY_LEVELS_UPDATE",
)  # fmt: skip

PRODUCTS = "PRODUCTS_UPDATE"
"""Subscribed to once a variant is adopted: a busy shop sends it with every sale."""


class Watch:
    """Polls of one connection."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.asked = asyncio.Event()
        """Set once the back office's changes are followed, or could not be asked for: what is looked at before is
        looked at twice."""
        self._healing: dict[OrderId, datetime] = {}
        """Changes in the listing's window that have been checked for their webhook."""
        self._taken_up = site.clock.monotonic()
        self._before = timedelta()
        """How long ago the first start was when this engine took up."""

    async def deltas(self) -> None:
        """Ask the back office what moved; the cursor advances with what was found, in one transaction."""
        try:
            await self._deltas()
        finally:
            self.asked.set()

    async def _deltas(self) -> None:
        site = self._site
        cursor = await site.store.read(get_cursor, site.name, "back_office")
        while True:
            changes = await site.back_office.changes(cursor)
            moved = changes.cursor != cursor
            if cursor is None:
                await site.store.write(_followed, site.name, site.now())
            if moved or changes.skus or changes.orders:
                await site.store.write(_moved, site, changes, site.now())
            if not moved or len(changes.skus) + len(changes.orders) < MANY:
                return
            cursor = changes.cursor

    async def orders(self) -> None:
        """Ask the shop which orders changed; those no webhook told us of are healed."""
        site = self._site
        ours_since = await self._ours_since()
        begun, tick = site.now(), site.clock.monotonic()
        stored = await site.store.read(get_cursor, site.name, "orders")
        since = await self._since(stored, ours_since) if stored else ours_since
        stubs = await site.shop.orders_changed(since)
        healed = await self._healed(stubs, begun) if stored else []
        known = await site.store.read(read_dates, site.name, [stub.id for stub in stubs])
        # Shopify dates to the second: a change in the second of our last reading shows no newer date
        recent = (datetime.fromisoformat(stored) if stored else begun) - SAME_SECOND
        missed = [
            stub
            for stub in stubs
            if stub.id not in known
            or known[stub.id] < stub.updated_at
            or (stub.updated_at >= recent and not site.listings.whole(stub.id, stub.updated_at))
        ]
        site.listings.forget(recent)
        site.listings.shown([stub.id for stub in missed], begun, tick)
        newest = max((stub.updated_at for stub in stubs), default=None)
        fresh = {stub.id for stub in missed if stub.id not in known or known[stub.id] < stub.updated_at}
        await site.store.write(_missed, site.name, missed, fresh, healed, newest, begun)
        await self._read_idle()

    async def _since(self, stored: str, ours_since: datetime) -> datetime:
        """Where the next listing begins: never later than the newest change Shopify has shown, by its own clock.

        Our clock may have been ahead when the last listing was dated; what changed since would never be listed.
        """
        site = self._site
        last = datetime.fromisoformat(stored)
        shown = await site.store.read(get_cursor, site.name, NEWEST)
        newest = datetime.fromisoformat(shown) if shown else ours_since
        return min(last, newest) - OVERLAP

    async def _ours_since(self) -> datetime:
        """From when on orders are ours: as configured, or since the first start, by the shop's clock.

        The shop may have been out of reach since then: what was placed meanwhile is nobody else's.
        """
        site = self._site
        if site.orders_since is None:
            there = await site.shop.now()
            waited = self._before + timedelta(seconds=site.clock.monotonic() - self._taken_up)
            since = (there - waited).replace(microsecond=0)
            await self._settled(since)
            site.orders_since = since
        return site.orders_since

    async def _settled(self, since: datetime) -> None:
        site = self._site
        await site.store.write(set_cursor, site.name, "orders_since", since.isoformat(), site.now())

    async def _read_idle(self) -> None:
        """An order that waits for a person or for its time is not attempted, but what moves in it moves stock too."""
        site = self._site
        owed = site.listings.owed
        for order_id in await site.store.read(idle, site.name, owed, site.now(), AT_ONCE) if owed else ():
            await read_and_keep(site, order_id)

    async def _healed(self, stubs: Sequence[OrderStub], begun: datetime) -> list[OrderId]:
        """Orders whose change the listing showed and no webhook has told of in due time; each change once."""
        due = {stub.id: stub.updated_at for stub in stubs if begun - stub.updated_at > GRACE}
        self._healing = {order: at for order, at in self._healing.items() if due.get(order) == at}
        fresh = {order: at for order, at in due.items() if order not in self._healing}
        self._healing |= fresh
        heard = await self._site.store.read(
            told, self._site.name, {str(order): at for order, at in fresh.items()}
        )
        return [order for order in fresh if order not in heard]

    async def take_up(self) -> None:
        """Take up from when on orders are ours, or when the engine first started while nothing has been seen of the shop.

        What was read under an earlier lease does not count: another engine may have worked since. What was told and
        is not done is to be read, for no listing of ours will show it.
        """
        site = self._site
        unread = await site.store.read(unended, site.name)
        site.listings = Listings(unread=dict.fromkeys(unread, site.clock.monotonic()))
        stored = await site.store.read(get_cursor, site.name, "orders_since")
        if site.orders_since is not None:
            await self._settled(site.orders_since)
        elif stored:
            site.orders_since = datetime.fromisoformat(stored)
        else:
            self._taken_up, now = site.clock.monotonic(), site.now()
            started = await site.store.write(first_start, site.name, now)
            self._before = max(now - started, timedelta())
        await site.store.write(_named, site.name, site.names, site.now())
        if await site.store.read(get_cursor, site.name, "back_office") is not None:
            self.asked.set()

    async def subscriptions(self) -> None:
        """Every topic we need has a subscription that points here."""
        site = self._site
        if site.callback is None or site.licence.remit.nothing:
            return
        had = (await site.store.read(get_cursor, site.name, SUBSCRIBED) or "").split()
        here = {s.topic for s in await site.shop.subscriptions() if s.uri == site.callback}
        adopted = await site.store.read(adopted_count, site.name)
        topics = (*TOPICS, PRODUCTS) if adopted else TOPICS
        for topic in topics:
            if topic not in here:
                await site.shop.subscribe(topic, site.callback)
                await site.store.write(note_subscribed, site.name, topic, anew=topic in had, now=site.now())
        await site.store.write(set_cursor, site.name, SUBSCRIBED, " ".join(topics), site.now())


def _named(tx: Tx, connection: str, values: ValueMaps, now: datetime) -> None:
    """Values that were missing and are in their tables are no gaps any more."""
    named = {(connection, kind.value, name) for kind, table in values.items() for name in table}
    for gap in open_gaps(tx) if named else ():
        if (gap.connection, gap.kind, gap.name) in named:
            close_gap(tx, connection, gap.kind, gap.name, now)


def _followed(tx: Tx, connection: str, now: datetime) -> None:
    """From here on the back office tells what moves: what was booked or looked at before is looked at once more."""
    mark_sku_dirty(tx, connection, None, reason="followed", lane=LANE_SWEEP, now=now)
    order_due(tx, connection, open_orders(tx, connection), "followed", LANE_AFTER, now)


def _moved(tx: Tx, site: Site, changes: Changes, now: datetime) -> None:
    sisters = [sister.name for sister in site.sisters]
    back_office_moved(tx, site.name, changes.skus, changes.orders, "delta", now, sisters)
    set_cursor(tx, site.name, "back_office", changes.cursor, now)


def _missed(
    tx: Tx,
    connection: str,
    stubs: Sequence[OrderStub],
    fresh: Collection[OrderId],
    healed: Sequence[OrderId],
    newest: datetime | None,
    begun: datetime,
) -> None:
    for stub in stubs:
        order_due(tx, connection, [stub.id], "listed" if stub.id in fresh else SAME_DATE, LANE_ORDER, begun)
    for order in healed:
        note_healed(tx, connection, order, begun)
    set_cursor(tx, connection, "orders", begun.isoformat(), begun)
    if newest is not None:
        set_cursor(tx, connection, NEWEST, newest.isoformat(), begun)
