"""A name for a value, tried on documents as they were written: who has the value, and what the back office was told."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.desk.mapping import NameTrial
from engine.orders.kept_sides import told_by_value
from engine.orders.values import Kind


def tried(bodies: Iterable[Mapping[str, Any]], kind: str, name: str, said: str) -> NameTrial:
    """What calling the value `name` of this kind `said` would have changed; each body is an order's newest document."""
    looked, used = 0, list[str]()
    for body in bodies:
        looked += 1
        found = told_by_value(body)
        if (theirs := found.get((Kind(kind), name))) is not None:
            used.append(theirs)
    others = [theirs for theirs in used if theirs != said]
    return NameTrial(looked, len(used), len(others), tuple(sorted({theirs for theirs in others if theirs})))
