"""What 1,000 changed cells cost in API calls: an engine that starts to them, against one that starts to none."""

import threading
from concurrent.futures import ThreadPoolExecutor

from bed import Bed, Json, bed, until
from figure import Figure

SKUS, PLACES = 500, 2
CALM = {"delta_seconds": 600.0, "orders_poll_seconds": 5.0, "sweep_seconds": 600.0}
"""Orders are listed: what is seen for the first time is agreed only once a listing has shown what moved before."""
QUIET = 4.0
"""Seconds without a call after which a start is over."""


def started(place: Bed) -> Json:
    """Start the engine, let it do what it finds to do, stop it; what the shop counted meanwhile."""
    before = place.shop()
    with place.engine():
        seen, pause = -1, threading.Event()
        while True:
            calls = place.shop()["api"]["calls"]
            if calls == seen and not place.differing():
                break
            seen = calls
            pause.wait(QUIET)
    after = place.shop()
    mutations = {
        name: count - before["api"]["mutations"].get(name, 0)
        for name, count in after["api"]["mutations"].items()
    }
    return {
        "calls": after["api"]["calls"] - before["api"]["calls"],
        "mutations": sum(count for name, count in mutations.items() if name.startswith("inventorySet")),
        "cells": len(after["writes"]) - len(before["writes"]),
    }


def change_everything(place: Bed) -> None:
    """One receipt per shelf while no engine runs."""

    def receive(shelf: Json) -> None:
        body = {"sku": shelf["sku"], "warehouse": shelf["warehouse"], "quantity": 1}
        assert place.world.erp.ask("receipt", body) is not None, "the back office refused a receipt"

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(receive, place.erp()["shelves"]))


def measure() -> list[Figure]:
    with bed(skus=SKUS, locations=PLACES, rhythm=CALM) as place:
        started(place)
        idle = started(place)
        change_everything(place)
        until(lambda: place.differing() == SKUS * PLACES, "every cell differs", 30)
        busy = started(place)
    calls = busy["calls"] - idle["calls"]
    per = busy["cells"] / max(1, busy["mutations"])
    return [
        Figure(
            f"cells per mutation, {busy['cells']} cells",
            f"{per:.0f}",
            "250 (Shopify's limit)",
            f"{per / 250:.2f}",
            ">= 100",
            per >= 100,
        ),
        Figure(
            "API calls for them, reads included",
            f"{calls}",
            f"{idle['calls']} for a start without changes",
            target="<= 12",
            met=calls <= 12,
        ),
    ]
