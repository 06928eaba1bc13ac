"""Where the units of a document are promised once it is amended: as they are planned, as far as that can be.

The back office decides where goods leave from, so an amendment takes units out where the sale plans fewer than the
document does, puts them in where it plans more, and leaves the rest where it is. What has left stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.model.failure import Refused
from engine.model.ids import Sku, WarehouseId
from engine.model.sale import Document, SalesDocument

Shelf = tuple[Sku, WarehouseId]


def not_here(name: str) -> Refused:
    """The answer of a back office whose capabilities say that it amends nothing."""
    return Refused(
        f"A booked document cannot be changed over the interface of {name}.",
        "Change it there by hand, and retry.",
        code="cannot_amend",
    )


@dataclass(frozen=True, slots=True)
class Promise:
    """Units of a document at one shelf."""

    units: int
    shipped: int = 0


def goods(sale: SalesDocument) -> Mapping[Shelf, int]:
    """Stocked units of a sale by shelf; 0 for a SKU that was taken out of it."""
    wanted: dict[Shelf, int] = {}
    for line in sale.lines:
        if line.sku is not None and line.warehouse is not None:
            wanted[line.sku, line.warehouse] = wanted.get((line.sku, line.warehouse), 0) + line.quantity
    return wanted


def promised(held: Mapping[Shelf, Promise], wanted: Mapping[Shelf, int]) -> Mapping[Shelf, int]:
    """Units by shelf after the amendment, for every SKU that the sale names; unchanged shelves are left out."""
    found: dict[Shelf, int] = {}
    for sku in sorted({sku for sku, _ in wanted}):
        here = {place: each for (name, place), each in held.items() if name == sku}
        plan = {place: units for (name, place), units in wanted.items() if name == sku}
        for place, units in _of_one(here, plan).items():
            if units != here.get(place, Promise(0)).units:
                found[sku, place] = units
    return found


def planned(held: Mapping[Shelf, Promise], sale: SalesDocument) -> dict[Shelf, int]:
    """Units by shelf once it is amended, shipped ones included, for every SKU that the sale names."""
    wanted = goods(sale)
    after = {shelf: each.units for shelf, each in held.items()} | dict(promised(held, wanted))
    named = {sku for sku, _ in wanted}
    return {shelf: units for shelf, units in after.items() if shelf[0] in named}


def proven(after: Document, sale: SalesDocument, system: str) -> Document:
    """The document as it was read back from this system; Refused when it is not worth what the sale is."""
    if after.total == sale.total:
        return after
    raise Refused(
        f"{system} makes {after.total} of order {sale.name}, it is worth {sale.total} {sale.currency}.",
        f"Correct document {after.id} there by hand, and retry.",
        code="total_differs",
    )


def _of_one(
    here: Mapping[WarehouseId, Promise], plan: Mapping[WarehouseId, int]
) -> Mapping[WarehouseId, int]:
    after = {place: each.units for place, each in here.items()}
    least = {place: each.shipped for place, each in here.items()}
    change = max(sum(plan.values()), sum(least.values())) - sum(after.values())
    for place in _turns(after, plan, more=change > 0):
        if change > 0:
            add = min(change, max(0, plan.get(place, 0) - after.get(place, 0)))
            after[place] = after.get(place, 0) + add
            change -= add
        else:
            spare = after[place] - max(least[place], min(after[place], plan.get(place, 0)))
            take = min(-change, spare)
            after[place] -= take
            change += take
    if change > 0:
        first = next(iter(sorted(plan)))
        after[first] = after.get(first, 0) + change
    for place in sorted(after):
        take = min(max(0, -change), after[place] - least.get(place, 0))
        after[place] -= take
        change += take
    return after


def _turns(
    after: Mapping[WarehouseId, int], plan: Mapping[WarehouseId, int], *, more: bool
) -> Iterable[WarehouseId]:
    return sorted(plan if more else after)
