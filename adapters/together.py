"""What is asked while an answer is under way is answered together afterwards.

Where a call costs more than the records in it, that is the quicker way. A trytond spends most of a call on what does not depend on the number of records: signing in, reading settings and
checking rules. A sale entered alone cost 0.7 s of its CPU, one of eight entered together 0.17 s.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from engine.model.failure import Failure

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


class Together(Generic[Ask, Answer]):
    """Lets one call at a time serve all who wait, at most so many; whoever comes first carries it out."""

    def __init__(
        self, serve: Callable[[Sequence[Ask]], Awaitable[Sequence[Answer | Failure]]], *, most: int
    ) -> None:
        """`serve` answers in the order asked; a Failure it returns is one asker's, one it raises is everybody's."""
        self._serve = serve
        self._most = most
        self._turn = asyncio.Lock()
        self._waiting: list[tuple[Ask, asyncio.Future[Answer]]] = []

    async def ask(self, question: Ask) -> Answer:
        """The answer to this question; the reading or writing for it begins after it was asked."""
        mine: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, mine))
        try:
            async with self._turn:
                while not mine.done():
                    await self._next()
        finally:
            self._waiting = [entry for entry in self._waiting if entry[1] is not mine]
        return mine.result()

    async def _next(self) -> None:
        served, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            answers = await self._serve([question for question, _ in served])
        except Failure as failure:
            answers = [failure] * len(served)
        except BaseException:
            self._waiting = (
                served + self._waiting
            )  # the one who carried it out was stopped, the others were not
            raise
        for (_, asker), answer in zip(served, answers, strict=True):
            if asker.done():
                continue
            if isinstance(answer, Failure):
                asker.set_exception(answer)
            else:
                asker.set_result(answer)
