"""An order is read whole: to the cent, to the last page, and never half before and half after a change."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from engine.model.failure import Refused, TryLater
from engine.model.ids import OrderId

ID = OrderId("gid://shopify/Order/1")
END = {"hasNextPage": False, "endCursor": None}
MORE = {"hasNextPage": True, "endCursor": "c1"}


def bag(shop: str, buyer: str | None = None) -> dict[str, object]:
    return {
        "shopMoney": {"amount": shop, "currencyCode": "USD"},
        "presentmentMoney": {"amount": buyer or shop, "currencyCode": "EUR"},
    }


def page(*nodes: object, info: dict[str, object] = END) -> dict[str, object]:
    return {"nodes": list(nodes), "pageInfo": info}


def line(number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "sku": f" SKU-{number}\x00 ",
        "title": "Mug \x1b[31mred",
        "quantity": 3,
        "currentQuantity": 2,
        "requiresShipping": True,
        "isGiftCard": False,
        "originalUnitPriceSet": bag("10.00", "9.10"),
        "discountAllocations": [
            {"allocatedAmountSet": bag("1.50", "1.37"), "discountApplication": {"index": 0}}
        ],
        "taxLines": [{"title": "VAT", "rate": 0.2, "priceSet": bag("5.70", "5.19")}],
    } | more


ORDER = {
    "id": ID, "name": "#1001", "createdAt": "2026-11-23T09:00:00Z", "processedAt": "2026-11-23T09:00:00Z",
    "updatedAt": "2026-11-23T09:30:00+02:00", "cancelledAt": None, "currencyCode": "USD",
    "presentmentCurrencyCode": "EUR", "taxesIncluded": False, "dutiesIncluded": False,
    "totalPriceSet": bag("39.20", "35.67"), "originalTotalDutiesSet": None, "originalTotalAdditionalFeesSet": None,
    "totalTipReceivedSet": bag("0.00"), "totalCashRoundingAdjustment": {"paymentSet": bag("0.0")},
    "retailLocation": None, "email": "buyer@example.test", "note": "ring\r\ntwice\x07", "tags": ["a"],
    "customer": {"displayName": "B. Uyer"}, "billingAddress": None,
    "shippingAddress": {"name": "B. Uyer", "formatted": ["B. Uyer", "1 Street"]},
    "lineItems": page(line(1)), "localizedFields": page(),
    "shippingLines": page(
        {"id": None, "title": "Post", "originalPriceSet": bag("5.00"), "discountAllocations": [], "taxLines": []}
    ),
    "discountApplications": page(
        {"index": 0, "targetType": "LINE_ITEM", "allocationMethod": "ACROSS",
         "__typename": "DiscountCodeApplication", "code": "TEN"}
    ),
    "transactions": [{"id": "t1", "kind": "SALE", "status": "SUCCESS", "gateway": None, "amountSet": bag("39.20")}],
    "fulfillmentOrders": page(
        {"id": "fo1", "status": "OPEN", "assignedLocation": {"location": {"id": "L1"}},
         "lineItems": page({"remainingQuantity": 2, "lineItem": {"id": "gid://shopify/LineItem/1"}})}
    ),
    "fulfillments": [
        {"id": "f1", "status": "SUCCESS", "createdAt": "2026-11-23T09:10:00Z", "location": {"id": "L1"},
         "fulfillmentLineItems": page({"quantity": 1, "lineItem": {"id": "gid://shopify/LineItem/1"}})}
    ],
    "refunds": [
        {"id": "r1", "createdAt": None, "processedAt": "2026-11-23T09:20:00Z",
         "refundLineItems": page(
             {"quantity": 1, "restockType": "RETURN", "restocked": True, "location": {"id": "L2"},
              "lineItem": {"id": "gid://shopify/LineItem/1"}},
             {"quantity": 1, "restockType": "RETURN", "restocked": False, "location": {"id": "L2"},
              "lineItem": {"id": "gid://shopify/LineItem/1"}}),
         "refundShippingLines": page(), "transactions": page()}
    ],
}  # fmt: skip


def order(**changes: object) -> dict[str, object]:
    return {"order": deepcopy(ORDER) | changes}


async def test_an_order_arrives_with_everything_on_it(shop, scripted):
    scripted.answers(order())
    read = await shop.read_order(ID)
    (only,) = read.lines
    assert (only.sku, only.title, only.quantity, only.current_quantity) == ("SKU-1", "Mug [31mred", 3, 2)
    assert (only.unit_price.shop.amount, only.unit_price.presentment.currency) == (Decimal("10.00"), "EUR")
    assert only.allocations[0].amount.shop.amount == Decimal("1.50")
    assert (only.taxes[0].rate, only.taxes[0].amount.presentment.amount) == (Decimal("0.2"), Decimal("5.19"))
    assert (read.discounts[0].kind, read.discounts[0].title) == ("code", "TEN")
    assert (read.shipping[0].id, read.shipping[0].price.shop.amount) == ("shipping-0", Decimal("5.00"))
    assert read.updated_at == datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    assert (read.tips, read.duties, read.rounding) == (None, None, None)
    assert read.note == "ring\ntwice"
    assert read.fulfilment_orders[0].lines == (("gid://shopify/LineItem/1", 2),)
    assert (read.fulfilments[0].location, read.fulfilments[0].lines[0][1]) == ("L1", 1)
    assert [(given.restock, given.location) for given in read.refunds[0].lines] == [
        ("RETURN", "L2"),
        ("NO_RESTOCK", "L2"),
    ]


async def test_no_such_order_is_none(shop, scripted):
    scripted.answers({"order": None})
    assert await shop.read_order(ID) is None


async def test_lines_beyond_the_first_page_are_fetched(shop, scripted):
    more = {"node": {"updatedAt": ORDER["updatedAt"], "page": page(line(2), info=MORE | {"endCursor": "c2"})}}
    last = {"node": {"updatedAt": ORDER["updatedAt"], "page": page(line(3))}}
    scripted.answers(order(lineItems=page(line(1), info=MORE)), more, last)
    read = await shop.read_order(ID)
    assert [one.sku for one in read.lines] == ["SKU-1", "SKU-2", "SKU-3"]
    assert [asked["variables"].get("after") for asked in scripted.asked] == [None, "c1", "c2"]


@pytest.mark.parametrize(
    ("parents", "members", "count"),
    [
        ("fulfillmentOrders", "lineItems", lambda read: len(read.fulfilment_orders[0].lines)),
        ("fulfillments", "fulfillmentLineItems", lambda read: len(read.fulfilments[0].lines)),
        ("refunds", "refundLineItems", lambda read: len(read.refunds[0].lines)),
    ],
)
async def test_members_beyond_the_first_page_are_fetched(shop, scripted, parents, members, count):
    first = order()
    held = first["order"][parents]
    owner = (held["nodes"] if isinstance(held, dict) else held)[0]
    before = len(owner[members]["nodes"])
    extra = owner[members]["nodes"][0]
    owner[members]["pageInfo"] = MORE
    scripted.answers(first, {"node": {"updatedAt": "x", "page": page(extra)}})
    assert count(await shop.read_order(ID)) == before + 1
    assert scripted.asked[1]["variables"] == {"id": owner["id"], "after": "c1"}


async def test_a_page_without_a_way_on_is_refused_not_truncated(shop, scripted):
    scripted.answers(order(lineItems=page(line(1), info={"hasNextPage": True, "endCursor": None})))
    with pytest.raises(Refused, match="unexpected shape"):
        await shop.read_order(ID)


async def test_an_order_that_changes_between_pages_is_read_again(shop, scripted):
    begun = order(lineItems=page(line(1), info=MORE))
    moved = {"node": {"updatedAt": "2026-11-23T11:00:00Z", "page": page(line(2))}}
    scripted.answers(begun, moved, order())
    assert len((await shop.read_order(ID)).lines) == 1
    scripted.answers(*[begun, moved] * 3)
    with pytest.raises(TryLater, match="keeps changing"):
        await shop.read_order(ID)


async def test_a_key_without_access_to_customer_data_still_reads_the_order(shop, scripted, reply):
    withheld = [{"message": "no", "path": ["order", "customer"], "extensions": {"code": "ACCESS_DENIED"}}]
    scripted.answers(reply(order(customer=None, email=None, shippingAddress=None), withheld))
    read = await shop.read_order(ID)
    assert (read.customer, read.email, read.address) == ("", "", ())


@pytest.mark.parametrize(
    "change",
    [
        {"totalPriceSet": bag("NaN")},
        {"totalPriceSet": None},
        {"updatedAt": "yesterday"},
        {"updatedAt": "2026-11-23T09:30:00"},
        {"lineItems": page(line(1, quantity="3"))},
        {"lineItems": page(line(1, quantity=None))},
        {"id": "gid://shopify/Order/2"},
        {
            "discountApplications": page(
                {"index": 4, "targetType": "x", "allocationMethod": "x", "__typename": "x"}
            )
        },
    ],
    ids=str,
)
async def test_an_order_of_another_shape_waits_for_a_person(shop, scripted, change):
    scripted.answers(order(**change))
    with pytest.raises(Refused, match="unexpected shape"):
        await shop.read_order(ID)


async def test_all_pages_of_changed_orders_are_listed(shop, scripted):
    def listing(number: int, info: dict[str, object]) -> dict[str, object]:
        return {"orders": page({"id": f"o{number}", "updatedAt": "2026-11-23T10:00:05Z"}, info=info)}

    scripted.answers(listing(1, MORE), listing(2, END))
    found = await shop.orders_changed(datetime(2026, 11, 23, 10, 0, 0, 900000, UTC))
    assert [stub.id for stub in found] == ["o1", "o2"]
    assert scripted.asked[0]["variables"]["query"] == "updated_at:>='2026-11-23T10:00:00Z'"


async def test_cash_rounding_is_part_of_what_the_buyer_was_charged(shop, scripted):
    scripted.answers(order(totalCashRoundingAdjustment={"paymentSet": bag("0.05", "0.04")}))
    read = await shop.read_order(ID)
    assert (read.rounding.shop.amount, read.total.shop.amount) == (Decimal("0.05"), Decimal("39.25"))


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"Date": "Mon, 23 Nov 2026 09:50:00 GMT"}, datetime(2026, 11, 23, 9, 50, tzinfo=UTC)),
        ({"Date": "the day after"}, datetime(2026, 11, 23, 10, 0, tzinfo=UTC)),
        ({}, datetime(2026, 11, 23, 10, 0, tzinfo=UTC)),
    ],
    ids=["the shop's", "ours where it is odd", "ours where it is withheld"],
)
async def test_orders_are_dated_by_the_shops_clock(shop, scripted, headers, told):
    installed = {"currentAppInstallation": {"accessScopes": []}}
    scripted.answers(httpx.Response(200, headers=headers, json={"data": installed}))
    assert await shop.now() == told
