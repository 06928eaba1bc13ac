"""What each side says about stock, and what we remember of one cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from engine.model.ids import ItemId, LocationId, OrderId, Sku, WarehouseId


class CellKey(NamedTuple):
    """One cell: a SKU at a Shopify location."""

    sku: Sku
    location: LocationId


@dataclass(frozen=True, slots=True)
class ShopLevel:
    """One inventory level of Shopify, as just read."""

    sku: Sku
    item: ItemId
    location: LocationId
    active: bool
    tracked: bool
    on_hand: int
    available: int
    committed: int
    title: str | None = None
    """What the shop calls the article; None where it was not read."""


def item_name(item: str, title: str | None) -> str:
    """An item as a person finds it."""
    return f"{title or 'an item'} ({item})"


@dataclass(frozen=True, slots=True)
class OrderCell:
    """Units of one order in one cell as the shop knows them, all lines together."""

    order_id: OrderId
    sku: Sku
    location: LocationId
    committed: int
    fulfilled: int
    fulfilled_at: datetime | None
    restocked: int

    @property
    def key(self) -> CellKey:
        """The cell."""
        return CellKey(self.sku, self.location)


@dataclass(frozen=True, slots=True)
class ShelfStock:
    """One SKU in one warehouse of the back office."""

    on_hand: int
    """Physical units, reservations included."""
    reserved: int
    """Units promised to any document that has not shipped."""
    reserved_for: Mapping[OrderId, int]
    """Of `reserved`, the units promised to documents of this shop, by external reference."""


@dataclass(frozen=True, slots=True)
class StockSnapshot:
    """Stock of the asked SKUs, all read at one moment."""

    taken_at: datetime
    """When the reading began, by our clock."""
    shelves: Mapping[tuple[Sku, WarehouseId], ShelfStock]
    """A missing pair means: the back office has none and promised none."""


@dataclass(frozen=True, slots=True)
class LevelWrite:
    """Set `on_hand` of one level, only if it still is what we read."""

    sku: Sku
    item: ItemId
    location: LocationId
    quantity: int
    change_from: int


@dataclass(frozen=True, slots=True)
class LevelRefusal:
    """Why one member of a batch was not written."""

    write: LevelWrite
    stale: bool
    """True when the level moved since we read it: read again; False when a person must act."""
    code: str
    message: str
