"""A coherent look at a back office that has no snapshots: read between two equal looks at its orders.

Stock and the orders that reserve it come by different calls. When an order ships between them, its units are gone
from the shelf and still counted as promised; a raise built on such a reading sells what is not there.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from engine.model.failure import TryLater

Look = TypeVar("Look")
Read = TypeVar("Read")
TRIES = 4


async def between_equal_looks(
    look: Callable[[], Awaitable[Look]], read: Callable[[], Awaitable[Read]], *, who: str
) -> tuple[Look, Read]:
    """What two equal looks saw and what was read between them; TryLater when it does not hold still."""
    before = await look()
    for _ in range(TRIES):
        result = await read()
        after = await look()
        if after == before:
            return after, result
        before = after
    raise TryLater(
        f"{who} changes faster than its stock can be read",
        "TrueUp comes back by itself.",
        code="unsteady",
    )
