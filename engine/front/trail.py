"""Connections and the ledger of what happened on them."""

from engine.desk import Look, Page, SyncPage, TrailRow, Verified
from engine.flows.subscribing import VERB as SUBSCRIBE
from engine.front.door import Door
from engine.store.queries.sync import sync_page
from engine.store.queries.trail import trail_page, verified
from engine.store.queries.undo import inverse


class TrailFront(Door):
    """Implements what `engine.desk` says of connections and the ledger."""

    async def sync(self) -> SyncPage:
        """Each connection with its steps and lanes."""
        return await self._store.read(sync_page, self._clock.now())

    async def subscribe(self, connection: str, *, operator: str) -> None:
        """Ask the engine to list the shop's subscriptions and to make anew what is gone."""
        await self._put(connection, SUBSCRIBE, "{}", operator)

    async def trail(self, look: Look, *, people: bool) -> Page[TrailRow]:
        """Lines of the ledger, newest first: all, or only what people asked and what came of it."""
        return await self._store.read(trail_page, look, people=people, now=self._clock.now())

    async def verify_trail(self) -> Verified:
        """Follow the hash chain of the whole ledger."""
        return await self._store.read(verified, self._clock.now())

    async def undoable(self, seq: int) -> str:
        """Why this line cannot be taken back at this moment; empty when it can."""
        found = await self._store.read(inverse, seq, self._clock.now())
        return found if isinstance(found, str) else ""

    async def undo(self, seq: int, *, operator: str) -> str:
        """Ask the engine to take back what this line of the ledger says; why not, or empty."""
        found = await self._store.read(inverse, seq, self._clock.now())
        if isinstance(found, str):
            return found
        await self._put(found.connection, found.verb, found.args_json, operator)
        return ""
