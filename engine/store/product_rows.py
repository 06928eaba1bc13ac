"""What the store keeps of adopted variants, as frozen rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.model.ids import ItemId, Sku
from engine.model.product import ProductId, Value, VariantId
from engine.products.deciding import Memory


@dataclass(frozen=True, slots=True)
class Link:
    """One variant of the shop and the article of the back office it is."""

    sku: Sku
    """The back office's."""
    variant: VariantId
    product: ProductId
    item: ItemId
    office_id: str = ""
    title: str = ""
    discontinued: bool = False
    troubled: bool = False
    """A record of it waits in the queue."""
    seq: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FieldSeen:
    """One field after a look."""

    office: Value
    shop: Value
    memory: Memory
    state: str
    """An `Act`, or `invalid`."""
    rule: str
    note: str = ""
    written: bool = False
    moved: bool = False
    """The shop moved by itself since the last look."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One adopted variant after a look."""

    link: Link
    fields: Mapping[str, FieldSeen] = field(default_factory=dict)
    cause: str = ""
    """Why its look is a record of the queue from now on; empty where nothing is wrong."""
    partial: bool = False
    """More of the same look is still to be written: these fields are kept, and the variant stays due."""


@dataclass(frozen=True, slots=True)
class FieldKept:
    """One field as it is kept."""

    connection: str
    sku: str
    title: str
    field: str
    office: str | None
    shop: str | None
    state: str
    since: datetime | None
    rule: str
    note: str
    overwrites: int
    snoozed_until: datetime | None


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A product that was made of an article, or is to be made."""

    sku: str
    state: str
    """`made`, or the state of its record."""
    detail: str
    """What was made with which values, or what is in the way."""
    at: datetime
