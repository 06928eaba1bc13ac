"""Orders on which both sides agreed at the last look, with the document as it was: an echo of our own act shows that again."""

from dataclasses import dataclass, field

from engine.model.ids import OrderId
from engine.model.sale import Document

MOST = 2000
"""Orders that are remembered; of others an echo costs a whole look."""


@dataclass(slots=True)
class Agreed:
    """Known to this process alone: one that starts anew looks at everything it is told of."""

    _documents: dict[OrderId, Document] = field(default_factory=dict)

    def keep(self, order: OrderId, document: Document) -> None:
        """Nothing is owed between the order and this document."""
        self._documents.pop(order, None)
        self._documents[order] = document
        if len(self._documents) > MOST:
            del self._documents[next(iter(self._documents))]

    def take(self, order: OrderId) -> Document | None:
        """The document at the last look, once: whoever looks anew keeps it anew, and after trouble nothing is known."""
        return self._documents.pop(order, None)
