"""Stock as of one moment, where stock and our orders come by different calls: read between two equal looks at them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Protocol

from adapters.steady import between_equal_looks
from engine.model.clock import Clock
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.stock import ShelfStock, StockSnapshot

Shelf = tuple[Sku, WarehouseId]
Figures = tuple[int, int]
"""Units on hand and promised."""


class Look(Protocol):
    """Looks at our orders; what it saw of them, as a number that rises with every change."""

    async def __call__(self, *, at_most_old: float = 0.0) -> int:
        """A look that is no older than so many seconds will do."""
        ...


async def snapshot_of(
    skus: Collection[Sku],
    *,
    look: Look,
    fresh: float,
    read: Callable[[frozenset[Sku]], Awaitable[Mapping[Shelf, Figures]]],
    promises: Callable[[], Iterable[tuple[OrderId, Mapping[Shelf, int]]]],
    clock: Clock,
    who: str,
) -> StockSnapshot:
    """Stock of these SKUs everywhere; what our orders wait for counts where it is more than what is promised there.

    `fresh`: seconds the first look may be old; `promises`: what our orders wait for, asked once the looks are equal.
    TryLater when the back office does not hold still.
    """
    taken = clock.now()
    wanted = frozenset(skus)
    if not wanted:
        return StockSnapshot(taken, {})
    old_enough = [fresh]

    async def looked() -> int:
        return await look(at_most_old=old_enough.pop() if old_enough else 0.0)

    _, figures = await between_equal_looks(looked, lambda: read(wanted), who=who)
    ours: dict[Shelf, dict[OrderId, int]] = defaultdict(dict)
    for ref, waiting in promises():
        for shelf, units in waiting.items():
            if shelf[0] in wanted:
                ours[shelf][ref] = ours[shelf].get(ref, 0) + units
    return StockSnapshot(
        taken,
        {
            shelf: ShelfStock(
                figures.get(shelf, (0, 0))[0],
                max(figures.get(shelf, (0, 0))[1], sum(ours[shelf].values()) if shelf in ours else 0),
                ours.get(shelf, {}),
            )
            for shelf in figures.keys() | ours.keys()
        },
    )
