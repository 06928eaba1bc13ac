"""What was true when: the sellable units of a shelf at any moment, replayed from the logs of both sides."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.world.remotes import Json

Place = tuple[str, str]
"""SKU and warehouse."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Units somebody was promised: on the web, at a till or in the back office."""

    at: float
    place: Place
    units: int


@dataclass(frozen=True, slots=True)
class Write:
    """One of our writes to the shop."""

    at: float
    place: Place
    before: int
    after: int
    available: int


def moment(value: Any) -> float:
    """Seconds since 1970, from seconds or from ISO 8601."""
    if isinstance(value, int | float):
        return float(value)
    return datetime.fromisoformat(str(value)).timestamp()


class History:
    """Both logs, by shelf."""

    def __init__(self, shop: Json, erp: Json, places: Mapping[str, str]) -> None:
        self.writes = [
            Write(
                one["at"],
                (one["sku"], places[one["location"]]),
                one["from"],
                one["to"],
                one["available_after"],
            )
            for one in shop["writes"]
            if one["location"] in places
        ]
        self.events: dict[Place, list[tuple[float, int, str, str | None]]] = defaultdict(list)
        for one in erp["events"]:
            line = (moment(one["at"]), int(one["delta"]), str(one["kind"]), one.get("ref"))
            self.events[one["sku"], one["warehouse"]].append(line)
        self._free: dict[Place, tuple[list[float], list[int]]] = {}
        final = {(one["sku"], one["warehouse"]): one["on_hand"] - one["reserved"] for one in erp["shelves"]}
        for place in final.keys() | self.events.keys():
            self._replay(place, final.get(place, 0))
        self.sales = self._sales(shop, places)
        self._unbooked = self._waiting(shop, erp, places)

    def _replay(self, place: Place, final: int) -> None:
        events = sorted(self.events[place], key=lambda one: one[0])
        units = final - sum(delta for _, delta, _, _ in events)
        times, figures = [float("-inf")], [units]
        for at, delta, _, _ in events:
            units += delta
            times.append(at)
            figures.append(units)
        self._free[place] = (times, figures)

    def _sales(self, shop: Json, places: Mapping[str, str]) -> list[Accepted]:
        found = [
            Accepted(moment(order["placed_at"]), (line["sku"], places[line["location"]]), line["quantity"])
            for order in shop["orders"]
            for line in order["lines"]
            if line["location"] in places
        ]
        for place, events in self.events.items():
            found += [
                Accepted(at, place, -delta) for at, delta, kind, _ in events if kind == "sale" and delta < 0
            ]
        return sorted(found, key=lambda one: one.at)

    def _waiting(
        self, shop: Json, erp: Json, places: Mapping[str, str]
    ) -> dict[Place, list[tuple[float, float, int]]]:
        """Promised in the shop, not yet booked in the back office: (from, until, units) per shelf.

        Cancelled and given-back units are left out, because the shop does not say when they were.
        """
        booked = {str(one["ref"]): moment(one["created_at"]) for one in erp["documents"]}
        found: dict[Place, list[tuple[float, float, int]]] = defaultdict(list)
        for order in shop["orders"]:
            until = booked.get(str(order["id"]), float("inf"))
            for line in order["lines"] if not order["cancelled"] else ():
                units = line["quantity"] - line["restocked"]
                if units and line["location"] in places:
                    place = (line["sku"], places[line["location"]])
                    found[place].append((moment(order["placed_at"]), until, units))
        return found

    def free(self, place: Place, at: float) -> int:
        """Units the back office had free at that moment."""
        times, figures = self._free.get(place, ([float("-inf")], [0]))
        return figures[max(0, bisect_right(times, at) - 1)]

    def most_free(self, place: Place, since: float, until: float) -> int:
        """The most it had free at any moment of a span."""
        times, figures = self._free.get(place, ([float("-inf")], [0]))
        return max(figures[max(0, bisect_right(times, since) - 1) : bisect_right(times, until)], default=0)

    def unbooked(self, place: Place, at: float) -> int:
        """Units promised in the shop that the back office did not know of at that moment."""
        return sum(units for begin, end, units in self._unbooked.get(place, ()) if begin <= at < end)
