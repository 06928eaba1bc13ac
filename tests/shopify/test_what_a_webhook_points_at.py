"""Each topic points at the object to read again, whatever shape its body has."""

import pytest

from adapters.shopify.webhooks import resource

ORDER = "gid://shopify/Order/7"
BODIES = [
    ("orders/create", {"id": 7, "admin_graphql_api_id": ORDER}, ORDER),
    ("orders/delete", {"id": 7}, ORDER),
    ("orders/edited", {"order_edit": {"id": 1, "order_id": 7}}, ORDER),
    ("refunds/create", {"id": 1, "admin_graphql_api_id": "gid://shopify/Refund/1", "order_id": 7}, ORDER),
    ("fulfillments/update", {"id": 1, "order_id": "7"}, ORDER),
    ("returns/process", {"order": {"admin_graphql_api_id": ORDER}}, ORDER),
    ("fulfillment_orders/moved", {"moved_fulfillment_order": {"id": "gid://shopify/FulfillmentOrder/3"}},
     "gid://shopify/FulfillmentOrder/3"),
    ("inventory_levels/update", {"inventory_item_id": 9, "location_id": 1, "available": 4}, "gid://shopify/InventoryItem/9"),
    ("inventory_levels/disconnect", {"inventory_item_id": 9}, "gid://shopify/InventoryItem/9"),
    ("inventory_items/update", {"id": 9}, "gid://shopify/InventoryItem/9"),
    ("products/delete", {"id": 3}, "gid://shopify/Product/3"),
    ("locations/update", {"id": 2}, "gid://shopify/Location/2"),
    ("app/uninstalled", {"admin_graphql_api_id": "gid://shopify/App/1"}, "gid://shopify/App/1"),
    ("orders/create", {"id": True}, ""),
    ("orders/create", {"id": "7; drop"}, ""),
    ("orders/create", {"id": "７"}, ""),
    ("refunds/create", {"order": "x", "order_id": None}, ""),
    ("", {}, ""),
    ("orders/create", [], ""),
]  # fmt: skip


@pytest.mark.parametrize(("topic", "body", "points_at"), BODIES)
def test_a_webhook_points_at_what_to_read_again(topic, body, points_at):
    assert resource(topic, body)[0] == points_at


def test_the_version_is_what_the_body_says_without_control_characters():
    assert resource("orders/create", {"id": 7, "updated_at": "2026\x00-11"})[1] == "2026-11"
    assert resource("orders/create", {"id": 7})[1] == ""
