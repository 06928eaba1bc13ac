"""Goods are somewhere: what was handed over at a till has left the shelf, also while the back office does not know yet.

Without this, staff could ship the unit a buyer has just carried out of the shop, and no system could be right again.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from console.world.remotes import Json

Shelf = tuple[str, str]
"""SKU and warehouse."""
OVER = ("shipped", "cancelled")
"""Documents whose goods the back office has taken off the shelf, or never will."""


@dataclass(slots=True)
class Floor:
    """What was handed over, by the order's id, until the back office has shipped it in its books."""

    _handed: dict[str, tuple[Shelf, int]] = field(default_factory=dict)

    def hand_over(self, ref: str, shelf: Shelf, units: int) -> None:
        """A buyer left with these."""
        self._handed[ref] = shelf, units

    @property
    def ahead(self) -> bool:
        """The back office may believe units on a shelf that have left."""
        return bool(self._handed)

    def standing(self, erp: Json) -> Counter[Shelf]:
        """Units that stand on each shelf: by the books, less what they do not know of."""
        status = {str(one["ref"]): one["status"] for one in erp.get("documents", ())}
        self._handed = {ref: one for ref, one in self._handed.items() if status.get(ref) not in OVER}
        there = Counter[Shelf]()
        for row in erp.get("shelves", ()):
            there[row["sku"], row["warehouse"]] += row["on_hand"]
        for shelf, units in self._handed.values():
            there[shelf] -= units
        return there

    def ready(self, erp: Json, called_off: Collection[str]) -> list[str]:
        """Open documents whose goods stand there, oldest first; none that was called off, in part or whole, or handed over."""
        there = self.standing(erp)
        ready: list[str] = []
        for one in sorted(
            (*erp.get("documents", ()), *erp.get("erp_sales", ())), key=lambda it: int(it["id"])
        ):
            ref = str(one.get("ref"))
            if one["status"] != "open" or ref in called_off or ref in self._handed:
                continue
            wanted = Counter[Shelf]()
            for line in one.get("lines", (one,)):
                wanted[line["sku"], line["warehouse"]] += line["quantity"] - line["shipped"]
            if wanted and all(there[shelf] >= units for shelf, units in wanted.items()):
                there.subtract(wanted)
                ready.append(str(one["id"]))
        return ready


def promised(document: Json) -> int:
    """Units of a document, shipped or not."""
    return sum(int(line["quantity"]) for line in document["lines"])


def handed_over(shop: Json, erp: Json) -> bool:
    """True while goods have left that the back office has not shipped: its staff would ship them once more."""
    open_ones = {str(one["ref"]) for one in erp["documents"] if one["status"] not in OVER}
    booked = {str(one["ref"]) for one in erp["documents"]}
    return any(
        str(order["id"]) in open_ones or str(order["id"]) not in booked
        for order in shop["orders"]
        if not order["cancelled"] and any(line["fulfilled"] for line in order["lines"])
    )
