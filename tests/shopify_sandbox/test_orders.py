"""Orders add up to the cent on both sides of the money, and move stock as Shopify's do."""

import time
from decimal import Decimal
from typing import Any

import pytest

MAIN, EAST = "gid://shopify/Location/1", "gid://shopify/Location/2"
MONEY = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
READ = f"""query Read($id: ID!) {{ order(id: $id) {{
  name cancelledAt displayFinancialStatus displayFulfillmentStatus taxesIncluded retailLocation {{ id }}
  totalPriceSet {MONEY} subtotalPriceSet {MONEY} totalTaxSet {MONEY} totalShippingPriceSet {MONEY}
  currentTotalPriceSet {MONEY} totalDiscountsSet {MONEY} totalRefundedSet {MONEY} originalTotalDutiesSet {MONEY}
  lineItems(first: 10) {{ nodes {{ id quantity currentQuantity originalUnitPriceSet {MONEY}
    discountAllocations {{ allocatedAmountSet {MONEY} discountApplication {{ index __typename }} }}
    taxLines {{ priceSet {MONEY} rate }} }} }}
  shippingLines(first: 5) {{ nodes {{ originalPriceSet {MONEY} taxLines {{ priceSet {MONEY} }} }} }}
  transactions {{ kind gateway status amountSet {MONEY} }}
  fulfillmentOrders(first: 10) {{ nodes {{ id status assignedLocation {{ location {{ id }} }}
    lineItems(first: 10) {{ nodes {{ id remainingQuantity lineItem {{ id }} }} }} }} }}
  fulfillments {{ status location {{ id }} fulfillmentLineItems(first: 10) {{ nodes {{ quantity lineItem {{ id }} }} }} }}
  refunds {{ refundLineItems(first: 10) {{ nodes {{ quantity restockType location {{ id }} }} }} }} }} }}"""


def amount(bag: Any, side: str) -> Decimal:
    return Decimal(bag[side]["amount"])


def read(shop: Any, order: Any) -> Any:
    return shop.data(READ, id=order["id"])["order"]


def two_mugs(**more: Any) -> dict[str, Any]:
    return {"lines": [{"sku": "MUG-1", "quantity": 2}, {"sku": "MUG-2", "quantity": 3}], **more}


def stock(shop: Any, sku: str, place: str = MAIN) -> tuple[int, int, int]:
    level = shop.level(sku, place)
    return level["on_hand"], level["available"], level["committed"]


@pytest.mark.parametrize("side", ["shopMoney", "presentmentMoney"])
@pytest.mark.parametrize("included", [False, True])
@pytest.mark.parametrize("off", [{"kind": "order", "percent": "7.5"}, {"kind": "line", "amount": "3.33"}])
@pytest.mark.parametrize("currency", ["USD", "JPY"])
def test_an_order_adds_up_to_the_cent(shop: Any, side: str, included: bool, off: Any, currency: str) -> None:
    asked = two_mugs(
        discount=off,
        shipping="5.95",
        tax_rate="0.19",
        taxes_included=included,
        currency=currency,
        gift_card="10",
    )
    order = read(shop, shop.do("checkout", **asked))
    lines, shipping = order["lineItems"]["nodes"], order["shippingLines"]["nodes"]
    goods = sum(amount(line["originalUnitPriceSet"], side) * line["quantity"] for line in lines)
    shares = [share for line in lines for share in line["discountAllocations"]]
    less = sum(amount(share["allocatedAmountSet"], side) for share in shares)
    taxes = [tax for part in (*lines, *shipping) for tax in part["taxLines"]]
    tax = sum(amount(row["priceSet"], side) for row in taxes)
    ship = sum(amount(charge["originalPriceSet"], side) for charge in shipping)
    total = goods - less + ship + (0 if included else tax)
    assert total == amount(order["totalPriceSet"], side)
    assert sum(amount(t["amountSet"], side) for t in order["transactions"]) == total
    assert [t["gateway"] for t in order["transactions"]] == ["gift_card", "shopify_payments"]
    assert less == amount(order["totalDiscountsSet"], side) and less > 0
    assert order["totalPriceSet"]["presentmentMoney"]["currencyCode"] == currency


def test_a_buyer_commits_units_where_there_is_room(shop: Any) -> None:
    order = read(shop, shop.do("checkout", **two_mugs(location=EAST)))
    assert stock(shop, "MUG-1", EAST) == (10, 8, 2) and stock(shop, "MUG-1") == (10, 10, 0)
    ship = order["fulfillmentOrders"]["nodes"][0]
    assert ship["status"] == "OPEN" and ship["assignedLocation"]["location"]["id"] == EAST
    assert order["displayFulfillmentStatus"] == "UNFULFILLED" and order["originalTotalDutiesSet"] is None


def test_nobody_buys_what_is_not_there(shop: Any) -> None:
    assert shop.refused("checkout", lines=[{"sku": "MUG-1", "quantity": 11}]) == 409
    assert (
        shop.refused(
            "checkout", lines=[{"sku": "MUG-1", "quantity": 6}, {"sku": "MUG-1", "quantity": 6}], location=0
        )
        == 409
    )
    assert stock(shop, "MUG-1") == (10, 10, 0)


def test_a_till_sale_is_limited_by_the_shelf_only(shop: Any) -> None:
    shop.do("checkout", lines=[{"sku": "MUG-1", "quantity": 10}], location=0)
    order = read(shop, shop.do("till", lines=[{"sku": "MUG-1", "quantity": 4}], location=MAIN))
    assert stock(shop, "MUG-1") == (6, -4, 10)
    assert order["retailLocation"] == {"id": MAIN} and order["displayFulfillmentStatus"] == "FULFILLED"
    assert order["fulfillments"][0]["location"] == {"id": MAIN}
    assert order["fulfillmentOrders"]["nodes"][0]["status"] == "CLOSED"
    assert shop.refused("till", lines=[{"sku": "MUG-1", "quantity": 7}], location=0) == 409


FULFIL = """mutation F($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) {
  fulfillment { id status totalQuantity } userErrors { field message } } }"""


def group(ship: Any, *units: int) -> dict[str, Any]:
    rows = [
        {"id": row["id"], "quantity": n} for row, n in zip(ship["lineItems"]["nodes"], units, strict=False)
    ]
    return {"fulfillmentOrderId": ship["id"], **({"fulfillmentOrderLineItems": rows} if rows else {})}


def fulfil(shop: Any, *groups: Any) -> Any:
    return shop.data(FULFIL, f={"lineItemsByFulfillmentOrder": list(groups)})["fulfillmentCreate"]


def test_units_leave_in_parts_until_the_order_is_done(shop: Any) -> None:
    placed = shop.do("checkout", **two_mugs(location=0))
    ship = read(shop, placed)["fulfillmentOrders"]["nodes"][0]
    assert fulfil(shop, group(ship, 1))["fulfillment"]["totalQuantity"] == 1
    assert stock(shop, "MUG-1") == (9, 8, 1)
    order = read(shop, placed)
    assert order["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"
    assert order["fulfillmentOrders"]["nodes"][0]["status"] == "IN_PROGRESS"
    assert fulfil(shop, group(ship))["fulfillment"]["totalQuantity"] == 4
    assert stock(shop, "MUG-2") == (7, 7, 0)
    assert "unfulfillable status= closed" in fulfil(shop, group(ship))["userErrors"][0]["message"]


def test_a_fulfilment_that_cannot_be_is_refused(shop: Any) -> None:
    ships = [
        read(shop, shop.do("checkout", **two_mugs(location=at)))["fulfillmentOrders"]["nodes"][0]
        for at in (0, 1)
    ]
    said = [
        fulfil(shop, *groups)["userErrors"][0]["message"]
        for groups in (
            [group(ships[0], 0)],
            [group(ships[0], 3)],
            [{"fulfillmentOrderId": "gid://shopify/FulfillmentOrder/999999"}],
            [group(ships[0]), group(ships[1])],
        )
    ]
    assert said == [
        "Quantity must be greater than 0",
        "Invalid fulfillment order line item quantity requested.",
        "Fulfillment order does not exist.",
        "All fulfillment orders must belong to the same order.",
    ]
    assert stock(shop, "MUG-1") == (10, 8, 2)


MOVE = """mutation M($id: ID!, $to: ID!, $lines: [FulfillmentOrderLineItemInput!]) {
  fulfillmentOrderMove(id: $id, newLocationId: $to, fulfillmentOrderLineItems: $lines) {
    movedFulfillmentOrder { id assignedLocation { location { id } } } originalFulfillmentOrder { id status }
    remainingFulfillmentOrder { id } userErrors { code field message } } }"""


def test_moving_a_fulfilment_order_moves_what_is_committed(shop: Any) -> None:
    placed = shop.do("checkout", **two_mugs(location=0))
    ship = read(shop, placed)["fulfillmentOrders"]["nodes"][0]
    moved = shop.data(MOVE, id=ship["id"], to=EAST)["fulfillmentOrderMove"]
    assert moved["movedFulfillmentOrder"] == {
        "id": ship["id"],
        "assignedLocation": {"location": {"id": EAST}},
    }
    assert stock(shop, "MUG-1") == (10, 10, 0) and stock(shop, "MUG-1", EAST) == (10, 8, 2)


def test_moving_a_part_makes_another_fulfilment_order(shop: Any) -> None:
    ship = read(shop, shop.do("checkout", **two_mugs(location=0)))["fulfillmentOrders"]["nodes"][0]
    some = [{"id": ship["lineItems"]["nodes"][1]["id"], "quantity": 2}]
    moved = shop.data(MOVE, id=ship["id"], to=EAST, lines=some)["fulfillmentOrderMove"]
    assert moved["movedFulfillmentOrder"]["id"] != ship["id"]
    assert moved["remainingFulfillmentOrder"] == {"id": ship["id"]}
    assert stock(shop, "MUG-2") == (10, 9, 1) and stock(shop, "MUG-2", EAST) == (10, 8, 2)


def test_a_move_that_cannot_be_is_refused(opened: Any) -> None:
    shop = opened(unstocked=[("MUG-1", 1)])
    placed = shop.do("checkout", **two_mugs(location=0))
    ship = read(shop, placed)["fulfillmentOrders"]["nodes"][0]
    unstocked = shop.data(MOVE, id=ship["id"], to=EAST)["fulfillmentOrderMove"]["userErrors"]
    nowhere = shop.data(MOVE, id=ship["id"], to="gid://shopify/Location/9")["fulfillmentOrderMove"][
        "userErrors"
    ]
    shop.do("fulfil", order=placed["id"])
    closed = shop.data(MOVE, id=ship["id"], to=EAST)["fulfillmentOrderMove"]["userErrors"]
    assert "stocked" in unstocked[0]["message"]
    assert (nowhere[0]["message"], closed[0]["message"]) == ("Location not found.", "Cannot change location.")


CANCEL = """mutation C($id: ID!) { orderCancel(orderId: $id, reason: CUSTOMER, restock: true,
  refundMethod: {originalPaymentMethodsRefund: true}) { job { id done } orderCancelUserErrors { code message } } }"""


def test_a_cancelled_order_gives_its_units_and_money_back_a_moment_later(shop: Any) -> None:
    placed = shop.do("checkout", **two_mugs(location=0, tax_rate="0.1", gift_card="5"))
    job = shop.data(CANCEL, id=placed["id"])["orderCancel"]["job"]
    assert job["done"] is False
    for _ in range(1000):
        if shop.data("query J($id: ID!) { job(id: $id) { done } }", id=job["id"])["job"]["done"]:
            break
    order = read(shop, placed)
    assert order["cancelledAt"] and order["displayFinancialStatus"] == "REFUNDED"
    assert order["refunds"][0]["refundLineItems"]["nodes"][0]["restockType"] == "CANCEL"
    assert amount(order["totalRefundedSet"], "shopMoney") == amount(order["totalPriceSet"], "shopMoney")
    assert stock(shop, "MUG-1") == (10, 10, 0)
    again = shop.data(CANCEL, id=placed["id"])["orderCancel"]
    assert again["job"] is None and again["orderCancelUserErrors"][0]["code"] == "INVALID"


def test_an_order_of_which_something_left_is_not_cancelled(shop: Any) -> None:
    placed = shop.do("checkout", **two_mugs(location=0))
    shop.do("fulfil", order=placed["id"])
    assert shop.data(CANCEL, id=placed["id"])["orderCancel"]["orderCancelUserErrors"][0]["code"] == "INVALID"
    assert shop.refused("cancel", order=placed["id"]) == 409
    unknown = shop.data(CANCEL, id="gid://shopify/Order/1")["orderCancel"]["orderCancelUserErrors"][0]
    assert unknown["code"] == "NOT_FOUND"


def test_a_return_comes_back_where_it_is_taken(shop: Any) -> None:
    placed = shop.do("checkout", **two_mugs(location=0))
    shop.do("fulfil", order=placed["id"])
    line = read(shop, placed)["lineItems"]["nodes"][0]["id"]
    shop.do("refund", order=placed["id"], line=line, quantity=1, location=EAST)
    order = read(shop, placed)
    assert order["refunds"][0]["refundLineItems"]["nodes"] == [
        {"quantity": 1, "restockType": "RETURN", "location": {"id": EAST}}
    ]
    assert order["lineItems"]["nodes"][0]["currentQuantity"] == 1
    assert stock(shop, "MUG-1") == (8, 8, 0) and stock(shop, "MUG-1", EAST) == (11, 11, 0)


def test_units_taken_out_before_they_left_are_free_again(shop: Any) -> None:
    placed = shop.do("checkout", **two_mugs(location=0))
    line = read(shop, placed)["lineItems"]["nodes"][1]["id"]
    shop.do("edit", order=placed["id"], line=line, quantity=1)
    assert stock(shop, "MUG-2") == (10, 9, 1)
    shop.do("edit", order=placed["id"], add={"sku": "MUG-3", "quantity": 2})
    order = read(shop, placed)
    assert [row["currentQuantity"] for row in order["lineItems"]["nodes"]] == [2, 1, 2]
    assert order["displayFinancialStatus"] in ("PARTIALLY_PAID", "PARTIALLY_REFUNDED")


def test_the_levels_always_add_up(shop: Any) -> None:
    for n in range(6):
        placed = shop.do("checkout", **two_mugs(location=n % 2))
        if n < 2:
            shop.do("fulfil", order=placed["id"], location=(n + 1) % 2)
        elif n == 2:
            shop.do("cancel", order=placed["id"])
        elif n == 3:
            shop.do("refund", order=placed["id"], quantity=1)
            shop.do("move", order=placed["id"], location=0)
            break
    levels = shop.state()["levels"]
    assert all(row["on_hand"] == row["available"] + row["committed"] for row in levels)
    open_units = sum(
        row["remaining"] for o in shop.state()["orders"] for f in o["fulfilment_orders"] for row in f["lines"]
    )
    assert sum(row["committed"] for row in levels) == open_units


LIST = """query L($query: String!, $first: Int!, $after: String) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { id updatedAt } pageInfo { hasNextPage endCursor } } }"""


def test_changed_orders_are_listed_page_by_page(shop: Any) -> None:
    placed = [shop.do("checkout", lines=[{"sku": f"MUG-{n}", "quantity": 1}])["id"] for n in range(5)]
    found: list[str] = []
    after, more = None, True
    while more:
        rows = shop.data(LIST, query="updated_at:>='2020-01-01T00:00:00Z'", first=2, after=after)["orders"]
        found += [row["id"] for row in rows["nodes"]]
        after, more = rows["pageInfo"]["endCursor"], rows["pageInfo"]["hasNextPage"]
    assert sorted(found) == sorted(placed)
    assert shop.data(LIST, query="updated_at:>='2099-01-01T00:00:00Z'", first=2)["orders"]["nodes"] == []


def test_the_state_tells_what_happened_to_each_unit_and_when(shop: Any) -> None:
    before = time.time()
    placed = shop.do("checkout", lines=[{"sku": "MUG-1", "quantity": 3}], location=MAIN)["id"]
    line = _stated(shop, placed)["lines"][0]["id"]
    shop.do("edit", order=placed, line=line, quantity=2)
    shop.do("move", order=placed, location=EAST)
    shop.do("fulfil", order=placed, quantity=1)
    shop.do("refund", order=placed, quantity=1, location=MAIN)
    acts = _stated(shop, placed)["acts"]
    assert [(a["kind"], a["units"], a["location"], a["to"], a["restock"]) for a in acts] == [
        ("promised", 3, MAIN, None, False),
        ("taken_out", 1, MAIN, None, True),
        ("moved", 2, MAIN, EAST, False),
        ("fulfilled", 1, EAST, None, False),
        ("taken_out", 1, EAST, None, True),
    ]
    shop.do("refund", order=placed, quantity=1, location=MAIN)
    back = _stated(shop, placed)["acts"][-1]
    assert (back["kind"], back["location"], back["restock"]) == ("returned", MAIN, True)
    times = [before, *(a["at"] for a in acts), back["at"], time.time()]
    assert times == sorted(times)


def _stated(shop: Any, order: str) -> Any:
    return next(row for row in shop.state()["orders"] if row["id"] == order)
