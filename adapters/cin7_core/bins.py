"""From which bins and batches of a location units are taken: pick lines must name them."""

from collections.abc import Sequence
from decimal import Decimal

from adapters.cin7_core.client import Row
from adapters.cin7_core.places import BIN
from engine.model.ids import WarehouseId

NEVER = "9999"
"""Sorts behind every date."""


def picked(rows: Sequence[Row], place: WarehouseId, units: int) -> list[Row]:
    """Where to take so many units: what expires first goes first; what the rows do not hold, from the location itself.

    `rows` are availabilities of one SKU at this location. Cin7 Core decides whether more may leave than is there.
    """
    lines: list[Row] = []
    left = units
    for row in sorted(rows, key=lambda one: (one.get("ExpiryDate") or NEVER, -Decimal(one["OnHand"]))):
        take = min(left, int(row["OnHand"]))
        if take > 0:
            where = f"{place}{BIN}{row['Bin']}" if row.get("Bin") else str(place)
            line: Row = {"Quantity": take, "Location": where}
            if row.get("Batch"):
                line |= {"BatchSN": row["Batch"], "ExpiryDate": row.get("ExpiryDate")}
            lines.append(line)
            left -= take
    if left:
        lines.append({"Quantity": left, "Location": str(place)})
    return lines
