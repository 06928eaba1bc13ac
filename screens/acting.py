"""What an operator wants done with failed records, and what must be asked before it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from screens.safe import safe

if TYPE_CHECKING:
    from engine.desk import Asked, Chosen

SAMPLE = 3
WORD = {"assign": "Whose (empty = nobody's)", "tag": "Tags (empty = none)", "park": "Why set aside", "resolve": "How it was dealt with"}  # fmt: skip
"""What each action needs to be told."""
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

    def answered(self, text: str) -> Plan | str:
        """The plan with an answer taken in; or why nothing is done."""
        text = text.strip()
        if self.verb in WORD and self.value is None:
            if not text and self.verb in MUST:
                return f"Nothing done: to {self.verb} needs a reason."
            return replace(self, value=text)
        if text.replace(",", "") == str(len(self.chosen)):
            return replace(self, counted=True)
        return f"Nothing done: {len(self.chosen):,} records, and that was not typed."


def question(plan: Plan, operator: str) -> tuple[str, str] | None:
    """What to ask next and the answer to begin with; None when everything is known."""
    if plan.verb in WORD and plan.value is None:
        return f"{WORD[plan.verb]}: ", safe(login(operator)) if plan.verb == "assign" else ""
    many = len(plan.chosen)
    if many > 1 and not plan.counted:
        names = ", ".join(safe(one.ref or str(one.id))[:12] for one in plan.chosen[:SAMPLE])
        more = " …" if many > SAMPLE else ""
        return f"{LABEL[plan.verb]} {many:,} ({names}{more})? Type {many}: ", ""
    return None


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
