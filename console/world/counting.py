"""The report, counted from what the two sandboxes say and from nothing else."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal

from console.world.history import History, Place
from console.world.latency import back_office_to_shop, order_to_back_office, percentiles
from console.world.remotes import Json
from console.world.sales import accepted, oversold, relisted


def report(shop: Json, erp: Json, *, places: Mapping[str, str], seed: int, seconds: int) -> Json:
    """The whole report; `places` says which warehouse stands behind which location."""
    history = History(shop, erp, places)
    webhooks, api = shop["webhooks"], shop["api"]
    found: Json = {
        "seed": seed,
        "seconds": seconds,
        "orders": orders(shop, erp),
        "stock": {
            **cells(shop, erp, places),
            "relisted_units": relisted(history),
            "oversold_units": oversold(history),
            "accepted_units": accepted(history),
        },
        "webhooks": {
            "sent": webhooks["sent"],
            "duplicated": webhooks["duplicated"],
            "dropped": webhooks["dropped"],
            "healed": 0,
        },
        "latency_ms": {
            "back_office_to_shop": percentiles(back_office_to_shop(history)),
            "order_to_back_office": percentiles(order_to_back_office(shop, erp)),
            "webhook_ack": percentiles(list(webhooks.get("ack_ms", ()))),
        },
        "api": {"calls": api["calls"], "cost_points": api["cost_points"], "throttled": api["throttled"]},
    }
    found["webhooks"]["healed"] = healed(shop, found)
    return found


def orders(shop: Json, erp: Json) -> Json:
    """What became of the orders: each must be in the back office once, with its total to the cent.

    An order called off before it was booked needs no document; one the back office refused is held.
    """
    placed = {str(one["id"]): one for one in shop["orders"]}
    booked = Counter(str(one["ref"]) for one in erp["documents"] if one["ref"] is not None)
    refused = {str(one["ref"]) for one in erp.get("refusals", ())}
    missing = [ref for ref, one in placed.items() if ref not in booked and not _called_off(one)]
    held = [ref for ref in missing if ref in refused]
    mismatched = [
        one
        for one in erp["documents"]
        if str(one["ref"]) in placed and Decimal(str(one["total"])) != _worth(placed[str(one["ref"])])
    ]
    return {
        "placed": len(placed),
        "in_back_office": sum(1 for ref in placed if ref in booked),
        "lost": len(missing) - len(held),
        "duplicated": sum(count - 1 for count in booked.values()),
        "total_mismatch": len(mismatched),
        "held": len(held),
    } | ({"unbilled": unbilled(erp)} if "bills" in erp else {})


def unbilled(erp: Json) -> int:
    """Documents that have left and are not billed for just what they are worth, where bills are left to TrueUp."""
    billed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for bill in erp["bills"]:
        billed[str(bill["ref"])] += Decimal(str(bill["amount"]))
    return sum(
        1
        for one in erp["documents"]
        if one["status"] == "shipped" and billed[str(one["ref"])] != Decimal(str(one["total"]))
    )


def _called_off(order: Json) -> bool:
    """Cancelled, or all of it taken out before anything left and paid back."""
    return bool(order["cancelled"]) or not (
        Decimal(str(order["standing_total"])) or any(line["current_quantity"] for line in order["lines"])
    )


def _worth(order: Json) -> Decimal:
    """What its document must say: the order without what was taken out before it left, unless all was called off."""
    return Decimal(str(order["total"] if order["cancelled"] else order["standing_total"]))


def cells(shop: Json, erp: Json, places: Mapping[str, str]) -> Json:
    """How many cells show the same sellable units on both sides."""
    free: Counter[Place] = Counter()
    for shelf in erp["shelves"]:
        free[shelf["sku"], shelf["warehouse"]] += shelf["on_hand"] - shelf["reserved"]
    levels = [one for one in shop["levels"] if one["active"] and one["location"] in places]
    equal = sum(1 for one in levels if one["available"] == free[one["sku"], places[one["location"]]])
    return {"cells": len(levels), "equal": equal, "differing": len(levels) - equal}


def healed(shop: Json, found: Json) -> int:
    """Dropped messages that nothing was missed by: all when no order is lost and no cell differs, else none is claimed."""
    whole = not (found["orders"]["lost"] or found["stock"]["differing"])
    return int(shop["webhooks"]["dropped"]) if whole else 0
