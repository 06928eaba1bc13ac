"""Cells that we may not or cannot write, each with the reason and what a person can do about it."""

from collections.abc import Collection, Iterable

from engine.flows.site import Site
from engine.model.ids import Sku
from engine.model.stock import ShelfStock
from engine.store.rows import CellState, FailureNote

NOT_STOCKED = FailureNote(
    "The item is not stocked at this location in Shopify.",
    "The next sweep activates it, if an item in Shopify has this SKU; activate it by hand to sell it sooner.",
    "inactive",
)


def absent(shelves: Iterable[ShelfStock]) -> FailureNote | None:
    """What is wrong with a cell that Shopify does not stock; None when the back office has nothing there either."""
    return NOT_STOCKED if any(shelf.on_hand > 0 for shelf in shelves) else None


def reason(cell: CellState, site: Site, known: Collection[Sku] | None) -> FailureNote | None:
    """Why a cell is left alone; None when it is ours. `known` are the back office's SKUs, None until it was asked."""
    if cell.location not in site.locations:
        return FailureNote(
            "This location has no warehouse.",
            "Add it to [connections.locations] in the configuration to keep its stock true.",
            "location_unmapped",
        )
    if cell.location in site.shut:
        return FailureNote(
            "This location is switched off in Shopify.",
            "Switch it on there, or take it out of [connections.locations] in the configuration.",
            "location_shut",
        )
    if cell.sku in site.twice:
        return FailureNote(
            f"{len(site.twice[cell.sku])} items in Shopify have SKU {cell.sku}: {' and '.join(site.twice[cell.sku])}.",
            "Give each its own SKU in Shopify; until then the stock of none of them is written.",
            "sku_twice",
        )
    if not cell.tracked:
        return FailureNote(
            "Shopify does not track this item.",
            "Turn tracking on in Shopify to keep it true.",
            "untracked",
        )
    if known is not None and cell.sku not in known and cell.active:
        return FailureNote(
            f"The back office does not know SKU {cell.sku}.",
            "Create it there or correct its spelling; until then its stock is left alone.",
            "sku_unknown",
        )
    return None
