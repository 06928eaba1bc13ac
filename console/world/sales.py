"""Units accepted, units accepted beyond what existed, and units we made sellable though they were promised."""

from console.world.history import History

LOOK_BACK = 3.0
"""Seconds a back office snapshot may be old when a write raises a figure; its sales inside are nobody's fault."""


def accepted(history: History) -> int:
    """Units promised to anybody."""
    return sum(one.units for one in history.sales)


def oversold(history: History) -> int:
    """Of each sale, the units that did not exist any more when it was accepted."""
    short = 0
    for sale in history.sales:
        left = history.free(sale.place, sale.at) - history.unbooked(sale.place, sale.at)
        short += min(sale.units, max(0, -left))
    return short


def relisted(history: History) -> int:
    """Units that a raising write of ours made sellable beyond what was truly free."""
    wrong = 0
    for write in history.writes:
        if write.after > write.before:
            free = history.most_free(write.place, write.at - LOOK_BACK, write.at)
            true = max(0, free - history.unbooked(write.place, write.at))
            wrong += min(write.after - write.before, max(0, write.available - true))
    return wrong
