"""External ids of our documents, for back offices with a text field for one: a prefix and the shop's order number."""

from engine.model.ids import OrderId

GID = "gid://shopify/Order/"


class ExternalIds:
    """External ids with one prefix.

    The prefix is a setting, because a record has one external id and an older connector may have used it.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def of(self, ref: OrderId) -> str:
        """The external id of an order."""
        return f"{self.prefix}{ref.removeprefix(GID)}"

    def ref(self, external_id: str) -> OrderId | None:
        """The order of an external id; None when it is not one of ours."""
        number = external_id.removeprefix(self.prefix)
        return OrderId(f"{GID}{number}") if external_id.startswith(self.prefix) and number.isdigit() else None
