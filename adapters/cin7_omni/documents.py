"""Orders of Omni as documents: those that TrueUp made for an order are one, any other with its reference a copy."""

from collections.abc import Collection, Mapping

from adapters.cin7_omni.orders import FRESH, Orders
from adapters.parted import Parts, document, living
from engine.model.failure import Refused
from engine.model.ids import DocumentId, OrderId
from engine.model.sale import Document


def documents_of(parts: Parts) -> list[Parts]:
    """The document of our own parts first, then one for each order that somebody else entered."""
    ours = tuple(part for part in parts if part.number)
    others = [(part,) for part in parts if not part.number]
    return [ours, *others] if ours else list(others)


class Documents:
    """Reads them."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    async def by_refs(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Our documents."""
        found = await self._orders.parts(refs, at_most_old=FRESH)
        back = await self._orders.returned(list(found))
        return {ref: document(documents_of(parts)[0], back.get(ref, {})) for ref, parts in found.items()}

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Documents of a reference that are not called off."""
        found = await self._orders.parts(refs)
        told = {
            ref: tuple(DocumentId(one[0].id) for one in documents_of(parts) if living(one))
            for ref, parts in found.items()
        }
        return {ref: ids for ref, ids in told.items() if ids}

    async def by_id(self, number: DocumentId) -> tuple[OrderId, Parts]:
        """The parts of one document as of now; Refused when Omni does not know it."""
        ref = await self._orders.ref_of(number)
        found = () if ref is None else (await self._orders.parts([ref])).get(ref, ())
        for parts in documents_of(found):
            if ref is not None and any(part.id == number for part in parts):
                return ref, parts
        raise Refused(
            f"Cin7 Omni has no order {number} of ours.",
            "If it was deleted there, resolve this record.",
            code="document_unknown",
        )
