"""What is known of each cell on which two books disagree: both sides, our row, its last changes, the orders in it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import text

from console.world.remotes import Json
from engine.store.session import Store

CHANGES = 40
"""The last changes of a cell that are told."""
OURS = {
    "stock": "SELECT * FROM stock WHERE sku = :sku AND location = :location",
    "change": f"SELECT * FROM (SELECT * FROM cell_event WHERE sku = :sku AND location = :location ORDER BY id DESC LIMIT {CHANGES}) AS last ORDER BY id",
    "order": "SELECT c.*, o.state FROM order_cell c JOIN shop_order o ON o.connection = c.connection AND"
    " o.order_id = c.order_id WHERE c.sku = :sku AND c.location = :location ORDER BY c.order_id",
}


def differing(shop: Json, erp: Json, places: Mapping[str, str], store: Store) -> Iterator[str]:
    """A line for each fact."""
    free: Counter[tuple[str, str]] = Counter()
    shelves = {(one["sku"], one["warehouse"]): one for one in erp["shelves"]}
    for key, one in shelves.items():
        free[key] += one["on_hand"] - one["reserved"]
    for level in shop["levels"]:
        sku, location = str(level["sku"]), str(level["location"])
        if not level["active"] or location not in places:
            continue
        shelf = sku, places[location]
        if level["available"] == free[shelf]:
            continue
        yield f"shop {level}"
        yield f"back office {shelves.get(shelf)}"
        for name, query in OURS.items():
            for row in _rows(store, query, sku, location):
                yield f"{name} { ({key: value for key, value in row.items() if value not in (None, '', '{}')}) }"


def _rows(store: Store, query: str, sku: str, location: str) -> list[dict[str, Any]]:
    asked = text(query).bindparams(sku=sku, location=location)
    return store.read_sync(lambda tx: [dict(row) for row in tx.execute(asked).mappings()])
