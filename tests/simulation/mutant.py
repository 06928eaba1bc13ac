"""A mutant: a deliberate fault, put into the running engine by replacing what it imported."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from tests.simulation.weather import Weather, draw


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault and what must notice it."""

    name: str
    fault: str
    """What the engine does wrong, for the table."""
    breaks: frozenset[str]
    """Kinds of violation that count as noticing; others are by-catch."""
    within: int
    """It must be found in the seeds 1 to this one."""
    patches: Mapping[str, Any]
    """Dotted name as the engine's modules know it → what stands there instead."""
    weather: Mapping[str, Any] = field(default_factory=dict)
    """Troubles that are on in every seed, beside those drawn: without them the fault cannot show."""

    def sky(self, seed: int) -> Weather:
        """The seed's weather with this mutant's troubles on."""
        return replace(draw(seed), **self.weather)

    @contextmanager
    def alive(self) -> Iterator[None]:
        """The engine with its fault."""
        with ExitStack() as stack:
            for target, instead in self.patches.items():
                stack.enter_context(patch(target, instead))
            yield
