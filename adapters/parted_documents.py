"""Orders as documents: those that TrueUp made for an order are one, any other with its reference a copy."""

from collections.abc import Collection, Mapping

from adapters.kept_orders import FRESH, KeptOrders
from adapters.parted import Parts, document, documents_of, living
from engine.model.failure import Refused
from engine.model.ids import DocumentId, OrderId
from engine.model.sale import Document


class PartedDocuments:
    """Reads documents that may be in several orders."""

    def __init__(self, orders: KeptOrders, who: str) -> None:
        """`who`: the back office, in the words an operator knows."""
        self._kept, self._who = orders, who

    async def by_refs(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Our documents."""
        found = await self._kept.parts(refs, at_most_old=FRESH)
        back = await self._kept.returned(list(found))
        return {ref: document(documents_of(parts)[0], back.get(ref, {})) for ref, parts in found.items()}

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Documents of a reference that are not called off."""
        found = await self._kept.parts(refs)
        told = {
            ref: tuple(DocumentId(one[0].id) for one in documents_of(parts) if living(one))
            for ref, parts in found.items()
        }
        return {ref: ids for ref, ids in told.items() if ids}

    async def by_id(self, number: DocumentId) -> tuple[OrderId, Parts]:
        """The parts of one document as of now; Refused when the back office does not know it."""
        ref = await self._kept.ref_of(number)
        found = () if ref is None else (await self._kept.parts([ref])).get(ref, ())
        for parts in documents_of(found):
            if ref is not None and any(part.id == number for part in parts):
                return ref, parts
        raise Refused(
            f"{self._who} has no order {number} of ours.",
            "If it was deleted there, resolve this record.",
            code="document_unknown",
        )
