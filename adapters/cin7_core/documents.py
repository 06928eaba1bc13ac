"""Sales of Cin7 Core as documents. A document is one sale for each location its goods leave from.

Cin7 Core reserves the goods of a sale at the sale's one location, and lets any number of sales bear one reference: the
parts of an order do on purpose, one for each location. A second sale for the same location is another document.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from adapters.cin7_core.sales import FRESH, Sales
from adapters.cin7_core.wire import Sale, Shelf
from adapters.parts import join, part_ids
from engine.model.failure import Refused
from engine.model.ids import DocumentId, OrderId
from engine.model.sale import Document, DocumentLine, DocumentStatus, Parcel

Parts = tuple[Sale, ...]


class Documents:
    """Reads them."""

    def __init__(self, sales: Sales) -> None:
        self._sales = sales

    async def by_refs(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Our documents; of several with one reference the oldest."""
        found = await self._sales.of_refs(refs, at_most_old=FRESH)
        return {ref: document(parts[0], ref) for ref, sales in found.items() if (parts := grouped(sales))}

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Documents of a reference that are not called off, oldest first."""
        found = await self._sales.of_refs(refs)
        told = {
            ref: tuple(document(parts, ref).id for parts in grouped(sales) if living(parts))
            for ref, sales in found.items()
        }
        return {ref: ids for ref, ids in told.items() if ids}

    async def by_id(self, number: DocumentId) -> tuple[OrderId, Parts]:
        """The parts of one document, read anew; Refused when Cin7 Core does not know it."""
        asked = part_ids(number)
        ref = await self._sales.ref_of(asked[0])
        found = [] if ref is None else await self._sales.found(ref, voided=True)
        for parts in grouped(found):
            if ref is not None and any(part.id in asked for part in parts):
                return ref, parts
        raise Refused(
            f"Cin7 Core has no sale {number} of ours.",
            "If it was deleted there, resolve this record.",
            code="document_unknown",
        )


def grouped(sales: Sequence[Sale]) -> list[Parts]:
    """Sales of one reference as documents; sales that promise nothing yet are none.

    A sale belongs to the first document that has no living one for its location. One that was voided belongs to the
    first: it was called off with it, or gave way to a later one.
    """
    groups: list[list[Sale]] = []
    for sale in sales:
        if sale.shell or sale.nothing:
            continue
        for parts in groups:
            if sale.voided or all(part.voided or part.location != sale.location for part in parts):
                parts.append(sale)
                break
        else:
            groups.append([sale])
    return [tuple(parts) for parts in groups]


def living(parts: Parts) -> Parts:
    """Those that were not called off."""
    return tuple(part for part in parts if not part.voided)


def document(parts: Parts, ref: OrderId) -> Document:
    """The parts as the engine sees them."""
    return join([_part(part, ref) for part in parts])


def _part(sale: Sale, ref: OrderId) -> Document:
    shelves: dict[Shelf, tuple[int, int, int]] = {}
    waiting, shipped = sale.waiting, sale.shipped
    for shelf in waiting.keys() | shipped.keys() | sale.returned.keys():
        gone = shipped.get(shelf, 0)
        shelves[shelf] = (waiting.get(shelf, 0) + gone, gone, sale.returned.get(shelf, 0))
    left = [each.left_at for each in sale.fulfilments if each.gone and each.left_at]
    lines = tuple(
        DocumentLine(sku, place, units, gone, max(left, default=None) if gone else None, back)
        for (sku, place), (units, gone, back) in sorted(shelves.items())
    )
    return Document(DocumentId(sale.id), ref, _status(sale), sale.total, lines, tuple(_parcels(sale)))


def _parcels(sale: Sale) -> Iterator[Parcel]:
    """Boxes of fulfilments that left; of one that was picked at several locations it is not known from which."""
    for each in sale.fulfilments:
        places = {place for _, place in each.units}
        for number, carrier, url in each.tracked if each.gone else ():
            place = next(iter(places)) if len(places) == 1 else None
            yield Parcel(number, carrier, url, place, frozenset(sku for sku, _ in each.units))


def _status(sale: Sale) -> DocumentStatus:
    if sale.voided:
        return DocumentStatus.CANCELLED
    return DocumentStatus.SHIPPED if sale.shipped and not sale.waiting else DocumentStatus.OPEN
