"""What a measurement hands to the table."""

from dataclasses import dataclass


class Missing(Exception):
    """A part that a figure needs is not there; the message says which."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: what we took, what the reference beside it took, and whether that is good enough."""

    name: str
    ours: str
    reference: str = "-"
    ratio: str = "-"
    target: str = "-"
    met: bool | None = None
    """None for a row that only informs."""


def middle(values: list[float]) -> float:
    """The median."""
    return percentile(values, 0.5)


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
