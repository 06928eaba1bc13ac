"""What an operator wants done with failed records, and what must be asked before it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from screens.safe import safe

if TYPE_CHECKING:
    from engine.desk import Asked, Chosen, Overtaken

SAMPLE = 3
NAMED = 12
WORD = {"assign": "Whose (empty = nobody's)", "tag": "Tags (empty = none)", "park": "Why set aside", "resolve": "How it was dealt with"}  # fmt: skip
"""What each action needs to be told."""
GUARDS = (
    "Nothing done: s leaves overtaken records alone, n tries them as they are now, f whatever they become."
)
MUST = ("park", "resolve")
"""Actions that need a reason."""
LABEL = {"retry": "Retry", "assign": "Assign", "tag": "Tag", "park": "Park", "unpark": "Take up", "resolve": "Resolve"}  # fmt: skip
ASKED = {"retry": "try {} again", "assign": "assign {}", "tag": "tag {}", "park": "park {}", "unpark": "take up {} again", "resolve": "resolve {}"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """One action on so many records."""

    verb: str
    chosen: tuple[Chosen, ...]
    value: str | None = None
    """The word it needs; None until it was given."""
    counted: bool = False
    """Whether the operator typed how many there are."""
    late: tuple[Overtaken, ...] | None = None
    """Those that are not any more what somebody saw; None until that was looked at."""
    stale: str = ""
    """What becomes of them: skip, newest or force; empty until it was said."""

    def answered(self, text: str) -> Plan | str:
        """The plan with an answer taken in; or why nothing is done."""
        text = text.strip()
        if self.verb in WORD and self.value is None:
            if not text and self.verb in MUST:
                return f"Nothing done: to {self.verb} needs a reason."
            return replace(self, value=text)
        if self.late and not self.stale:
            answer = guarded(text)
            return GUARDS if answer is None else self.guarded(answer)
        if text.replace(",", "") == str(len(self.chosen)):
            return replace(self, counted=True)
        return f"Nothing done: {len(self.chosen):,} records, and that was not typed."

    def looked(self, late: tuple[Overtaken, ...]) -> Plan | str:
        """The plan with what was overtaken; where nobody has to decide, the newest is tried."""
        plan = replace(self, late=late)
        if not late or any(one.asks and one.waits for one in late):
            return plan
        return plan.guarded("newest")

    def guarded(self, answer: str) -> Plan | str:
        """What becomes of those that were overtaken; those that do not wait any more are left alone in any case."""
        gone = {one.chosen.id for one in self.late or () if answer == "skip" or not one.waits}
        left = tuple(one for one in self.chosen if one.id not in gone)
        if not left:
            return "Nothing done: all of them were left alone."
        return replace(self, chosen=left, stale=answer)


def question(plan: Plan, operator: str) -> tuple[str, str] | None:
    """What to ask next and the answer to begin with; None when everything is known."""
    if plan.verb in WORD and plan.value is None:
        return f"{WORD[plan.verb]}: ", safe(login(operator)) if plan.verb == "assign" else ""
    many = len(plan.chosen)
    if many > 1 and not plan.counted:
        names = ", ".join(safe(one.ref or str(one.id))[:12] for one in plan.chosen[:SAMPLE])
        more = " …" if many > SAMPLE else ""
        return f"{LABEL[plan.verb]} {many:,} ({names}{more})? Type {many}: ", ""
    if plan.late and not plan.stale:
        return guard_question(plan.late, many), ""
    return None


def guard_question(late: Sequence[Overtaken], many: int) -> str:
    """What was overtaken, and what may become of it."""
    first = f"{safe(late[0].chosen.ref or str(late[0].chosen.id), NAMED).rstrip()} {late[0].why}"
    some = first if many == 1 else f"{len(late):,} of {many:,} were overtaken meanwhile"
    return f"{some}. s skip, n newest, f force: "


def guarded(text: str) -> str | None:
    """skip, newest or force; None when it was none of them."""
    word = text.strip().casefold()
    return next((name for name in ("skip", "newest", "force") if word and name.startswith(word)), None)


def login(operator: str) -> str:
    """The person of an operator's name: without whom they act as and where they come from."""
    return operator.partition(" as ")[0].partition(" from ")[0]


def said_of(plan: Plan, asked: Asked) -> tuple[str, str]:
    """What came of it, and its tone."""
    said = f"Asked to {ASKED[plan.verb].format(f'{asked.accepted:,}')}."
    if asked.refused:
        few = "; ".join(asked.refused[:SAMPLE])
        more = f"; and {len(asked.refused) - SAMPLE:,} more" if len(asked.refused) > SAMPLE else ""
        said += f" {len(asked.refused):,} refused: {few}{more}"
    return said, "warn" if asked.refused else "ok"
