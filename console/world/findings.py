"""The offending moments behind two figures of the report, each with what happened on its shelf shortly before.

The figures are counted from the sandboxes alone. Only here is our own store read: the terms of each write.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from console.settings import load
from console.world.history import History, Place
from console.world.remotes import Json
from console.world.sales import LOOK_BACK, oversales, relistings
from engine.model.clock import SystemClock
from engine.store.rows import Effect
from engine.store.session import Store
from engine.store.verbs.effect import all_effects

SPAN = 120.0
"""Seconds before an offending moment that are told."""


def findings(history: History, sent: Iterable[Effect], places: Mapping[str, str]) -> Json:
    """Every re-listing write and every oversold promise; `sent` are our calls that set levels."""
    terms = _terms(sent, places)
    return {
        "relisted": [
            {
                "units": units,
                "sku": write.place[0],
                "warehouse": write.place[1],
                "at": write.at,
                "free": history.free(write.place, write.at),
                "free_within_look_back": history.most_free(write.place, write.at - LOOK_BACK, write.at),
                "write": f"{write.before} to {write.after}, {write.available} available after",
                "before": _told(history, write.place, write.at, terms),
            }
            for write, units in relistings(history)
        ],
        "oversold": [
            {
                "units": units,
                "sku": sale.place[0],
                "warehouse": sale.place[1],
                "at": sale.at,
                "free": history.free(sale.place, sale.at),
                "promise": f"{sale.units} by {sale.channel}" + (f" as {sale.ref}" if sale.ref else ""),
                "before": _told(history, sale.place, sale.at, terms),
            }
            for sale, units in oversales(history)
        ],
    }


def sent(config: Path) -> list[Effect]:
    """Our calls that set levels, from the store of this configuration."""
    settings = load(config)
    store = Store.open(settings.store.url, clock=SystemClock())
    try:
        return [
            effect
            for one in settings.connections
            for effect in store.read_sync(all_effects, one.name, "shop", "set_on_hand")
        ]
    finally:
        store.close()


def _terms(sent: Iterable[Effect], places: Mapping[str, str]) -> dict[Place, list[tuple[float, Json]]]:
    """Our writes by shelf, as written down before they were sent."""
    found: dict[Place, list[tuple[float, Json]]] = defaultdict(list)
    for effect in sent:
        for row in json.loads(effect.body):
            if row["location"] in places:
                line = {
                    key: row[key]
                    for key in ("on_hand", "target", "base_read", "base", "pos_read", "pos", "ver")
                    if key in row
                }
                line |= {"outcome": effect.outcome, "terms": json.loads(row["terms"])}
                found[row["sku"], places[row["location"]]].append((effect.created_at.timestamp(), line))
    return found


def _told(
    history: History, place: Place, until: float, terms: Mapping[Place, list[tuple[float, Json]]]
) -> list[Json]:
    """What happened on a shelf up to a moment, oldest first: seconds before it, what, and what was free then."""
    lines: list[tuple[float, Any]] = [
        (event.at, f"back office: {event.kind} {event.delta:+d}" + (f" for {event.ref}" if event.ref else ""))
        for event in history.events.get(place, ())
    ]
    lines += [
        (sale.at, f"{sale.channel}: {sale.units} promised to {sale.ref}")
        for sale in history.sales
        if sale.place == place and sale.ref
    ]
    lines += [
        (write.at, f"our write: {write.before} to {write.after}, {write.available} available")
        for write in history.writes
        if write.place == place
    ]
    lines += [(at, {"we sent": line}) for at, line in terms.get(place, ())]
    recent = sorted((line for line in lines if until - SPAN <= line[0] <= until), key=lambda line: line[0])
    return [
        {"seconds_before": round(until - at, 3), "what": what, "free": history.free(place, at)}
        for at, what in recent
    ]
