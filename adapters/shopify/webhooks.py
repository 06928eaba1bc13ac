"""Shopify's webhooks: is it really the shop, and which object should be read again. Only the body is signed."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.shopify.wire import line, moment

_HMAC = "x-shopify-hmac-sha256"


def genuine(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """True when one of the secrets signed these bytes; takes the same path whatever is wrong."""
    given = headers.get(_HMAC, "").encode("latin-1", "replace")
    fits = [hmac.compare_digest(sign(body, secret), given) for secret in secrets if secret]
    return any(fits)


def sign(body: bytes, secret: str) -> bytes:
    """The digest Shopify sends with these bytes."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())


def webhook_id(headers: Mapping[str, str], body: bytes) -> str:
    """The id of this delivery, equal in its repetitions; derived from the body when the header is missing."""
    return line(headers.get("x-shopify-webhook-id"))[:200] or f"sha256:{hashlib.sha256(body).hexdigest()}"


def topic(headers: Mapping[str, str]) -> str:
    """Such as orders/updated; not signed, so it decides nothing but the shape of the body."""
    return line(headers.get("x-shopify-topic"))[:100]


def triggered_at(headers: Mapping[str, str]) -> datetime | None:
    """When the event happened, as far as it can be read."""
    try:
        return moment(headers["x-shopify-triggered-at"])
    except (KeyError, ValueError):
        return None


def resource(topic: str, body: object) -> tuple[str, str]:
    """(GID of what to read again, its version); '' where the body does not say."""
    if not isinstance(body, Mapping):
        return "", ""
    family = topic.partition("/")[0]
    found = _FAMILIES[family](body) if family in _FAMILIES else _own(body)
    return found[:300], line(body.get("updated_at"))[:64]


def _own(body: Mapping[str, Any]) -> str:
    own = body.get("admin_graphql_api_id")
    return line(own) if isinstance(own, str) else ""


def _numbered(kind: str, body: object, *fields: str) -> str:
    if isinstance(body, Mapping):
        for field in fields:
            number = body.get(field)
            if type(number) is int or (isinstance(number, str) and number.isascii() and number.isdigit()):
                return f"gid://shopify/{kind}/{number}"
            if isinstance(number, str) and number.startswith(f"gid://shopify/{kind}/"):
                return line(number)
    return ""


def _order(body: Mapping[str, Any]) -> str:
    return (
        _own(body) or _numbered("Order", body, "id") or _numbered("Order", body.get("order_edit"), "order_id")
    )


def _of_order(body: Mapping[str, Any]) -> str:
    inner = body.get("order")
    return (
        _numbered("Order", body, "order_id")
        or (_own(inner) or _numbered("Order", inner, "id") if isinstance(inner, Mapping) else "")
        or _own(body)
    )


def _fulfilment_order(body: Mapping[str, Any]) -> str:
    for field in ("fulfillment_order", "moved_fulfillment_order", "original_fulfillment_order"):
        inner = body.get(field)
        if isinstance(inner, Mapping):
            return _numbered("Order", inner, "order_id") or _numbered("FulfillmentOrder", inner, "id")
    return ""


def _item(body: Mapping[str, Any]) -> str:
    return _numbered("InventoryItem", body, "inventory_item_id", "id")


def _product(body: Mapping[str, Any]) -> str:
    return _own(body) or _numbered("Product", body, "id")


def _location(body: Mapping[str, Any]) -> str:
    return _own(body) or _numbered("Location", body, "id")


_FAMILIES = {
    "orders": _order,
    "refunds": _of_order,
    "fulfillments": _of_order,
    "order_transactions": _of_order,
    "returns": _of_order,
    "fulfillment_orders": _fulfilment_order,
    "inventory_levels": _item,
    "inventory_items": _item,
    "products": _product,
    "locations": _location,
}
