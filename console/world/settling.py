"""Waits until a world is quiet: all that can ship has shipped, both sides agree, and nothing moves any more."""

import threading
import time
from collections.abc import Mapping

from console.world.counting import cells, orders
from console.world.floor import handed_over, promised
from console.world.remotes import Json, Remote

EVERY, REST = 0.5, 3.0
"""Seconds between two looks: as long as the last one took, within these bounds."""
PARCELS = 1000
"""Documents staff ship in one go; all that wait, so that none stays behind one that cannot leave."""


def settle(
    shop: Remote, erp: Remote, places: Mapping[str, str], seconds: float, given_up: threading.Event
) -> bool:
    """Ship what is left, look at both sides until they agree twice in a row.

    False when time runs out first, or when `given_up` is set meanwhile.
    """
    begun = time.monotonic()
    deadline, patient = begun + seconds, begun + seconds / 2
    before: object = None
    while not given_up.is_set():
        looked = time.monotonic()
        wait = time.monotonic() < patient and behind(shop.state(), erp.state())
        shipped = None if wait else (erp.ask("ship_any", {"limit": PARCELS}) or {}).get("shipped")
        erp.ask("transfer_in", {})
        ours, theirs = shop.state(), erp.state()
        seen = signature(ours, theirs)
        if not wait and not shipped and seen == before and agree(ours, theirs, places):
            return True
        before = seen
        now = time.monotonic()
        if now >= deadline:
            return False
        given_up.wait(min(max(EVERY, now - looked), REST))
    return False


def agree(shop: Json, erp: Json, places: Mapping[str, str]) -> bool:
    """True when no order is missing, no cell differs, and all that left was told to the shop and billed."""
    told = {str(one["ref"]) for one in erp["documents"] if one["status"] == "shipped"}
    untold = any(
        str(order["id"]) in told and not order["cancelled"] and waiting(order) > 0 for order in shop["orders"]
    )
    counted = orders(shop, erp)
    owed = counted["lost"] + counted.get("unbilled", 0)
    return not untold and not owed and cells(shop, erp, places)["differing"] == 0


def behind(shop: Json, erp: Json) -> bool:
    """True while staff would ship what nobody wants any more, or what has left already."""
    return called_off(shop, erp) or too_many(shop, erp) or handed_over(shop, erp)


def called_off(shop: Json, erp: Json) -> bool:
    """True while a cancellation has not reached the back office: staff would ship what nobody wants any more."""
    cancelled = {str(one["id"]) for one in shop["orders"] if one["cancelled"]}
    return any(one["status"] == "open" and str(one["ref"]) in cancelled for one in erp["documents"])


def too_many(shop: Json, erp: Json) -> bool:
    """True while an edit has not reached the back office: an open document promises units taken out of its order."""
    wanted = {
        str(one["id"]): sum(line["current_quantity"] for line in one["lines"])
        for one in shop["orders"]
        if not any(line["fulfilled"] for line in one["lines"])
    }
    return any(
        one["status"] == "open" and promised(one) > wanted.get(str(one["ref"]), promised(one))
        for one in erp["documents"]
    )


def waiting(order: Json) -> int:
    """Units of an order that have neither left nor been taken back."""
    return sum(max(0, line["quantity"] - line["fulfilled"] - line["restocked"]) for line in order["lines"])


def signature(shop: Json, erp: Json) -> object:
    """Equal for two states in which nothing moved."""
    levels = sorted((one["sku"], one["location"], one["on_hand"], one["available"]) for one in shop["levels"])
    shelves = sorted(
        (one["sku"], one["warehouse"], one["on_hand"], one["reserved"]) for one in erp["shelves"]
    )
    return levels, shelves, len(shop["orders"]), len(erp["documents"]), len(shop["writes"])
