"""What Cin7 Core's webhooks name. A stock event is a bare list of availabilities, all others an object with ids.

They are not signed. Events of sales name the sale by an id that only a call could resolve, so they name no order here:
the next poll finds what they announce.
"""

from adapters.doorbells import Told, Unsigned

STOCK = "Stock/AvailableStockLevelChanged"
MOST = 500
"""SKUs that one message may name; what is beyond, the next poll finds."""


def named(body: object) -> Told:
    """The topic and the SKUs of a message; whatever else it is, it names nothing."""
    if isinstance(body, list):
        skus = {row["SKU"] for row in body if isinstance(row, dict) and isinstance(row.get("SKU"), str)}
        return {"type": STOCK, "skus": sorted(skus)[:MOST], "refs": []}
    if isinstance(body, dict) and isinstance(body.get("EventType"), str):
        return {"type": body["EventType"][:100], "skus": [], "refs": []}
    return {"type": "", "skus": [], "refs": []}


WEBHOOKS = Unsigned(named)
