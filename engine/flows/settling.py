"""The settling time of calls without an answer, judged by a clock that no one sets: a jump of the wall clock never ends it early."""

from collections.abc import Callable
from datetime import timedelta

from engine.model.failure import NotNow
from engine.model.ids import WorkId
from engine.store.rows import Work


class Settling:
    """When each doubtful record may be looked up at the earliest, in monotonic seconds.

    What an earlier process left in doubt settles from this one's beginning on, for nobody knows how long it was away.
    """

    def __init__(self, settle: timedelta, monotonic: Callable[[], float]) -> None:
        self._settle = settle.total_seconds()
        self._monotonic = monotonic
        self._begun = monotonic()
        self._since: dict[WorkId, float] = {}

    def begin(self, work: Work) -> None:
        """A call of this record may still arrive."""
        self._since[work.id] = self._monotonic()

    def over(self, work: Work) -> None:
        """What became of it is known."""
        self._since.pop(work.id, None)

    def check(self, work: Work) -> None:
        """Raise NotNow while a look would be too early."""
        left = self._since.get(work.id, self._begun) + self._settle - self._monotonic()
        if left > 0:
            raise NotNow(
                "A call without an answer may still arrive.",
                "It is looked up when it no longer can.",
                after=left,
                code="settling",
            )
