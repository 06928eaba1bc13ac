"""The points at which an engine may die, told apart by name and counted as they are passed.

`before VERB` is passed when a verb of the store has changed something and nothing is committed yet, `after VERB` when
it is committed and whoever asked for it does not know. A call to a remote has three: `before`, `sent` and `after`
(the answer is there and nothing was made of it). At `sent` it is out of our hands: in the simulation it is still on
its way and arrives when its sender is dead; with real processes it has been carried out and nobody takes the answer.
Which points there are is not written down anywhere: they are what an engine passes.
"""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """The nth time, from 1, that a place is passed."""

    where: str
    nth: int = 1


class Passages:
    """Counts what is passed and says whether the engine dies there."""

    def __init__(self, *fatal: Point) -> None:
        self.left = set(fatal)
        """Fatal points that were not passed."""
        self.counts: Counter[str] = Counter()
        """How often each place was passed; in the order of first passage."""

    def __call__(self, where: str) -> bool:
        """A place is passed; True at a fatal point."""
        self.counts[where] += 1
        here = Point(where, self.counts[where])
        if here not in self.left:
            return False
        self.left.remove(here)
        return True


def spread(count: int, times: int) -> list[int]:
    """At most so many of the numbers 1 to `count`, the first and the last among them."""
    if times == 1 or count == 1:
        return [1]
    return sorted({1 + round(at * (count - 1) / (times - 1)) for at in range(times)})
