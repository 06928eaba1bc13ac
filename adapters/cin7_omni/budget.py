"""The calls of an account, shared by every connection of this process that draws on it.

Omni answers 3 calls a second, 60 a minute and 5,000 a day; the day is the wall, so it is spread over.
"""

from weakref import WeakValueDictionary

from adapters.cin7_omni.trouble import USED_UP, WHO
from adapters.limits import Allowance
from adapters.quota import Budget, Quota
from engine.model.clock import Clock

DAY = 86_400.0
PER_DAY, PER_MINUTE, PER_SECOND = 5_000, 60, 3
LONGEST = 90.0
"""Seconds a call waits for its turn before it is told to come back."""

_shared: WeakValueDictionary[tuple[str, str], Budget] = WeakValueDictionary()


def budget_of(
    url: str,
    user: str,
    clock: Clock,
    *,
    per_day: int = PER_DAY,
    per_minute: int = PER_MINUTE,
    per_second: int = PER_SECOND,
) -> Budget:
    """The budget of a connection's user; the first that asks says how large it is."""
    known = _shared.get((url, user))
    if known is None:
        minute = Allowance(clock, calls=per_minute, seconds=60.0, longest=LONGEST)
        second = Allowance(clock, calls=per_second, seconds=1.0, longest=LONGEST)
        quota = Quota(clock, calls=per_day, seconds=DAY, who=f"{WHO} in a day", remedy=USED_UP)
        known = _shared[url, user] = Budget([minute, second], quota)
    return known
