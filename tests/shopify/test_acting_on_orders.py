"""Fulfilling, moving and cancelling look first, because Shopify keeps no idempotency key for them."""

import pytest

from engine.model.failure import OutcomeUnknown, Refused, TryLater
from engine.model.ids import LocationId, OrderId

ORDER = OrderId("gid://shopify/Order/1")
HERE, THERE = LocationId("L1"), LocationId("L2")


def fulfilment_order(status: str = "OPEN", remaining: int = 2, order: str = ORDER) -> dict[str, object]:
    return {
        "fulfillmentOrder": {
            "id": "fo1",
            "status": status,
            "orderId": order,
            "assignedLocation": {"location": {"id": HERE}},
            "lineItems": {
                "nodes": [{"id": "fol1", "remainingQuantity": remaining, "lineItem": {"id": "li1"}}],
                "pageInfo": {"hasNextPage": False, "endCursor": None},
            },
        }
    }


async def test_units_are_reported_by_the_lines_of_the_fulfilment_order(shop, scripted):
    scripted.answers(
        fulfilment_order(), {"fulfillmentCreate": {"fulfillment": {"id": "f"}, "userErrors": []}}
    )
    await shop.fulfil(ORDER, "fo1", {"li1": 2, "li2": 0}, key="k")
    (group,) = scripted.asked[1]["variables"]["fulfilment"]["lineItemsByFulfillmentOrder"]
    assert group == {
        "fulfillmentOrderId": "fo1",
        "fulfillmentOrderLineItems": [{"id": "fol1", "quantity": 2}],
    }


@pytest.mark.parametrize(
    "now",
    [
        fulfilment_order(status="CLOSED"),
        fulfilment_order(remaining=1),
        fulfilment_order(order="gid://shopify/Order/2"),
        {"fulfillmentOrder": None},
    ],
    ids=["closed", "fewer left", "another order's", "gone"],
)
async def test_a_fulfilment_order_that_changed_is_left_alone(shop, scripted, now):
    scripted.answers(*[now] * 3)
    with pytest.raises(TryLater) as changed:
        await shop.fulfil(ORDER, "fo1", {"li1": 2}, key="k")
    assert changed.value.code == "fulfilment_order_changed"
    assert all("mutation" not in asked["query"] for asked in scripted.asked)


async def test_moving_to_where_it_is_does_nothing(shop, scripted):
    scripted.answers(fulfilment_order())
    await shop.move_fulfilment_order("fo1", HERE, {"li1": 2}, key="k")
    assert len(scripted.asked) == 1


MOVED = {"fulfillmentOrderMove": {"movedFulfillmentOrder": {"id": "fo2"}, "userErrors": []}}


async def test_what_moves_whole_is_named_without_lines(shop, scripted):
    scripted.answers(fulfilment_order(), MOVED)
    await shop.move_fulfilment_order("fo1", THERE, {"li1": 2}, key="k")
    assert scripted.asked[1]["variables"] == {"id": "fo1", "location": THERE}


async def test_a_part_moves_by_the_lines_of_the_fulfilment_order(shop, scripted):
    scripted.answers(fulfilment_order(), MOVED)
    await shop.move_fulfilment_order("fo1", THERE, {"li1": 1}, key="k")
    assert scripted.asked[1]["variables"]["lines"] == [{"id": "fol1", "quantity": 1}]


async def test_units_that_are_not_there_any_more_do_not_move(shop, scripted):
    scripted.answers(*[fulfilment_order(remaining=1)] * 3)
    with pytest.raises(TryLater) as changed:
        await shop.move_fulfilment_order("fo1", THERE, {"li1": 2}, key="k")
    assert changed.value.code == "fulfilment_order_changed"
    assert all("mutation" not in asked["query"] for asked in scripted.asked)


async def test_a_refused_move_says_why(shop, scripted):
    said = [{"code": "X", "field": ["id"], "message": "Cannot change location."}]
    scripted.answers(
        fulfilment_order(), {"fulfillmentOrderMove": {"movedFulfillmentOrder": None, "userErrors": said}}
    )
    with pytest.raises(Refused, match="Cannot change location"):
        await shop.move_fulfilment_order("fo1", THERE, {"li1": 2}, key="k")


def cancelled(when: str | None) -> dict[str, object]:
    return {"order": {"id": ORDER, "cancelledAt": when, "displayFulfillmentStatus": "UNFULFILLED"}}


ACCEPTED = {"orderCancel": {"job": {"id": "j", "done": False}, "orderCancelUserErrors": []}}


async def test_a_cancelled_order_is_not_cancelled_again(shop, scripted):
    scripted.answers(cancelled("2026-11-23T10:00:00Z"))
    await shop.cancel_order(ORDER, key="k")


async def test_a_cancellation_is_seen_through(shop, scripted):
    scripted.answers(cancelled(None), ACCEPTED, cancelled(None), cancelled("2026-11-23T10:00:00Z"))
    await shop.cancel_order(ORDER, key="k")
    assert scripted.script == []


async def test_a_cancellation_that_does_not_come_is_unknown(shop, scripted):
    scripted.answers(cancelled(None), ACCEPTED, *[cancelled(None)] * 5)
    with pytest.raises(OutcomeUnknown):
        await shop.cancel_order(ORDER, key="k")


async def test_an_equal_subscription_is_success(shop, scripted):
    said = [
        {
            "field": ["webhookSubscription", "callbackUrl"],
            "message": "Address for this topic has already been taken",
        }
    ]
    scripted.answers({"webhookSubscriptionCreate": {"webhookSubscription": None, "userErrors": said}})
    await shop.subscribe("ORDERS_UPDATED", "https://trueup.test/webhooks/shopify/main")
