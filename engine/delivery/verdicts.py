"""What a failure proves, and therefore what becomes of the record."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from engine.delivery.retry import MAX_ATTEMPTS, delay
from engine.delivery.tiers import may_look, settle_time
from engine.model.failure import Failure, Misset, NotApplied, NotNow, OutcomeUnknown, TryLater
from engine.ports import Capabilities

PAUSE = timedelta(seconds=15)
"""How long a record waits when our own settings are wrong."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not now; costs no attempt."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class Retry:
    """Proven not applied; comes back by itself, one attempt poorer."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class Doubtful:
    """It may have been applied: looked up after the settling time."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class Held:
    """A person's turn; with `decided` their retry says that it was not applied."""

    decided: bool = False


@dataclass(frozen=True, slots=True)
class DeadLettered:
    """Tried often enough."""


Verdict = Postponed | Retry | Doubtful | Held | DeadLettered


def judge(failure: Failure, attempt: int, able: Capabilities, chance: Random) -> Verdict:
    """What becomes of a record after so many failed attempts and this one. Pure but for the jitter."""
    last = attempt + 1 >= MAX_ATTEMPTS
    match failure:
        case NotNow(after=seconds):
            return Postponed(timedelta(seconds=seconds))
        case Misset():
            return Retry(PAUSE)
        case TryLater():
            return DeadLettered() if last else Retry(delay(attempt, chance))
        case NotApplied():
            return Held()
        case OutcomeUnknown():
            if not may_look(able.tier):
                return Held(decided=True)
            # a record still in doubt after so many looks stays in doubt when a person retries it
            return DeadLettered() if last else Doubtful(settle_time(able) + delay(attempt, chance))
        case _:
            raise AssertionError(f"an adapter raised a bare {type(failure).__name__}")
