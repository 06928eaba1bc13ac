"""Where an order of a location of the shop is booked in the back office."""

from collections.abc import Collection, Mapping, Sequence

from engine.model.ids import LocationId, WarehouseId


def booked_at(
    locations: Mapping[LocationId, Sequence[WarehouseId]], off: Collection[WarehouseId] = frozenset()
) -> dict[LocationId, WarehouseId]:
    """By location the first of its warehouses that is not switched off; locations without one are left out.

    Where all are switched off it is the first: what is promised has to stand in the books.
    """
    return {
        at: next((warehouse for warehouse in behind if warehouse not in off), behind[0])
        for at, behind in locations.items()
        if behind
    }
