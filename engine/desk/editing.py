"""Editing what will be sent for a record that waits, and what was overtaken while somebody decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.desk.failures import Chosen
from engine.model.ids import WorkId


@dataclass(frozen=True, slots=True)
class EditField:
    """One thing that may be told in other words."""

    kind: str
    """`order` for a field of the record's document, else a table of names: payments, taxes, carriers, subsidiaries."""
    name: str
    """The order's id, or Shopify's name of the value."""
    field: str
    label: str
    shop: str
    """What Shopify says."""
    told: str
    """What the back office is told by now; empty where it has no name."""
    by: str = ""
    """Who put that down; empty when nobody did."""
    known: tuple[str, ...] = ()
    """Names that other values of the same table have."""

    @property
    def key(self) -> str:
        """By which a list knows it."""
        return f"{self.kind}\n{self.name}\n{self.field}"


@dataclass(frozen=True, slots=True)
class EditForm:
    """All of a record that may be edited."""

    chosen: Chosen
    connection: str
    cause: str
    fields: tuple[EditField, ...]


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A record that is not any more what somebody saw, or whose order is not."""

    chosen: Chosen
    """As it is now."""
    why: str
    waits: bool
    """Whether it still waits for a person."""
    asks: bool = True
    """Whether anybody has to decide: of a cell or a product the newest figures are written in any case."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be told from now on: `said`, or again what Shopify says where it is None."""

    kind: str
    name: str
    field: str
    said: str | None
    instead_of: str = ""


class EditDesk(Protocol):
    """The part of the desk that edits what will be sent."""

    async def overtaken(self, chosen: tuple[Chosen, ...]) -> tuple[Overtaken, ...]:
        """Of these records, those that are not as somebody saw them, and those whose order changed after the attempt."""
        ...

    async def editable(self, work: WorkId) -> EditForm | None:
        """What of a record may be told in other words; None when it does not wait any more."""
        ...

    async def edit(
        self, connection: str, record: Chosen | None, changes: Sequence[Change], *, stale: str, operator: str
    ) -> int | str:
        """Ask the engine to tell this from now on and to try the record again; the number to ask by, or why not.

        `stale` is what becomes of words about an order when Shopify says something else by then: `skip` (a person is
        asked), `newest` (Shopify's are sent) or `force`; with `force` a record that changed meanwhile is tried, too.
        """
        ...

    async def outcome(self, asked: int) -> str | None:
        """What came of an edit, in a few words; None while the engine has not finished it."""
        ...
