"""How long things took from one side to the other, in milliseconds, from the clocks of the sandboxes."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from console.world.history import History, Place, moment
from console.world.remotes import Json

OWN = ("sale", "receipt", "transfer", "transfer_in", "transfer_out", "adjust")
"""What moves sellable units in the back office without us."""


def percentiles(values: Sequence[float]) -> Json:
    """p50, p95 and p99, rounded to whole milliseconds; zeros when nothing was measured."""
    ordered = sorted(values)

    def at(share: float) -> int:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))]) if ordered else 0

    return {"p50": at(0.50), "p95": at(0.95), "p99": at(0.99)}


def back_office_to_shop(history: History) -> list[float]:
    """From each change of sellable units in the back office to our next write of that cell.

    Changes whose successor came before the write went up in it and count from their own moment.
    """
    writes: dict[Place, list[float]] = defaultdict(list)
    for write in sorted(history.writes, key=lambda one: one.at):
        writes[write.place].append(write.at)
    found = []
    for place, events in history.events.items():
        for event in events:
            index = bisect_left(writes[place], event.at)
            if event.delta and event.kind in OWN and index < len(writes[place]):
                found.append((writes[place][index] - event.at) * 1000)
    return found


def order_to_back_office(shop: Json, erp: Json) -> list[float]:
    """From the moment an order was placed to the moment its document was created."""
    placed = {str(one["id"]): moment(one["placed_at"]) for one in shop["orders"]}
    return [
        max(0.0, (moment(one["created_at"]) - placed[str(one["ref"])]) * 1000)
        for one in erp["documents"]
        if str(one["ref"]) in placed
    ]
