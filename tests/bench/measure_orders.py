"""Orders of 50 lines, each line with two discounts and two taxes: read, proven and mapped."""

import gc
import time
from collections.abc import Callable
from random import Random
from typing import Any

from figure import Figure, middle

from adapters.shopify.order import order_from
from engine.model.ids import LocationId, WarehouseId
from engine.orders.mapping import sales_document

LINES = 50
MANY = 1000
ROUNDS = 200
HERE = "gid://shopify/Location/1"
PLACES = {LocationId(HERE): WarehouseId("WH1")}
AT = "2026-11-23T12:00:00Z"


def bag(cents: int) -> dict[str, Any]:
    """An amount that is twice as much in the buyer's currency."""
    return {
        "shopMoney": {"amount": f"{cents / 100:.2f}", "currencyCode": "USD"},
        "presentmentMoney": {"amount": f"{cents / 50:.2f}", "currencyCode": "EUR"},
    }


def order(number: int) -> dict[str, Any]:
    """A node with every sum that Shopify states of it."""
    chance, lines, net, tax = Random(number), [], 0, 0
    for at in range(LINES):
        units, price, taken = chance.randint(1, 5), chance.randint(500, 9000), (chance.randint(1, 99), 50)
        taxes = (chance.randint(1, 300), chance.randint(1, 90))
        left = units * price - sum(taken)
        net, tax = net + left, tax + sum(taxes)
        lines.append(
            {
                "id": f"gid://shopify/LineItem/{at}", "sku": f"SKU-{at}", "title": f"Article {at}", "quantity": units,
                "currentQuantity": units, "requiresShipping": True, "originalUnitPriceSet": bag(price),
                "originalTotalSet": bag(units * price), "priceAfterAllDiscountsBeforeTaxesSet": bag(left),
                "discountAllocations": [
                    {"allocatedAmountSet": bag(part), "discountApplication": {"index": index}}
                    for index, part in enumerate(taken)
                ],
                "taxLines": [
                    {"title": title, "rate": 0.07, "priceSet": bag(part)}
                    for title, part in zip(("State Tax", "City Tax"), taxes, strict=True)
                ],
            }
        )  # fmt: skip
    total = net + 490 + tax
    applied = [
        {"index": at, "targetType": "LINE_ITEM", "allocationMethod": "ACROSS", "targetSelection": "ALL",
         "__typename": "DiscountCodeApplication", "code": f"C{at}"} for at in (0, 1)
    ]  # fmt: skip
    held = [{"remainingQuantity": each["quantity"], "lineItem": {"id": each["id"]}} for each in lines]
    return {
        "id": f"gid://shopify/Order/{number}", "name": f"#{number}", "createdAt": AT, "updatedAt": AT,
        "currencyCode": "USD", "presentmentCurrencyCode": "EUR", "taxesIncluded": False,
        "subtotalPriceSet": bag(net), "totalTaxSet": bag(tax), "totalPriceSet": bag(total),
        "currentSubtotalPriceSet": bag(net), "currentShippingPriceSet": bag(490), "currentTotalTaxSet": bag(tax),
        "currentTotalPriceSet": bag(total), "totalReceivedSet": bag(total), "totalRefundedSet": bag(0),
        "netPaymentSet": bag(total), "totalOutstandingSet": bag(0), "lineItems": {"nodes": lines},
        "shippingLines": {"nodes": [{"id": "s", "title": "Post", "originalPriceSet": bag(490)}]},
        "discountApplications": {"nodes": applied},
        "transactions": [
            {"id": "t", "kind": "SALE", "status": "SUCCESS", "gateway": "card", "amountSet": bag(total)}
        ],
        "fulfillmentOrders": {
            "nodes": [{"id": "f", "status": "OPEN", "assignedLocation": {"location": {"id": HERE}},
                       "lineItems": {"nodes": held}}]
        },
    }  # fmt: skip


def cpu(act: Callable[[], object]) -> float:
    """Seconds of processor time of one act."""
    began = time.process_time()
    act()
    return time.process_time() - began


def measure() -> list[Figure]:
    """Middle of many single orders, and a thousand in one go."""
    nodes = [order(number) for number in range(MANY)]
    one = order_from(nodes[0])
    assert len(sales_document(one, PLACES).lines) == LINES + 1
    gc.collect()
    reading = middle([cpu(lambda: order_from(nodes[0])) for _ in range(ROUNDS)]) * 1000
    mapping = middle([cpu(lambda: sales_document(one, PLACES)) for _ in range(ROUNDS)]) * 1000
    orders = [order_from(node) for node in nodes]
    many = cpu(lambda: [sales_document(each, PLACES) for each in orders])
    return [
        Figure(
            f"prove and map an order of {LINES} lines",
            f"{mapping:.2f} ms CPU",
            f"{reading:.2f} ms to read its JSON",
            target="< 2 ms",
            met=mapping < 2,
        ),
        Figure(f"prove and map {MANY:,} such orders", f"{many:.2f} s CPU", target="< 2 s", met=many < 2),
    ]
