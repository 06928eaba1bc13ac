"""Units accepted, units accepted beyond what existed, and units we made sellable though they were promised.

What is free at a moment is defined in `console.world.history`: what stands on the shelf for everybody, less what
the shop's orders take from it, whether the back office has heard of them or not.

*Oversold* is a unit that was not free when somebody was promised it, on whatever channel and for whatever reason.

*Re-listed* is a unit that a write of ours made sellable although somebody had been promised it: for a write that
raises on_hand, the units available after it beyond those free, and never more than it raised. Free is taken as of
the write, with one allowance: the back office's figure may be that of any one moment of the last LOOK_BACK seconds.
Nobody can compare-and-swap across two systems, so what the back office sells on its own between our look and our
write cannot be seen by any write; an older sale could, and counts against us. Units that Shopify itself makes
sellable (a cancelled or restocked order) are no write of ours.
"""

from collections.abc import Iterator

from console.world.history import Accepted, History, Write

LOOK_BACK = 3.0
"""Seconds a back office snapshot may be old when a write raises a figure; its sales inside are nobody's fault."""


def accepted(history: History) -> int:
    """Units promised to anybody."""
    return sum(one.units for one in history.sales)


def oversold(history: History) -> int:
    """Units that did not exist any more when they were promised."""
    return sum(units for _, units in oversales(history))


def relisted(history: History) -> int:
    """Units that writes of ours made sellable though they were promised."""
    return sum(units for _, units in relistings(history))


def oversales(history: History) -> Iterator[tuple[Accepted, int]]:
    """Each promise of more than was free, with the units that were not."""
    for sale in history.sales:
        short = min(sale.units, max(0, -history.free(sale.place, sale.at)))
        if short:
            yield sale, short


def relistings(history: History) -> Iterator[tuple[Write, int]]:
    """Each write that made promised units sellable, with their number."""
    for write in history.writes:
        raised = write.after - write.before
        if raised > 0:
            true = max(0, history.most_free(write.place, write.at - LOOK_BACK, write.at))
            wrong = min(raised, max(0, write.available - true))
            if wrong:
                yield write, wrong
