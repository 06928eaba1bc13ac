"""The allowance of calls of an account, shared by every connection of this process that draws on it.

Cin7 Core answers 60 calls a minute. Whether it counts by key or by account is not settled: measurements differ, so one
account has one allowance here whatever keys its connections use.
"""

from weakref import WeakValueDictionary

from adapters.limits import Allowance
from engine.model.clock import Clock

CALLS, SECONDS = 60, 60.0
LONGEST = 90.0
"""Seconds a call waits for its turn before it is told to come back: longer than the window, so that an order that was
begun is finished instead of begun again."""

_shared: WeakValueDictionary[tuple[str, str], Allowance] = WeakValueDictionary()


def allowance_of(
    url: str, account: str, clock: Clock, *, calls: int = CALLS, seconds: float = SECONDS
) -> Allowance:
    """The allowance of an account; the first that asks says how much of it is ours."""
    known = _shared.get((url, account))
    if known is None:
        known = _shared[url, account] = Allowance(
            clock, calls=calls, seconds=seconds, longest=max(LONGEST, 1.5 * seconds)
        )
    return known
