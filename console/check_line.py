"""One line of `trueup check`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One thing that holds, or the reason and the remedy."""

    ok: bool
    name: str
    detail: str
    remedy: str = ""
    note: bool = False
    """It holds, and there is something to know or to do about it all the same."""
