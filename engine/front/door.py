"""The one door to the engine: whoever asks is judged by role, and what is asked becomes a command row."""

from engine.model.clock import Clock
from engine.model.role import Role, needed_for, too_little
from engine.orders.atlas import Atlas
from engine.store.session import Store
from engine.store.verbs.command import ask, note_refusal


class StoreChanges:
    """The store's bell."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def after(self, seen: int, *, at_most: float) -> int:
        """Wait until the revision is past `seen` or `at_most` seconds went by; the revision then."""
        return await self._store.changed_after(seen, at_most)


class Door:
    """What every part of the desk over the store stands on."""

    def __init__(
        self,
        store: Store,
        *,
        environment: str,
        clock: Clock,
        me: str | None = None,
        proof_hours: float = 24.0,
        atlas: Atlas | None = None,
        role: Role = Role.ADMIN,
    ) -> None:
        """`me` is the holder name of an engine in this process, if there is one."""
        self._store = store
        self._environment = environment
        self._clock = clock
        self._me = me
        self._proof_hours = proof_hours
        self._atlas = atlas or Atlas()
        self._role = role
        self._changes = StoreChanges(store)

    async def _put(self, connection: str, verb: str, args: str, operator: str) -> int:
        """Ask the engine for something; its number. Raises Refused for too little a role."""
        await self._allow(connection, verb, operator)
        return await self._store.write(ask, connection, verb, args, operator, self._clock.now())

    async def _allow(self, connection: str, verb: str, operator: str) -> None:
        """Raise Refused, and write that down, when the role of whoever acts here is too little."""
        needs = needed_for(verb)
        if self._role < needs:
            refusal = too_little(self._role, needs, f"To {verb}")
            await self._store.write(
                note_refusal, connection, verb, operator, refusal.cause, self._clock.now()
            )
            raise refusal
