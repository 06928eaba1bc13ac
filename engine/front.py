"""The desk over the store: what faces read is queried, what they ask becomes a command row for the engine."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

import orjson

from engine.desk import Asked, Changes, FailedDetail, FailedPage, GapRow, Pulse, StockPage
from engine.model.clock import Clock
from engine.model.explanation import Explanation
from engine.model.ids import OrderId, WorkId
from engine.store.queries.failed import failed_detail, failed_page
from engine.store.queries.gaps import open_gaps
from engine.store.queries.history import explanations
from engine.store.queries.pulse import pulse
from engine.store.queries.stock import stock_page
from engine.store.session import Store
from engine.store.verbs.command import ask
from engine.store.verbs.orders import read_orders
from engine.store.verbs.owners import connections_of

PULLED_AT_ONCE = 500
"""Orders in one command, so that no transaction of the engine grows long."""


class StoreChanges:
    """The store's bell."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def after(self, seen: int, *, at_most: float) -> int:
        """Wait until the revision is past `seen` or `at_most` seconds went by; the revision then."""
        return await self._store.changed_after(seen, at_most)


class Front:
    """Implements `engine.desk.Desk`; `me` is the holder name of an engine in this process, if there is one."""

    def __init__(self, store: Store, *, environment: str, clock: Clock, me: str | None = None) -> None:
        self._store = store
        self._environment = environment
        self._clock = clock
        self._me = me
        self._changes = StoreChanges(store)

    @property
    def environment(self) -> str:
        """Name shown in the status line."""
        return self._environment

    @property
    def changes(self) -> Changes:
        """The bell."""
        return self._changes

    async def pulse(self) -> Pulse:
        """The overview."""
        return await self._store.read(pulse, me=self._me, now=self._clock.now())

    async def stock(self, *, filter: str = "", offset: int = 0, limit: int = 200) -> StockPage:
        """SKUs containing `filter` in SKU or title, sorted by SKU."""
        return await self._store.read(
            stock_page, filter=filter, offset=offset, limit=limit, now=self._clock.now()
        )

    async def explain(self, sku: str, location: str, at: datetime | None = None) -> tuple[Explanation, ...]:
        """Why a cell held what it held at a moment (by default now); one per connection that has it."""
        now = self._clock.now()
        return tuple(await self._store.read(explanations, sku, location, at or now, now))

    async def failed(self, *, filter: str = "", limit: int = 500) -> FailedPage:
        """Records that wait for a person."""
        return await self._store.read(failed_page, filter=filter, limit=limit, now=self._clock.now())

    async def failed_detail(self, work: WorkId) -> FailedDetail | None:
        """One of them; None when it has been cleared meanwhile."""
        return await self._store.read(failed_detail, work)

    async def retry(self, works: tuple[WorkId, ...], *, operator: str) -> Asked:
        """Ask the engine to try these records again."""
        owners = await self._store.read(connections_of, works)
        by_connection: dict[str, list[int]] = defaultdict(list)
        for work, connection in owners.items():
            by_connection[connection].append(work)
        for connection, mine in by_connection.items():
            body = orjson.dumps(mine).decode()
            await self._store.write(ask, connection, "retry", body, operator, self._clock.now())
        return Asked(len(owners), _gone(works, owners))

    async def gaps(self) -> tuple[GapRow, ...]:
        """What has no mapping yet."""
        return await self._store.read(open_gaps)

    async def pull(
        self, connection: str, orders: tuple[OrderId, ...], *, unseen: bool, operator: str
    ) -> Asked:
        """Ask the engine to look at these orders again; with `unseen` only at those it has never seen."""
        accepted = 0
        for begin in range(0, len(orders), PULLED_AT_ONCE):
            wanted = orders[begin : begin + PULLED_AT_ONCE]
            if unseen:
                known = await self._store.read(read_orders, connection, wanted)
                wanted = tuple(order for order in wanted if order not in known)
            if wanted:
                body = orjson.dumps(wanted).decode()
                await self._store.write(ask, connection, "pull", body, operator, self._clock.now())
            accepted += len(wanted)
        return Asked(accepted, ())


def _gone(works: Collection[WorkId], known: Collection[WorkId]) -> tuple[str, ...]:
    return tuple(f"Record {work} does not exist any more." for work in works if work not in known)
