"""Tips: Shopify states their sum, and may list them among the lines as well; they count once."""

from engine.model.order import Order, OrderLine

_TITLE = "tip"


def tip_line(order: Order) -> OrderLine | None:
    """The line that is the order's tip: called Tip, nothing to ship, and exactly as much as the tips stated."""
    if order.tips is None:
        return None
    return next((line for line in order.lines if _is_tip(line) and line.unit_price == order.tips), None)


def _is_tip(line: OrderLine) -> bool:
    return (
        line.quantity == 1
        and line.sku is None
        and not line.requires_shipping
        and not line.is_gift_card
        and line.title.casefold() == _TITLE
    )
