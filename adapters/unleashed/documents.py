"""Orders of Unleashed as documents, and the numbers it gave them."""

from adapters.parted_documents import PartedDocuments
from adapters.unleashed.orders import Orders
from adapters.unleashed.trouble import WHO


class Documents(PartedDocuments):
    """Reads them."""

    def __init__(self, orders: Orders) -> None:
        super().__init__(orders, WHO)

    def number_of(self, order: str) -> str:
        """The number Unleashed gave to an order that was read."""
        return str(self._kept.row(order)["OrderNumber"])
