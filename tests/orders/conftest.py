"""A small order with everything an order usually has."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.model.ids import LocationId, OrderId, Sku
from engine.model.money import Money, MoneyBag
from engine.model.order import (
    Allocation,
    DiscountApplication,
    FulfilmentOrder,
    Order,
    OrderLine,
    ShippingLine,
    TaxLine,
    Transaction,
)

HERE = LocationId("gid://shopify/Location/1")


def bag(amount: str) -> MoneyBag:
    return MoneyBag(Money(Decimal(amount), "USD"), Money(Decimal(amount) * 2, "EUR"))


@pytest.fixture
def order() -> Order:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    mug = OrderLine(
        "l1",
        Sku("MUG"),
        "Mug",
        3,
        3,
        bag("10.00"),
        (Allocation(0, bag("3.00")),),
        (TaxLine("VAT", None, bag("2.70")),),
    )
    lamp = OrderLine("l2", Sku("LAMP"), "Lamp", 1, 1, bag("25.50"))
    return Order(
        id=OrderId("gid://shopify/Order/1"), name="#1001", created_at=at, updated_at=at, cancelled_at=None,
        currency="USD", presentment_currency="EUR", taxes_included=False, lines=(mug, lamp), total=bag("60.20"),
        shipping=(ShippingLine("s1", "Post", bag("5.00")),),
        discounts=(DiscountApplication("code", "TEN", "ALL", "ACROSS"),),
        transactions=(Transaction("t1", "SALE", "SUCCESS", "card", bag("60.20")),),
        fulfilment_orders=(FulfilmentOrder("f1", "OPEN", HERE, (("l1", 3), ("l2", 1))),),
    )  # fmt: skip
