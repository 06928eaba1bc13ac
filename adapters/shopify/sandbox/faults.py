"""Trouble on request: what a network and a busy vendor do to calls."""

import random
from dataclasses import dataclass
from typing import Any

MODES = ("none", "latency", "429", "5xx", "hang", "cut", "apply_then_timeout", "late_apply", "outage")


@dataclass(frozen=True, slots=True)
class Fault:
    """What to do to calls: how, how often, for how long, to which operation, how many times."""

    mode: str = "none"
    rate: float = 1.0
    seconds: float = 1.0
    op: str | None = None


class Faults:
    """The fault that is switched on, if any."""

    def __init__(self, seed: int) -> None:
        """No trouble at first."""
        self._random = random.Random(seed)
        self.now = Fault()
        self._left: int | None = None

    def switch(self, asked: dict[str, Any]) -> None:
        """Take a request of the control API."""
        mode = str(asked.get("mode", "none"))
        if mode not in MODES:
            raise ValueError(f"unknown fault mode: {mode}; known: {', '.join(MODES)}")
        self.now = Fault(
            mode, float(asked.get("rate", 1.0)), float(asked.get("seconds", 1.0)), asked.get("op")
        )
        self._left = int(asked["count"]) if asked.get("count") is not None else None

    def strike(self, operations: set[str]) -> Fault | None:
        """The fault that hits a call with these root fields and kinds (`query`, `mutation`)."""
        fault = self.now
        if fault.mode == "none" or (fault.op is not None and fault.op not in operations):
            return None
        if self._left == 0 or self._random.random() >= fault.rate:
            return None
        if self._left is not None:
            self._left -= 1
        return fault
