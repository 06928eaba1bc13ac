"""Which orders of a document send what has left, for documents in several orders of one warehouse each. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from adapters.parted import Line, Part, Parts, Shelf, gone, living, taken
from engine.model.failure import Refused
from engine.model.ids import Sku, WarehouseId

Moves = dict[str, dict[WarehouseId, dict[Sku, int]]]
"""Units that leave a part for another warehouse, by the part's id."""


def rerouted(parts: Parts, moves: Mapping[Sku, WarehouseId]) -> Moves:
    """Which parts give all their unshipped units of these SKUs to another warehouse."""
    wanted: Moves = {}
    for part in living(parts):
        for sku, place in moves.items():
            if part.place not in (None, place) and (units := part.waiting(sku)) > 0:
                wanted.setdefault(part.id, {}).setdefault(place, {})[sku] = units
    return wanted


def all_of(part: Part, units: Mapping[Sku, int]) -> bool:
    """Whether these are all the goods a part has waiting."""
    return all(
        units.get(line.sku, 0) == part.waiting(line.sku) for line in part.lines if line.sku is not None
    )


def apart(
    part: Part, places: Mapping[WarehouseId, Mapping[Sku, int]]
) -> tuple[tuple[Line, ...], list[tuple[WarehouseId, tuple[Line, ...]]]]:
    """(lines that stay, lines that go to each warehouse) when so many units leave a part for others."""
    groups: list[tuple[WarehouseId, tuple[Line, ...]]] = []
    rest = part
    for place, units in sorted(places.items()):
        stay, go = taken(rest, units)
        rest = replace(rest, lines=stay)
        groups.append((place, go))
    return rest.lines, groups


def missing_of(parts: Parts, units: Mapping[Shelf, int]) -> dict[Shelf, int]:
    """Units that are to have left and have not."""
    sent = gone(parts)
    return {
        shelf: target - sent.get(shelf, 0) for shelf, target in units.items() if target > sent.get(shelf, 0)
    }


def moves_for(parts: Parts, missing: Mapping[Shelf, int]) -> Moves:
    """Which parts give units to the warehouse they left from, where that has not enough of them to send."""
    wanted: Moves = {}
    spare = {(part.id, sku): part.waiting(sku) for part in living(parts) for sku, _ in missing}
    lacking: dict[Shelf, int] = {}
    for (sku, place), count in sorted(missing.items()):
        for part in living(parts):
            take = min(count, spare[part.id, sku]) if part.place == place else 0
            spare[part.id, sku] -= take
            count -= take
        lacking[sku, place] = count
    for (sku, place), count in lacking.items():
        for part in living(parts):
            take = min(count, spare[part.id, sku]) if part.place != place else 0
            if take > 0:
                spare[part.id, sku] -= take
                count -= take
                here = wanted.setdefault(part.id, {}).setdefault(place, {})
                here[sku] = here.get(sku, 0) + take
    return wanted


def lacking_in(parts: Parts, missing: Mapping[Shelf, int]) -> dict[Shelf, int]:
    """What no living part has to send from there."""
    found: dict[Shelf, int] = {}
    for (sku, place), count in missing.items():
        have = sum(part.waiting(sku) for part in living(parts) if part.place == place)
        if count > have:
            found[sku, place] = count - have
    return found


def sending_from(parts: Parts, missing: Mapping[Shelf, int]) -> list[tuple[Part, dict[Sku, int]]]:
    """What each part sends."""
    plans: list[tuple[Part, dict[Sku, int]]] = [(part, {}) for part in living(parts)]
    for (sku, place), count in sorted(missing.items()):
        for part, plan in plans:
            take = min(count, part.waiting(sku)) if part.place == place else 0
            if take > 0:
                plan[sku] = take
                count -= take
    return [(part, plan) for part, plan in plans if plan]


def stand_ins(
    parts: Parts, lacking: Mapping[Shelf, int], system: str
) -> Mapping[WarehouseId, tuple[Line, ...]]:
    """Lines by warehouse for goods of a document that was called off and left all the same, at their prices.

    Refused when a living part should have had them, or nobody ever sold them.
    """
    sku, place = min(lacking)
    if living(parts):
        raise Refused(
            f"The order in {system} has not {lacking[sku, place]} more of {sku} to send from {place}.",
            f"Compare what left the order in {system} with the shop, then retry.",
            code="not_that_many",
        )
    free = [line for part in parts for line in part.lines if line.sku is not None]
    left = {id(line): line.units for line in free}
    found: dict[WarehouseId, list[Line]] = {}
    for (sku, place), count in sorted(lacking.items()):
        for line in free:
            take = min(count, left[id(line)]) if line.sku == sku else 0
            if take > 0:
                left[id(line)] -= take
                count -= take
                found.setdefault(place, []).append(Line("", line.item, sku, take, line.price, line.text))
        if count:
            raise Refused(
                f"The order in {system} does not sell that many of {sku}.",
                "Compare the order in both systems, correct one of them and retry.",
                code="not_sold",
            )
    return {place: tuple(lines) for place, lines in found.items()}
