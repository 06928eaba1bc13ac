"""Every field accounted for: what a field map declares, and which populated fields of an order it does not."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class How(StrEnum):
    """What becomes of a field."""

    TO = "to"
    DERIVED = "derived"
    LEFT_OUT = "left_out"
    """Says nothing that the document needs."""
    NOWHERE = "nowhere"
    """Content that this back office is not told; an order that has it raises a mapping gap."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a field map."""

    how: How
    text: str
    """The destination, the derivation, or the reason."""

    @property
    def said(self) -> str:
        """Both in words, as people are shown it."""
        return f"{self.how.value.replace('_', ' ')}: {self.text}"


FieldMap = Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class Gap:
    """A populated field that nobody declared."""

    field: str
    sample: str


def missing(declared: FieldMap, fields: Collection[str]) -> tuple[str, ...]:
    """Fields without a line in the map."""
    return tuple(field for field in fields if field not in declared)


def gaps(node: Mapping[str, Any], declared: Collection[str], left: Collection[str]) -> tuple[Gap, ...]:
    """Populated fields of an order's node that are neither declared nor below one left out; each once, sorted."""
    found: dict[str, str] = {}
    for field, value in _populated(node, ""):
        if field not in declared and field not in found and not _below(field, left):
            found[field] = str(value)[:80]
    return tuple(Gap(field, sample) for field, sample in sorted(found.items()))


def _below(field: str, left: Collection[str]) -> bool:
    parts = field.split(".")
    return parts[-1] == "__typename" or any(
        ".".join(parts[:upto]) in left for upto in range(1, len(parts) + 1)
    )


def _populated(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        if {"shopMoney", "presentmentMoney"} <= value.keys():
            yield path, value["shopMoney"]
            value = {name: inner for name, inner in value.items() if not name.endswith("Money")}
        for name, inner in value.items():
            if name == "pageInfo":
                continue
            own = path if name in ("nodes", "edges", "node") else f"{path}.{name}" if path else name
            yield from _populated(inner, own)
    elif isinstance(value, list):
        for inner in value:
            yield from _populated(inner, path)
    elif value is not None and value != "":
        yield path, value
