"""What becomes of one field of one variant: pure, from what each side holds, what was agreed, and the rule.

Remembered is the pair both sides were left with the last time: what the back office had and what the shop had. Either
side has moved when it differs from its half. Only a move of the back office alone is carried over by itself; once the
shop has moved too a person is asked, so nothing of anybody is overwritten in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.model.product import Value
from engine.products.fields import parts
from engine.products.ownership import BACK_OFFICE, Policy, Rule

CLEARABLE = frozenset({"compare_at_price", "barcode", "cost", "origin", "customs_code"})
"""Fields that may have no value in Shopify; any other keeps what it has when the back office empties it.

A price of a market may be gone too: the variant costs there what follows from the shop's own price.
"""
MOST_WRITES = 6
"""Writes of one field within `FIGHT_HOURS` after which a person is asked: somebody writes it back."""
FIGHT_HOURS = 1.0


class Act(StrEnum):
    """What is to be done."""

    SAME = "same"
    """Both sides hold the same."""
    WRITE = "write"
    """The shop is to get the back office's value."""
    LEFT = "left"
    """They differ, and the rule or a person wants it so."""
    ALERT = "alert"
    """They differ; the rule wants it shown and not written."""
    CONFLICT = "conflict"
    """The shop moved by itself in a field of the back office; a person decides."""
    FIGHT = "fight"
    """Written too often within the hour; a person decides."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a field; `known` is False until both sides were left with something."""

    office: Value = None
    shop: Value = None
    known: bool = False
    recent: int = 0
    """Our writes within the last `FIGHT_HOURS`."""
    restore: bool = False
    """A person wants the back office's value back in the shop."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done, and what is remembered from then on."""

    act: Act
    after: Memory
    """Once the act is done; for a write, once the shop confirmed it."""


def decide(field: str, rule: Rule, memory: Memory, office: Value, shop: Value) -> Verdict:
    """What becomes of a field; nothing is ever written but by a rule that lets the back office write."""
    if office == shop:
        return Verdict(Act.SAME, _agreed(memory, office, shop))
    if rule.owner != BACK_OFFICE or not rule.writes:
        shown = rule.policy is Policy.ALERT_ONLY
        return Verdict(Act.ALERT if shown else Act.LEFT, replace(memory, restore=False))
    if memory.restore and rule.policy is not Policy.WRITE_ONCE:
        return _write(memory, office) if _can_hold(field, office) else _left(memory)
    match rule.policy:
        case Policy.WRITE_ONCE:
            return _left(memory) if memory.known or office is None else _write(memory, office)
        case Policy.FILL_IF_EMPTY:
            return _guarded(memory, office) if shop is None else _left(memory)
    return _mirror(field, memory, office, shop)


def _mirror(field: str, memory: Memory, office: Value, shop: Value) -> Verdict:
    if not memory.known:
        return _left(memory) if office is None else _write(memory, office)
    if shop != memory.shop:
        return Verdict(Act.CONFLICT, memory)
    if office == memory.office:
        return _left(memory)
    return _guarded(memory, office) if _can_hold(field, office) else _left(memory)


def adopted(memory: Memory, office: Value, shop: Value) -> Memory:
    """A person keeps what the shop has, until the back office's value changes."""
    return replace(_agreed(memory, office, shop), recent=0)


def wanted_back(memory: Memory) -> Memory:
    """A person wants the back office's value in the shop; that also ends a fight."""
    return replace(memory, restore=True, recent=0)


def ours(memory: Memory, sent: Value, shop: Value) -> Memory:
    """A write without an answer: where the shop holds what was sent, it was ours and no move of the shop."""
    return _agreed(memory, sent, sent) if shop == sent else memory


def changes(verdicts: Mapping[str, Verdict], office: Mapping[str, Value]) -> dict[str, Value]:
    """The values to be written, of all fields that were decided."""
    return {field: office[field] for field, verdict in verdicts.items() if verdict.act is Act.WRITE}


def _agreed(memory: Memory, office: Value, shop: Value) -> Memory:
    return replace(memory, office=office, shop=shop, known=True, restore=False)


def _write(memory: Memory, office: Value) -> Verdict:
    return Verdict(Act.WRITE, replace(_agreed(memory, office, office), recent=memory.recent + 1))


def _guarded(memory: Memory, office: Value) -> Verdict:
    return Verdict(Act.FIGHT, memory) if memory.recent >= MOST_WRITES else _write(memory, office)


def _left(memory: Memory) -> Verdict:
    return Verdict(Act.LEFT, replace(memory, restore=False))


def _can_hold(field: str, office: Value) -> bool:
    name, market = parts(field)
    return office is not None or name in CLEARABLE or (name == "price" and market != "")
