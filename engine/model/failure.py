"""Failures, named by what has to happen next. Adapters translate into these once, at the edge.

Failure
├── NotApplied            proven: nothing happened on the other side
│   ├── TryLater          busy or unreachable; we come back by ourselves
│   │   └── NotNow        waiting is not failing: costs no attempt
│   │       └── RateLimited   the other side asked us to wait
│   ├── Refused           understood and declined; a person changes the record
│   ├── Unmapped          we have no name for this on the other side; a person adds a mapping
│   └── Misset            a key, scope or address is wrong; the flow pauses until settings change
└── OutcomeUnknown        it may have happened; look before trying again
"""

from typing import ClassVar

from engine.model.clock import Clock
from engine.model.hidden import hide


def sentence(text: str) -> str:
    """A text of another system as a sentence: remotes end theirs with a full stop, or not."""
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


class Failure(Exception):
    """A call to a remote did not end well.

    `cause` and `remedy` are one sentence each for an operator; `log` is for the log file. None holds a secret: what a
    remote repeats of ours is hidden.
    """

    outcome: ClassVar[str] = "failure"
    """One word for counting; the same for every failure of its kind."""

    def __init__(self, cause: str, remedy: str, *, code: str = "", log: str = "") -> None:
        self.cause, self.remedy = hide(sentence(cause)), hide(sentence(remedy))
        super().__init__(self.cause)
        self.code = hide(code)
        """Stable short name, the fingerprint under which equal failures are grouped."""
        self.log = hide(log)


class NotApplied(Failure):
    """Proven not to have had an effect."""

    outcome = "not_applied"


class TryLater(NotApplied):
    """The other side is busy or away; the engine comes back by itself."""

    outcome = "try_later"


class NotNow(TryLater):
    """Not asked at all, or asked too often: comes back in `after` seconds, no attempt poorer."""

    outcome = "not_now"

    def __init__(
        self, cause: str, remedy: str, *, after: float, code: str = "not_now", log: str = ""
    ) -> None:
        super().__init__(cause, remedy, code=code, log=log)
        self.after = after
        """Seconds to wait."""


class RateLimited(NotNow):
    """Asked too often; waiting is not failing."""

    outcome = "rate_limited"

    def __init__(
        self, cause: str, remedy: str, *, after: float, code: str = "rate_limited", log: str = ""
    ) -> None:
        super().__init__(cause, remedy, after=after, code=code, log=log)


class Refused(NotApplied):
    """They understood and said no; someone must change the record."""

    outcome = "refused"


class Unmapped(NotApplied):
    """We have no name for this on the other side; someone must add a mapping."""

    outcome = "unmapped"


class Misset(NotApplied):
    """A key, scope or address is wrong; the flow pauses until the settings change."""

    outcome = "misset"


class OutcomeUnknown(Failure):
    """No proof either way: timeout after sending, cut reply, 5xx."""

    outcome = "unknown"


TOO_OLD = "too_old"
"""Code of a call that was not sent because what it stands on had grown too old."""


def in_time(clock: Clock, until: float) -> None:
    """Raise NotNow when the monotonic clock is past `until`: what the call stands on is too old by then."""
    if clock.monotonic() > until:
        raise NotNow(
            "The figures grew too old while the call waited for its turn.",
            "TrueUp reads them again by itself.",
            after=0.0,
            code=TOO_OLD,
        )
