"""The calls of an account, shared by every connection of this process that draws on it.

A plan answers so many calls a month, and nothing once they are used up, until the first of the next. Whether there is
a limit by the minute too is not confirmed (reports differ), so a pace is kept that is a setting.
"""

from weakref import WeakValueDictionary

from adapters.limits import Allowance
from adapters.quota import Budget, Quota
from adapters.unleashed.trouble import USED_UP, WHO
from engine.model.clock import Clock

MONTH = 31 * 86_400.0
PER_MONTH, PER_MINUTE = 250_000, 60
LONGEST = 90.0
"""Seconds a call waits for its turn before it is told to come back."""

_shared: WeakValueDictionary[tuple[str, str], Budget] = WeakValueDictionary()


def budget_of(
    url: str, api_id: str, clock: Clock, *, per_month: int = PER_MONTH, per_minute: int = PER_MINUTE
) -> Budget:
    """The budget of an account; the first that asks says how large it is."""
    known = _shared.get((url, api_id))
    if known is None:
        pace = Allowance(clock, calls=per_minute, seconds=60.0, longest=LONGEST)
        quota = Quota(clock, calls=per_month, seconds=MONTH, who=f"{WHO} in a month", remedy=USED_UP)
        known = _shared[url, api_id] = Budget([pace], quota)
    return known
