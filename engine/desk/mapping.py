"""What the two sides call the same thing, and one record of both, field by field."""

from dataclasses import dataclass
from typing import Protocol

from engine.model.compared import Compared

MISSING = "missing"
CONFIGURED = "configuration"
FIELD_MAP = "field map"


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One name, or one field, and what becomes of it."""

    connection: str
    kind: str
    """payments, taxes, carriers, subsidiaries or locations; `field` for a field of an order."""
    name: str
    """Shopify's."""
    theirs: str
    """The back office's; where a field goes or why it does not."""
    source: str
    """configuration, `field map`, missing, or who named it."""
    times: int = 0
    """How often it was met without a name."""

    @property
    def key(self) -> str:
        """By which a list knows it."""
        return f"{self.connection}\n{self.kind}\n{self.name}"


@dataclass(frozen=True, slots=True)
class NameTrial:
    """What a name would have changed in the newest documents, had it held before."""

    tried: int
    """Orders of which the document that was written last was looked at."""
    have: int
    """Of these, those with the value."""
    otherwise: int
    """Of those, the ones that told the back office something else, or nothing."""
    names: tuple[str, ...]
    """What they told."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Which record is compared."""

    connection: str
    kind: str
    """`order` or `product`."""
    ref: str
    """An order's id or name; the SKU of a product."""


@dataclass(frozen=True, slots=True)
class CompareRow(Compared):
    """One field of a record on both sides as it is kept, with the line of the mapping behind it.

    Its result is same, named (the back office has a name of its own for it), edited, waits, missing or differs.
    """

    kind: str = ""
    """Kind and name of its line of the mapping; empty where there is none."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides of a record as they were last seen."""

    subject: Subject
    title: str
    rows: tuple[CompareRow, ...]


class MappingDesk(Protocol):
    """The part of the desk that lays both sides beside one another."""

    async def compare(self, subject: Subject) -> Comparison | None:
        """Both sides of an order or a product as they were last seen, field by field; None when it is not known."""
        ...

    async def try_name(self, connection: str, kind: str, name: str, said: str) -> NameTrial:
        """What calling a value `said` would have changed in the newest 100 orders; nothing is edited."""
        ...

    async def mappings(self) -> tuple[MappingRow, ...]:
        """What the two sides call the same thing, what is missing first."""
        ...
