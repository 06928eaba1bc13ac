"""Every topic the engine reads carries the fields Shopify's own payloads carry, under their names and kinds."""

import json
from typing import Any

import pytest

from adapters.shopify.sandbox import payloads
from engine.flows.watch import TOPICS


def fields(names: str) -> frozenset[str]:
    return frozenset(names.split())


MONEY = {"shop_money", "presentment_money"}
ORDER = fields(
    "admin_graphql_api_id app_id billing_address browser_ip buyer_accepts_marketing cancel_reason cancelled_at"
    " cart_token checkout_token client_details closed_at company confirmation_number confirmed contact_email"
    " created_at currency current_shipping_price_set current_subtotal_price current_subtotal_price_set"
    " current_total_additional_fees_set current_total_discounts current_total_discounts_set"
    " current_total_duties_set current_total_price current_total_price_set current_total_tax"
    " current_total_tax_set customer customer_locale device_id discount_applications discount_codes"
    " duties_included email estimated_taxes financial_status fulfillment_status fulfillments id landing_site"
    " landing_site_ref line_item_groups line_items location_id merchant_business_entity_id"
    " merchant_of_record_app_id name note note_attributes number order_number order_status_url"
    " original_total_additional_fees_set original_total_duties_set payment_gateway_names payment_terms phone"
    " po_number presentment_currency processed_at reference referring_site refunds returns shipping_address"
    " shipping_lines source_identifier source_name source_url subtotal_price subtotal_price_set tags tax_exempt"
    " tax_lines taxes_included test token total_cash_rounding_payment_adjustment_set"
    " total_cash_rounding_refund_adjustment_set total_discounts total_discounts_set total_line_items_price"
    " total_line_items_price_set total_outstanding total_price total_price_set total_shipping_price_set"
    " total_tax total_tax_set total_tip_received total_weight updated_at user_id"
)
REFUND = fields(
    "admin_graphql_api_id created_at duties id note order_adjustments order_id processed_at refund_line_items"
    " refund_shipping_lines restock return total_duties_set transactions"
)
FULFILMENT = fields(
    "admin_graphql_api_id created_at id line_items location_id name order_id origin_address receipt service"
    " shipment_status status tracking_company tracking_number tracking_numbers tracking_url tracking_urls"
    " updated_at"
)
LEVEL = fields("admin_graphql_api_id available inventory_item_id location_id updated_at")
TRANSACTION = fields(
    "admin_graphql_api_id amount amount_rounding authorization created_at currency device_id error_code gateway id"
    " kind location_id manual_payment_gateway message order_id parent_id payment_id processed_at receipt"
    " source_name status test total_unsettled_set user_id"
)
BODIES = {
    "TRANSACTION": TRANSACTION,
    "ORDER": ORDER,
    "REFUND": REFUND,
    "FULFILMENT": FULFILMENT,
    "LEVEL": LEVEL,
}
CARRIED = {
    "ORDERS_CREATE": "ORDER",
    "ORDERS_UPDATED": "ORDER",
    "ORDERS_CANCELLED": "ORDER",
    "REFUNDS_CREATE": "REFUND",
    "ORDER_TRANSACTIONS_CREATE": "TRANSACTION",
    "FULFILLMENTS_CREATE": "FULFILMENT",
    "INVENTORY_LEVELS_UPDATE": "LEVEL",
}
"""Topic, and the body it carries."""


@pytest.fixture
def bodies(opened: Any) -> dict[str, Any]:
    """The body of each kind of subject, as it goes over the line."""
    shop = opened()
    placed = shop.do("checkout", lines=[{"sku": "MUG-1", "quantity": 2}], location=0)
    shop.do("fulfil", order=placed["id"], quantity=1)
    shop.do("refund", order=placed["id"])
    world = shop.sandbox.shop
    order = world.order(placed["id"])
    level = next(iter(world.levels.values()))
    subjects = {
        "ORDER": order, "REFUND": order.refunds[0], "FULFILMENT": order.fulfilments[0], "LEVEL": level,
        "TRANSACTION": order.transactions[-1],
    }  # fmt: skip
    return {name: json.loads(json.dumps(payloads.body_of(subject))) for name, subject in subjects.items()}


def test_every_topic_we_subscribe_to_is_described_here() -> None:
    assert set(TOPICS) == set(CARRIED)


def test_each_body_has_exactly_shopifys_fields(bodies: dict[str, Any]) -> None:
    assert {name: set(body) for name, body in bodies.items()} == BODIES


def test_money_is_text_but_for_the_sums_of_refunded_lines(bodies: dict[str, Any]) -> None:
    order, refund = bodies["ORDER"], bodies["REFUND"]
    assert all(
        isinstance(order[name], str) for name in order if name.endswith(("_price", "_tax", "_discounts"))
    )
    assert all(
        set(order[name]) == MONEY for name in order if name.endswith("_set") and order[name] is not None
    )
    assert refund["refund_line_items"]
    for line in refund["refund_line_items"]:
        assert isinstance(line["subtotal"], float) and isinstance(line["total_tax"], float)
        assert set(line["subtotal_set"]) == MONEY


def test_ids_are_numbers_beside_the_gid(bodies: dict[str, Any]) -> None:
    assert bodies["REFUND"]["order_id"] == bodies["FULFILMENT"]["order_id"] == bodies["ORDER"]["id"]
    assert bodies["ORDER"]["admin_graphql_api_id"] == f"gid://shopify/Order/{bodies['ORDER']['id']}"
    assert all(
        type(bodies["LEVEL"][name]) is int for name in ("inventory_item_id", "location_id", "available")
    )
