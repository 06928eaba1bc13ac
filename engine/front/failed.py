"""What waits for a person, and what a person asks about it."""

from collections import defaultdict
from collections.abc import Collection

from engine.desk import Asked, CauseRow, Chosen, FailedDetail, FailedPage
from engine.front.door import Door
from engine.model.ids import WorkId
from engine.model.wording import Stale
from engine.store.queries.failed import failed_causes, failed_chosen, failed_detail, failed_page
from engine.store.verbs.asked import VERBS, Target, args_of
from engine.store.verbs.owners import connections_of, versions_of


class FailedFront(Door):
    """Implements `engine.desk.failures.FailedDesk`."""

    async def failed(
        self, *, filter: str = "", limit: int = 500, offset: int = 0, sort: str = "", descending: bool = True
    ) -> FailedPage:
        """Records that wait for a person, newest first by default."""
        return await self._store.read(
            failed_page,
            filter=filter,
            limit=limit,
            offset=offset,
            sort=sort,
            descending=descending,
            now=self._clock.now(),
        )

    async def failed_causes(self, *, filter: str = "") -> tuple[CauseRow, ...]:
        """The same by cause, those with most records first."""
        return await self._store.read(failed_causes, filter=filter, now=self._clock.now())

    async def failed_chosen(self, *, filter: str = "") -> tuple[Chosen, ...]:
        """Every record the filter lets through, as it is at this moment."""
        return await self._store.read(failed_chosen, filter=filter, now=self._clock.now())

    async def failed_detail(self, work: WorkId) -> FailedDetail | None:
        """One of them; None when it has been cleared meanwhile."""
        return await self._store.read(failed_detail, work)

    async def retry(self, works: tuple[WorkId, ...], *, operator: str) -> Asked:
        """Ask the engine to try these records again."""
        return await self._ask("retry", [(work, None) for work in works], "", operator)

    async def act(
        self, verb: str, chosen: tuple[Chosen, ...], *, value: str, operator: str, stale: str = Stale.SKIP
    ) -> Asked:
        """Ask the engine for an action on these records; `stale` says what becomes of those that changed."""
        if verb not in VERBS:
            raise ValueError(f"there is no action {verb}")
        if stale == Stale.FORCE:
            return await self._ask(verb, [(one.id, None) for one in chosen], value, operator)
        versions = await self._store.read(versions_of, [one.id for one in chosen])
        moved = [one for one in chosen if versions.get(one.id, one.version) != one.version]
        if stale == Stale.NEWEST:
            moved = []
        still: list[Target] = [
            (one.id, versions.get(one.id, one.version)) for one in chosen if one not in moved
        ]
        asked = await self._ask(verb, still, value, operator)
        names = tuple(f"{one.ref or one.id} changed since it was listed: look at it again." for one in moved)
        return Asked(asked.accepted, (*asked.refused, *names))

    async def _ask(self, verb: str, targets: list[Target], value: str, operator: str) -> Asked:
        owners = await self._store.read(connections_of, [work for work, _ in targets])
        by_connection: dict[str, list[Target]] = defaultdict(list)
        for target in targets:
            if target[0] in owners:
                by_connection[owners[target[0]]].append(target)
        for connection, mine in by_connection.items():
            await self._put(connection, verb, args_of(mine, value), operator)
        return Asked(len(owners), _gone([work for work, _ in targets], owners))


def _gone(works: Collection[WorkId], known: Collection[WorkId]) -> tuple[str, ...]:
    return tuple(f"Record {work} does not exist any more." for work in works if work not in known)
