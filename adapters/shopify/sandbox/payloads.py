"""Webhook bodies in the shape of the REST resources Shopify sends."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.shopify.sandbox.bulk import BulkOperation
from adapters.shopify.sandbox.bulk_body import finish_body
from adapters.shopify.sandbox.checkout import subtotal, total_price, total_tax
from adapters.shopify.sandbox.money import NOTHING, Bag, total
from adapters.shopify.sandbox.order_totals import (
    current_discounts,
    current_shipping,
    current_subtotal,
    current_tax,
    current_total,
    discounts,
    financial_status,
    fulfilment_status,
    merged,
    outstanding,
    shipping_price,
    unsettled,
)
from adapters.shopify.sandbox.surroundings import surroundings
from adapters.shopify.sandbox.things import (
    Fulfilment,
    Item,
    Level,
    Line,
    Order,
    Refund,
    Tax,
    Transaction,
    gid,
)

Json = dict[str, Any]


def stamp(moment: datetime | None) -> str | None:
    """A time as REST writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00") if moment else None


def plain(amount: Decimal) -> str:
    """An amount with its cents."""
    return format(amount, "f")


def both(bag: Bag, order: Order) -> Json:
    """A MoneySet."""
    return {
        "shop_money": {"amount": plain(bag.shop), "currency_code": order.currency},
        "presentment_money": {"amount": plain(bag.presentment), "currency_code": order.presentment},
    }


def tax(row: Tax, order: Order) -> Json:
    """A tax line."""
    return {
        "title": row.title,
        "rate": float(row.rate),
        "price": plain(row.amount.shop),
        "price_set": both(row.amount, order),
        "channel_liable": False,
    }


def line(row: Line, order: Order) -> Json:
    """A line item."""
    off = total([share.amount for share in row.shares])
    return {
        "id": row.number,
        "admin_graphql_api_id": row.gid,
        "sku": row.sku,
        "name": row.item.title,
        "title": row.item.title,
        "variant_title": None,
        "vendor": "Sandbox",
        "variant_id": row.item.variant,
        "product_id": row.item.product,
        "product_exists": True,
        "variant_inventory_management": "shopify",
        "quantity": row.quantity,
        "current_quantity": row.quantity - row.removed,
        "fulfillable_quantity": row.waiting,
        "fulfillment_service": "manual",
        "fulfillment_status": None if not row.fulfilled else "partial" if row.waiting else "fulfilled",
        "requires_shipping": row.item.ships,
        "gift_card": False,
        "taxable": True,
        "grams": 0,
        "properties": [],
        "duties": [],
        "attributed_staffs": [],
        "sales_line_item_group_id": None,
        "price": plain(row.unit_price.shop),
        "price_set": both(row.unit_price, order),
        "pre_tax_price": plain(row.discounted.shop),
        "total_discount": "0.00",
        "total_discount_set": both(off - off, order),
        "tax_lines": [tax(entry, order) for entry in row.taxes],
        "discount_allocations": [
            {
                "amount": plain(share.amount.shop),
                "amount_set": both(share.amount, order),
                "discount_application_index": share.discount.index,
            }
            for share in row.shares
        ],
    }


def fulfilment(done: Fulfilment) -> Json:
    """A fulfilment."""
    order = done.order
    return {
        "id": done.number,
        "admin_graphql_api_id": gid("Fulfillment", done.number),
        "order_id": order.number,
        "name": done.name,
        "status": "success",
        "shipment_status": None,
        "service": "manual",
        "location_id": done.location.number,
        "created_at": stamp(done.created_at),
        "updated_at": stamp(done.created_at),
        "tracking_company": next((company for company, _, _ in done.tracking), None),
        "tracking_number": next((number for _, number, _ in done.tracking), None),
        "tracking_numbers": [number for _, number, _ in done.tracking if number],
        "tracking_url": next((url for _, _, url in done.tracking), None),
        "tracking_urls": [url for _, _, url in done.tracking if url],
        "origin_address": {},
        "receipt": {},
        "line_items": [{**line(row, order), "quantity": count} for _, row, count in done.lines],
    }


def transaction(done: Transaction) -> Json:
    """A transaction; its amount is in the buyer's currency, as at Shopify."""
    return {
        "id": done.number,
        "admin_graphql_api_id": gid("OrderTransaction", done.number),
        "order_id": done.order.number,
        "kind": done.kind.lower(),
        "gateway": done.gateway,
        "status": "success",
        "message": None,
        "test": False,
        "authorization": None,
        "location_id": None,
        "user_id": None,
        "device_id": None,
        "error_code": None,
        "source_name": done.order.source,
        "receipt": {},
        "payment_id": f"{done.order.name}.{done.order.transactions.index(done) + 1}",
        "total_unsettled_set": both(
            unsettled(done.order, done) if done.kind == "AUTHORIZATION" else NOTHING, done.order
        ),
        "manual_payment_gateway": done.gateway == "manual",
        "amount_rounding": None,
        "amount": plain(done.amount.presentment),
        "currency": done.order.presentment,
        "created_at": stamp(done.created_at),
        "processed_at": stamp(done.created_at),
        "parent_id": done.parent.number if done.parent else None,
    }


def adjustment(done: Refund) -> Json:
    """What a refund pays less than it gives back."""
    less = NOTHING - done.adjustment
    return {
        "id": done.number,
        "order_id": done.order.number,
        "refund_id": done.number,
        "kind": "refund_discrepancy",
        "reason": "Refund discrepancy",
        "amount": plain(less.shop),
        "amount_set": both(less, done.order),
        "tax_amount": "0.00",
        "tax_amount_set": both(NOTHING, done.order),
    }


def refund(done: Refund) -> Json:
    """A refund; its line sums are JSON numbers, as at Shopify."""
    order = done.order
    return {
        "id": done.number,
        "admin_graphql_api_id": gid("Refund", done.number),
        "order_id": order.number,
        "created_at": stamp(done.created_at),
        "processed_at": stamp(done.created_at),
        "note": done.note,
        "restock": any(row.restock != "NO_RESTOCK" for row in done.lines),
        "return": None,
        "duties": [],
        "order_adjustments": [adjustment(done)] if done.adjustment != NOTHING else [],
        "refund_shipping_lines": [
            {
                "id": charge.number,
                "shipping_line_id": charge.number,
                "subtotal_amount_set": both(charge.price, order),
                "tax_amount_set": both(total([entry.amount for entry in charge.taxes]), order),
            }
            for charge in done.shipping
        ],
        "total_duties_set": both(total([]), order),
        "transactions": [transaction(entry) for entry in done.transactions],
        "refund_line_items": [
            {
                "id": row.number,
                "line_item_id": row.line.number,
                "line_item": line(row.line, order),
                "quantity": row.quantity,
                "restock_type": row.restock.lower(),
                "location_id": row.location.number if row.location else None,
                "subtotal": float(row.subtotal.shop),
                "subtotal_set": both(row.subtotal, order),
                "total_tax": float(row.tax.shop),
                "total_tax_set": both(row.tax, order),
            }
            for row in done.lines
        ],
    }


def order_body(order: Order) -> Json:
    """An order; without transactions, as at Shopify."""
    sets = {
        "subtotal_price": subtotal(order),
        "total_price": total_price(order),
        "total_tax": total_tax(order),
        "total_discounts": discounts(order),
        "total_line_items_price": total([row.original for row in order.lines]),
        "current_subtotal_price": current_subtotal(order),
        "current_total_price": current_total(order),
        "current_total_tax": current_tax(order),
        "current_total_discounts": current_discounts(order),
    }
    shipped = fulfilment_status(order)
    return surroundings(order) | {
        "id": order.number,
        "admin_graphql_api_id": order.gid,
        "name": order.name,
        "number": order.serial - 1000,
        "order_number": order.serial,
        "confirmed": True,
        "test": False,
        "source_name": order.source,
        "location_id": order.retail.number if order.retail else None,
        "currency": order.currency,
        "presentment_currency": order.presentment,
        "taxes_included": order.taxes_included,
        "created_at": stamp(order.created_at),
        "processed_at": stamp(order.created_at),
        "updated_at": stamp(order.updated_at),
        "cancelled_at": stamp(order.cancelled_at),
        "cancel_reason": order.cancel_reason.lower() if order.cancel_reason else None,
        "closed_at": None,
        "financial_status": financial_status(order).lower(),
        "fulfillment_status": {"UNFULFILLED": None, "PARTIALLY_FULFILLED": "partial"}.get(
            shipped, "fulfilled"
        ),
        "email": "ada@example.com",
        "contact_email": "ada@example.com",
        "phone": None,
        "note": None,
        "note_attributes": [],
        "tags": "",
        "payment_gateway_names": list(dict.fromkeys(entry.gateway for entry in order.transactions)),
        "total_outstanding": plain(outstanding(order).shop),
        "total_shipping_price_set": both(shipping_price(order), order),
        "current_shipping_price_set": both(current_shipping(order), order),
        "total_tip_received": "0.00",
        "total_weight": 0,
        **{name: plain(bag.shop) for name, bag in sets.items()},
        **{f"{name}_set": both(bag, order) for name, bag in sets.items()},
        "tax_lines": [tax(row, order) for row in merged(order)],
        "discount_codes": [
            {
                "code": row.title,
                "amount": plain(discounts(order).shop),
                "type": "percentage" if row.percent else "fixed_amount",
            }
            for row in order.discounts
            if row.kind == "code"
        ],
        "discount_applications": [
            {
                "type": "discount_code" if row.kind == "code" else "manual",
                "title": row.title,
                "code": row.title,
                "value": plain(row.percent if row.percent is not None else row.amount or Decimal(0)),
                "value_type": "percentage" if row.percent is not None else "fixed_amount",
                "target_type": "line_item",
                "target_selection": "all" if row.across else "explicit",
                "allocation_method": "across",
            }
            for row in order.discounts
        ],
        "line_items": [line(row, order) for row in order.lines],
        "shipping_lines": [
            {
                "id": charge.number,
                "title": charge.title,
                "code": charge.title,
                "source": "shopify",
                "price": plain(charge.price.shop),
                "price_set": both(charge.price, order),
                "discounted_price": plain(charge.price.shop),
                "discounted_price_set": both(charge.price, order),
                "discount_allocations": [],
                "is_removed": False,
                "tax_lines": [tax(row, order) for row in charge.taxes],
            }
            for charge in order.shipping
        ],
        "fulfillments": [fulfilment(done) for done in order.fulfilments],
        "refunds": [refund(done) for done in order.refunds],
    }


def level_body(level: Level) -> Json:
    """An inventory level: only what is available, as at Shopify."""
    return {
        "admin_graphql_api_id": level.gid,
        "inventory_item_id": level.item.number,
        "location_id": level.location.number,
        "available": level.units["available"],
        "updated_at": stamp(level.updated_at),
    }


def product_body(item: Item) -> Json:
    """A product with the variant that changed."""
    return {
        "id": item.product,
        "admin_graphql_api_id": gid("Product", item.product),
        "title": item.shown.title,
        "handle": item.shown.handle,
        "status": item.shown.status.lower(),
        "vendor": item.shown.vendor,
        "created_at": stamp(item.created_at),
        "updated_at": stamp(item.updated_at),
        "variants": [
            {
                "id": item.variant,
                "product_id": item.product,
                "sku": item.sku,
                "price": plain(item.price),
                "inventory_item_id": item.number,
                "updated_at": stamp(item.updated_at),
            }
        ],
    }


def body_of(subject: Any) -> Json:
    """The body for whatever changed."""
    match subject:
        case Order():
            return order_body(subject)
        case Level():
            return level_body(subject)
        case Fulfilment():
            return fulfilment(subject)
        case Refund():
            return refund(subject)
        case Transaction():
            return transaction(subject)
        case Item():
            return product_body(subject)
        case BulkOperation():
            return finish_body(subject)
    raise TypeError(f"no webhook body for {subject!r}")
