"""Crash points: named places at which a test may let the engine die. Nothing happens at them unless armed.

Every commit has one before and one after (`commit`, `committed`), every call to a remote likewise
(`shop.set_on_hand.send`, `shop.set_on_hand.sent`); a decision that is split over several of them is thereby
interrupted at each of its seams.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Action = Callable[[str], None]
"""What to do at a point; called with its name, on whichever thread reached it."""

_armed: list[Action] = []


def reached(name: str) -> None:
    """The engine is at this point."""
    if _armed:
        _armed[-1](name)


@contextmanager
def armed(action: Action) -> Iterator[None]:
    """Let `action` happen at every point reached inside the block, in this process."""
    _armed.append(action)
    try:
        yield
    finally:
        _armed.remove(action)
