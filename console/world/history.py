"""What was true when: the units of a shelf that nobody was promised, at any moment, from the logs of both sides.

    free = what stands on the shelf for everybody − what the shop's orders take from it

The first term is the back office's, without the documents of this shop's orders: counter sales, receipts,
transfers and counts, each with its time. The second is the shop's, order by order, each act with its time: a
promised unit is taken until it is called off or comes back on the shelf; whether the back office has heard of the
order, and when, makes no difference. A unit the back office has shipped has left, whatever is cancelled later.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any, Literal

from console.world.remotes import Json

Place = tuple[str, str]
"""SKU and warehouse."""
Channel = Literal["web", "till", "back office"]
Change = tuple[float, str, int]
"""When, what (asked, left, back) and how many units of one order on one shelf."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Units somebody was promised."""

    at: float
    place: Place
    units: int
    channel: Channel
    ref: str | None = None
    """The order; None for a sale of the back office."""


@dataclass(frozen=True, slots=True)
class Write:
    """One of our writes to the shop."""

    at: float
    place: Place
    before: int
    after: int
    available: int


@dataclass(frozen=True, slots=True)
class Event:
    """One movement the back office booked."""

    at: float
    delta: int
    """Change of what it has free."""
    left: int
    """Units that went out of the door."""
    kind: str
    ref: str | None
    """The order of this shop it was booked for, if any."""


@dataclass
class Timeline:
    """A figure that changes at known moments."""

    steps: list[tuple[float, int]] = field(default_factory=list)
    start: int = 0
    _times: list[float] = field(default_factory=list)
    _figures: list[int] = field(default_factory=list)

    def sealed(self) -> "Timeline":
        """Ready to be asked; steps of one moment count together."""
        self.steps.sort(key=lambda step: step[0])
        self._times = [at for at, _ in self.steps]
        self._figures = list(accumulate((delta for _, delta in self.steps), initial=self.start))
        return self

    def at(self, moment: float) -> int:
        """The figure at a moment, its own steps included."""
        return self._figures[bisect_right(self._times, moment)]

    def most(self, since: float, until: float) -> int:
        """The highest it stood at any moment of a span."""
        return max(self._figures[bisect_right(self._times, since) : bisect_right(self._times, until) + 1])


NEVER = Timeline().sealed()


def moment(value: Any) -> float:
    """Seconds since 1970, from seconds or from ISO 8601."""
    if isinstance(value, int | float):
        return float(value)
    return datetime.fromisoformat(str(value)).timestamp()


class History:
    """Both logs, by shelf. Hand edits in the shop are no goods and do not count."""

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
        self.events: dict[Place, list[Event]] = defaultdict(list)
        for one in sorted(erp["events"], key=lambda each: moment(each["at"])):
            left = -int(one.get("on_hand_delta", 0)) if one["kind"] == "ship" else 0
            ref = None if one.get("ref") is None else str(one["ref"])
            self.events[one["sku"], one["warehouse"]].append(
                Event(moment(one["at"]), int(one["delta"]), left, str(one["kind"]), ref)
            )
        self._shelf = self._shelves(erp)
        self._taken = self._takings(shop, places)
        self.sales = self._sales(shop, places)

    def free(self, place: Place, at: float) -> int:
        """Units nobody was promised at that moment; negative when more was promised than there was."""
        return self._shelf.get(place, NEVER).at(at) - self.taken(place, at)

    def most_free(self, place: Place, since: float, until: float) -> int:
        """The most that may be thought free at `until` by one who looked at the shelf at some moment since `since`.

        What the shop's orders take is as of `until`: the shop subtracts it itself.
        """
        return self._shelf.get(place, NEVER).most(since, until) - self.taken(place, until)

    def taken(self, place: Place, at: float) -> int:
        """Units of the shelf that the shop's orders take or have taken."""
        return self._taken.get(place, NEVER).at(at)

    def _shelves(self, erp: Json) -> dict[Place, Timeline]:
        """Free units per shelf as if this shop had no orders; goods it sold are in `_takings`."""
        final = {(one["sku"], one["warehouse"]): one["on_hand"] - one["reserved"] for one in erp["shelves"]}
        found = {}
        for place in final.keys() | self.events.keys():
            events = self.events.get(place, [])
            start = final.get(place, 0) - sum(event.delta for event in events)
            steps = [(event.at, event.delta) for event in events if event.ref is None and event.delta]
            found[place] = Timeline(steps, start).sealed()
        return found

    def _takings(self, shop: Json, places: Mapping[str, str]) -> dict[Place, Timeline]:
        gone: dict[tuple[str, Place], list[Change]] = defaultdict(list)
        for place, events in self.events.items():
            for event in events:
                if event.left and event.ref is not None:
                    gone[event.ref, place].append((event.at, "left", event.left))
        found: dict[Place, Timeline] = defaultdict(Timeline)
        for order in shop["orders"]:
            acts: dict[Place, list[Change]] = defaultdict(list)
            for act in order["acts"]:
                for place, change in _changes(act, places):
                    acts[place].append(change)
            for place, changes in acts.items():
                found[place].steps += _steps([*changes, *gone[str(order["id"]), place]])
        return {place: line.sealed() for place, line in found.items()}

    def _sales(self, shop: Json, places: Mapping[str, str]) -> list[Accepted]:
        found = [
            Accepted(
                moment(act["at"]),
                (act["sku"], places[act["location"]]),
                act["units"],
                "till" if order["source"] == "pos" else "web",
                str(order["id"]),
            )
            for order in shop["orders"]
            for act in order["acts"]
            if act["kind"] == "promised" and act["location"] in places
        ]
        for place, events in self.events.items():
            found += [
                Accepted(event.at, place, -event.delta, "back office")
                for event in events
                if event.kind == "sale" and event.delta < 0
            ]
        return sorted(found, key=lambda one: one.at)


def _changes(act: Json, places: Mapping[str, str]) -> Iterable[tuple[Place, Change]]:
    """What an act of the shop changes, by shelf; goods that came back and were not put on it change nothing."""
    at, units = moment(act["at"]), int(act["units"])
    here = places.get(act["location"])
    there = places.get(act["to"]) if act["to"] else None
    rows: list[tuple[str | None, str, int]] = []
    match act["kind"]:
        case "promised":
            rows = [(here, "asked", units)]
        case "taken_out":
            rows = [(here, "asked", -units)]
        case "moved":
            rows = [(here, "asked", -units), (there, "asked", units)]
        case "returned" if act["restock"]:
            rows = [(here, "back", units)]
    return [((act["sku"], place), (at, kind, delta)) for place, kind, delta in rows if place is not None]


def _steps(changes: Iterable[Change]) -> Iterable[tuple[float, int]]:
    """How the units one order takes from a shelf change: what it asks for or what has left, less what came back."""
    sums, taken = {"asked": 0, "left": 0, "back": 0}, 0
    for at, kind, units in sorted(changes):
        sums[kind] += units
        after = max(sums["asked"], sums["left"]) - sums["back"]
        yield at, after - taken
        taken = after
