"""Cells that we may not or cannot write, each with the reason and what a person can do about it."""

from collections.abc import Collection

from engine.model.ids import LocationId, Sku
from engine.store.rows import CellState, FailureNote

NOT_STOCKED = FailureNote(
    "The item is not stocked at this location in Shopify.",
    "It is activated by itself when the back office has stock there.",
    "inactive",
)


def reason(
    cell: CellState, locations: Collection[LocationId], known: Collection[Sku] | None
) -> FailureNote | None:
    """Why a cell is left alone; None when it is ours. `known` are the back office's SKUs, None until it was asked."""
    if cell.location not in locations:
        return FailureNote(
            "This location has no warehouse.",
            "Add it to [connections.locations] in the configuration to keep its stock true.",
            "location_unmapped",
        )
    if not cell.tracked:
        return FailureNote(
            "Shopify does not track this item.",
            "Turn tracking on in Shopify to keep it true.",
            "untracked",
        )
    if known is not None and cell.sku not in known:
        return FailureNote(
            f"The back office does not know SKU {cell.sku}.",
            "Create it there or correct its spelling; until then its stock is left alone.",
            "sku_unknown",
        )
    return None
