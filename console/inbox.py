"""The inbox behind the listener: webhooks are committed together, and nobody waits longer than the sender would."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict

from adapters.intake import Received
from adapters.listener import Busy
from engine.store.rows import Incoming
from engine.store.session import Store
from engine.store.trouble import StoreTrouble
from engine.store.verbs.inbox import receive, receive_many

MOST_WAITING = 2_000
"""Webhooks waiting for their commit; more are asked to come back."""
GATHER_SECONDS = 0.002
"""How long a commit waits for company while webhooks come in numbers; a lone one waits for nobody."""
PATIENCE = 3.0
"""Seconds after which a sender is asked to come back; Shopify itself hangs up after five."""


class _Batch:
    """Webhooks that will be committed together, and the answer they wait for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.rows: list[Incoming] = []
        self.kept: asyncio.Future[Sequence[bool | BaseException]] = loop.create_future()
        self._end = loop.call_later(PATIENCE, self.refuse, Busy())

    def keep(self, answers: Sequence[bool | BaseException]) -> None:
        """The commit is done."""
        self._end.cancel()
        if not self.kept.done():
            self.kept.set_result(answers)

    def refuse(self, trouble: Exception) -> None:
        """All who wait are told; if the commit comes through yet, their second try finds the row there."""
        self._end.cancel()
        if not self.kept.done():
            self.kept.set_exception(trouble)
            self.kept.exception()  # nobody may be left to hear of it


class Inbox:
    """Puts genuine webhooks into the store; says Busy before it would keep too many waiting, or any for too long.

    What arrives while a commit is under way is committed together.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting = 0
        self._open: _Batch | None = None
        self._turn = asyncio.Lock()
        self._together = 0
        self._since: float | None = None
        """When the commit under way began, on the loop's clock."""
        self._commits: set[asyncio.Task[None]] = set()

    async def receive(self, row: Received) -> bool:
        """True for a new row, False for one seen before; after the commit."""
        loop = asyncio.get_running_loop()
        stuck = self._since is not None and loop.time() - self._since > PATIENCE
        if self._waiting >= MOST_WAITING or stuck:
            raise Busy
        self._waiting += 1
        try:
            batch = self._open
            if batch is None:
                batch = self._open = _Batch(loop)
                task = loop.create_task(self._commit(batch))
                self._commits.add(task)
                task.add_done_callback(self._commits.discard)
            place = len(batch.rows)
            batch.rows.append(_incoming(row))
            answer = (await asyncio.shield(batch.kept))[place]
            if isinstance(answer, BaseException):
                raise answer
            return answer
        finally:
            self._waiting -= 1

    async def _commit(self, batch: _Batch) -> None:
        """Write the batch when it is its turn; whatever happens, all who wait for it are answered."""
        try:
            async with self._turn:
                if self._together > 1:
                    await asyncio.sleep(GATHER_SECONDS)
                self._open = None
                self._together = len(batch.rows)
                self._since = asyncio.get_running_loop().time()
                try:
                    batch.keep(await self._kept(batch.rows))
                finally:
                    self._since = None
        except StoreTrouble:
            batch.refuse(Busy())
        except Exception as trouble:  # noqa: BLE001 handed to all who wait
            batch.refuse(trouble)
        finally:
            if self._open is batch:
                self._open = None
            batch.refuse(Busy())  # those of a batch that was cancelled; anyone else has been answered

    async def _kept(self, rows: list[Incoming]) -> Sequence[bool | BaseException]:
        """One write for all; one each when that fails, so that a row the store refuses fails alone."""
        try:
            return await self._store.write(receive_many, rows)
        except StoreTrouble:
            raise
        except Exception:
            if len(rows) == 1:
                raise
        each = [self._store.write(receive, **asdict(row)) for row in rows]
        return await asyncio.gather(*each, return_exceptions=True)


def _incoming(row: Received) -> Incoming:
    return Incoming(
        row.connection,
        row.source,
        row.webhook_id,
        row.topic,
        row.resource,
        row.resource_version or None,
        row.body,
        row.triggered_at,
        row.received_at,
    )
