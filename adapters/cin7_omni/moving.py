"""Goods of an order: where they are to leave from, and that they left.

Omni dispatches an order whole, from its one branch. When only some of its goods leave, or move to another branch, the
order is voided, with a note of what takes its place, and its parts are entered instead: what goes in one, the rest in
another. What PUT does to the lines of an order is not confirmed, so no line is ever changed. When all of them move,
the order's branch is changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.cin7_omni.client import Row, stamp
from adapters.cin7_omni.places import Places
from adapters.cin7_omni.selling import COMMENTS, Selling
from adapters.leaving import (
    Moves,
    all_of,
    apart,
    lacking_in,
    missing_of,
    moves_for,
    rerouted,
    sending_from,
    stand_ins,
)
from adapters.parted import (
    Line,
    Note,
    Part,
    Parts,
    Shelf,
    given,
    living,
    next_number,
    noted,
    pending,
    with_notes,
)  # fmt: skip
from adapters.parted_documents import PartedDocuments
from engine.model.clock import Clock
from engine.model.failure import Refused
from engine.model.ids import DocumentId, Sku, WarehouseId

Groups = list[tuple[WarehouseId, tuple[Line, ...]]]
"""Branches and lines of the parts that take the place of one."""


class Moving:
    """Acts on the parts of a document."""

    def __init__(self, places: Places, documents: PartedDocuments, selling: Selling, clock: Clock) -> None:
        self._places, self._documents, self._selling, self._clock = places, documents, selling, clock

    async def cancel(self, number: DocumentId) -> None:
        """Void every part; Refused once goods have left."""
        ref, _ = await self._documents.by_id(number)
        async with self._selling.turns[ref]:
            parts = await self.whole(number)
            if any(part.shipped for part in parts):
                raise Refused(
                    f"Goods of order {number} have left Cin7 Omni's branch.",
                    "Book a credit note in Cin7 Omni instead, then resolve or retry this record.",
                    code="shipped_already",
                )
            if alive := living(parts):
                await self._selling.void(alive)

    async def reroute(self, number: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        """Let all unshipped units of these SKUs leave from another branch."""
        ref, _ = await self._documents.by_id(number)
        for place in moves.values():
            await self._places.branch(place)
        async with self._selling.turns[ref]:
            parts = await self.whole(number)
            await self._move(parts, rerouted(parts, moves))

    async def ship(self, number: DocumentId, units: Mapping[Shelf, int]) -> None:
        """Book that so many units in total have left from each branch."""
        ref, _ = await self._documents.by_id(number)
        async with self._selling.turns[ref]:
            parts = await self.whole(number)
            missing = missing_of(parts, units)
            if not missing:
                return
            if wanted := moves_for(parts, missing):
                await self._move(parts, wanted)
                parts = await self.whole(number)
            if lacking := lacking_in(parts, missing):
                first = next_number(parts)
                made = stand_ins(parts, lacking, "Cin7 Omni")
                await self._selling.make(
                    parts, [(first + at, place, lines) for at, (place, lines) in enumerate(made.items())]
                )
                parts = await self.whole(number)
            if splits := _splits(sending_from(parts, missing)):
                await self._replace(parts, splits)
                parts = await self.whole(number)
            now = stamp(self._clock.now())
            await self._selling.change(
                [
                    {"id": int(part.id), "dispatchedDate": now, "stage": "Dispatched"}
                    for part, _ in sending_from(parts, missing)
                ]
            )

    async def whole(self, number: DocumentId) -> Parts:
        """The parts of a document once those that notes speak of are made."""
        _, parts = await self._documents.by_id(number)
        if not (notes := pending(parts)):
            return parts
        wanted = [(n, place, lines) for n, (place, lines) in sorted(noted(notes).items())]
        await self._selling.make(parts, wanted)
        return (await self._documents.by_id(number))[1]

    async def _move(self, parts: Parts, wanted: Moves) -> None:
        groups: list[tuple[Part, Groups]] = []
        moved: list[Row] = []
        for part in parts:
            places = wanted.get(part.id, {})
            if len(places) == 1 and all_of(part, next(iter(places.values()))):
                moved.append({"id": int(part.id), "branchId": await self._places.branch(next(iter(places)))})
            elif places:
                groups.append((part, _apart(part, places)))
        if moved:
            await self._selling.change(moved)
        if groups:
            await self._replace(parts, groups)

    async def _replace(self, parts: Parts, groups: Sequence[tuple[Part, Groups]]) -> None:
        """Void these parts, each with a note of the parts that take its place, and enter those."""
        number = next_number(parts)
        fresh: list[tuple[int, WarehouseId, tuple[Line, ...]]] = []
        comments: dict[str, str] = {}
        for part, some in groups:
            notes: list[Note] = []
            for place, lines in some:
                notes += given(number, place, lines)
                fresh.append((number, place, lines))
                number += 1
            comments[part.id] = with_notes(part.text, notes, COMMENTS)
        await self._selling.void([part for part, _ in groups], comments)
        await self._selling.make(parts, fresh)


def _apart(part: Part, places: Mapping[WarehouseId, Mapping[Sku, int]]) -> Groups:
    """What leaves a part for each branch, and what stays."""
    stay, groups = apart(part, places)
    if stay and part.place is not None:
        groups.append((part.place, tuple(replace(line, id="") for line in stay)))
    return groups


def _splits(sending: Sequence[tuple[Part, Mapping[Sku, int]]]) -> list[tuple[Part, Groups]]:
    """Parts of which not everything leaves, with what goes first and what stays."""
    return [
        (part, _apart(part, {part.place: units}))
        for part, units in sending
        if part.place is not None and not all_of(part, units)
    ]
