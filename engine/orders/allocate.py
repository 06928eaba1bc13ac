"""Sharing out an amount so that the shares add up to it: the largest remainder takes what rounding leaves."""

from collections.abc import Sequence
from decimal import Decimal


def share_out(amount: Decimal, weights: Sequence[int], step: Decimal) -> tuple[Decimal, ...]:
    """The amount over the weights, in whole steps, adding up exactly; the first of equals gets the odd step.

    An amount that is no whole number of steps keeps its fraction in one share, so that nothing is lost.
    ValueError when no weight is positive or one is negative.
    """
    if not any(weights) or min(weights) < 0:
        raise ValueError(f"{amount} cannot be shared out over {list(weights)}")
    whole = sum(weights)
    steps = int(amount / step)
    floors = [steps * weight // whole for weight in weights]
    rest = [steps * weight % whole for weight in weights]
    by_rest = sorted(range(len(weights)), key=lambda at: -rest[at])
    for at in by_rest[: steps - sum(floors)]:
        floors[at] += 1
    shares = [count * step for count in floors]
    shares[by_rest[0]] += amount - steps * step
    return tuple(shares)
