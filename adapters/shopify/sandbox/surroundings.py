"""What an order's webhook body says beside goods and money: who bought, from where, and what this shop never uses.

Field names and kinds as in Shopify's public payloads of orders/create, 2026-07.
"""

from typing import Any

from adapters.shopify.sandbox.things import Order

Json = dict[str, Any]

ADDRESS: Json = {
    "first_name": "Ada", "last_name": "Sample", "name": "Ada Sample", "company": None, "phone": "",
    "address1": "1 Main Street", "address2": None, "city": "Springfield", "zip": "12345",
    "province": "Illinois", "province_code": "IL", "country": "United States", "country_code": "US",
    "latitude": None, "longitude": None,
}  # fmt: skip
CUSTOMER: Json = {
    "id": 1, "admin_graphql_api_id": "gid://shopify/Customer/1", "email": "ada@example.com",
    "first_name": "Ada", "last_name": "Sample", "phone": None, "note": None, "state": "disabled", "tags": "",
    "verified_email": True, "tax_exempt": False, "tax_exemptions": [], "multipass_identifier": None,
    "created_at": None, "updated_at": None,
}  # fmt: skip
NEVER = (
    "app_id", "browser_ip", "cart_token", "checkout_token", "client_details", "company", "confirmation_number",
    "current_total_additional_fees_set", "current_total_duties_set", "customer_locale", "device_id",
    "landing_site", "landing_site_ref", "merchant_of_record_app_id", "original_total_additional_fees_set",
    "original_total_duties_set", "payment_terms", "po_number", "reference", "referring_site",
    "source_identifier", "source_url", "user_id",
)  # fmt: skip
"""Null in every order of this shop."""


def surroundings(order: Order) -> Json:
    """The fields that no buyer of the sandbox changes."""
    nothing = {
        "shop_money": {"amount": "0.00", "currency_code": order.currency},
        "presentment_money": {"amount": "0.00", "currency_code": order.presentment},
    }
    return dict.fromkeys(NEVER) | {
        "billing_address": ADDRESS,
        "shipping_address": ADDRESS,
        "customer": CUSTOMER | {"currency": order.currency},
        "buyer_accepts_marketing": False,
        "duties_included": False,
        "estimated_taxes": False,
        "tax_exempt": False,
        "line_item_groups": [],
        "returns": [],
        "merchant_business_entity_id": "1",
        "order_status_url": f"https://sandbox.myshopify.com/orders/{order.number}",
        "token": f"{order.number:032x}",
        "total_cash_rounding_payment_adjustment_set": nothing,
        "total_cash_rounding_refund_adjustment_set": nothing,
    }
