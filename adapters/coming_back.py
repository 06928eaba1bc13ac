"""Which units of a document are to come back and have not: never more than it sent out. Pure."""

from collections.abc import Mapping

from adapters.parted import Parts, Shelf, gone
from engine.model.failure import Refused
from engine.model.ids import DocumentId


def due(
    shelf: Shelf,
    target: int,
    *,
    parts: Parts,
    back: Mapping[Shelf, int],
    number: DocumentId,
    who: str,
    sent_by: str,
    code: str,
) -> int:
    """Units that are missing to a target at one shelf, 0 for none; Refused when more would come back than were sent.

    `back`: what came back of the document so far; `sent_by`: what `who` calls the records of goods that left.
    """
    sku, _ = shelf
    count = target - back.get(shelf, 0)
    if count <= 0:
        return 0
    there = sum(have for (name, _), have in back.items() if name == sku)
    if there + count > sum(units for (name, _), units in gone(parts).items() if name == sku):
        raise Refused(
            f"More of {sku} would come back than order {number} of {who} sent out.",
            f"Compare the order's {sent_by} and credit notes in {who} with the shop, then retry.",
            code=code,
        )
    return count
