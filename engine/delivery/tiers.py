"""How a document is created at most once, by what the back office can do; what that means for an operator."""

from datetime import timedelta
from typing import assert_never

from engine.ports import Capabilities, Tier

BETWEEN_LOOKS = timedelta(seconds=30)
"""A reply lost in a queue of theirs is not seen by two looks in one breath."""


def looks_needed(tier: Tier) -> int:
    """How many look-ups must find nothing before a doubtful creation is tried again."""
    match tier:
        case Tier.T0 | Tier.T1 | Tier.T1_5:
            return 0
        case Tier.T2:
            return 2
        case Tier.T3:
            return 0
        case _ as never:
            assert_never(never)


def may_look(tier: Tier) -> bool:
    """False when the back office cannot be asked whether a document exists: a person decides."""
    return tier is not Tier.T3


def settle_time(able: Capabilities) -> timedelta:
    """How long after a lost reply the remote may still act; look before and you look too early."""
    return timedelta(seconds=able.settle_seconds if able.tier in (Tier.T2, Tier.T3) else 0.0)


def meaning(able: Capabilities) -> str:
    """What the tier promises, in words for `trueup check`."""
    match able.tier:
        case Tier.T0:
            return "it refuses a second document of one order, so a doubtful call is simply made again"
        case Tier.T1:
            return "it remembers the key of each call, so a doubtful call is made again under the same key"
        case Tier.T1_5:
            return (
                "a draft is created and then confirmed by its id: a lost reply can double a draft, not a sale"
            )
        case Tier.T2:
            return (
                f"after a lost reply we wait {able.settle_seconds:g} s and look the order up twice before trying again; "
                "a machine frozen for longer at the wrong moment can still double it (the sentinel would tell)"
            )
        case Tier.T3:
            return "it cannot be asked whether a document exists: a person decides after every lost reply"
        case _ as never:
            assert_never(never)
