"""The steps by which the two books of one order come to agree; each is said once more without harm."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model.ids import LocationId, Sku, WarehouseId
from engine.model.sale import Parcel
from engine.model.stock import CellKey


@dataclass(frozen=True, slots=True)
class Book:
    """Create the sales document."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel the document: the buyer's order is cancelled and nothing left."""


@dataclass(frozen=True, slots=True)
class Amend:
    """Bring the document up to date with what was taken out of the order or put in after it was booked."""

    cells: tuple[CellKey, ...]
    """Where its goods are promised, before and after."""


@dataclass(frozen=True, slots=True)
class Reroute:
    """Let unshipped units leave from where Shopify shipped them."""

    moves: Mapping[Sku, WarehouseId]


@dataclass(frozen=True, slots=True)
class Ship:
    """Book units as gone; totals per shelf."""

    units: Mapping[tuple[Sku, WarehouseId], int]


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Book returned units; totals per shelf."""

    units: Mapping[tuple[Sku, WarehouseId], int]
    cells: tuple[CellKey, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Let units of a fulfilment order leave from where the back office ships them."""

    fulfilment_order: str
    location: LocationId
    lines: Mapping[str, int]
    """Order line → units; what is not named stays where it is."""
    cells: tuple[CellKey, ...]


@dataclass(frozen=True, slots=True)
class Fulfil:
    """Tell Shopify what the back office shipped."""

    fulfilment_order: str
    lines: Mapping[str, int]
    parcels: tuple[Parcel, ...] = ()
    """In which it is on its way, as far as the back office knows by now."""


@dataclass(frozen=True, slots=True)
class Track:
    """Tell Shopify by which numbers goods are tracked that it knows have left."""

    fulfilment: str
    parcels: tuple[Parcel, ...]
    """All of them: what is not named is forgotten there."""


Step = Book | Cancel | Amend | Reroute | Ship | TakeBack | Move | Fulfil | Track
