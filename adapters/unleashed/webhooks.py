"""Unleashed's webhooks: signed with their time, as Unleashed does it.

`x-unleashed-signature` is the base64 of an HMAC-SHA256 over `x-unleashed-timestamp`, a full stop and the raw body, by
the key that was shown when the subscription was made. A time further than five minutes from ours is not believed.
There is no event of stock; events of orders and products name what to read again.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from adapters.doorbells import Signed, Told
from adapters.external_ids import GID
from adapters.unleashed.client import signature
from adapters.unleashed.wire import CHARGE

WINDOW = 300.0
"""Seconds a message may be old, or ahead of our clock."""
MOST = 500
"""SKUs that one message may name; what is beyond, the next poll finds."""


def genuine(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> bool:
    """True when one of the secrets signed this time and body, and the time is near `now`."""
    signed = headers.get("x-unleashed-timestamp", "").encode("latin-1") + b"." + body
    given = headers.get("x-unleashed-signature", "").encode("latin-1")
    fits = [
        hmac.compare_digest(signature(key.encode(), signed).encode(), given) for key in filter(None, secrets)
    ]
    at = sent_at(headers)
    return any(fits) and at is not None and abs((now - at).total_seconds()) <= WINDOW


def sent_at(headers: Mapping[str, str]) -> datetime | None:
    """The time in the header; None when it is no plain number of seconds."""
    text = headers.get("x-unleashed-timestamp", "")
    if not (text.isascii() and text.isdigit()) or len(text) > 11:
        return None
    return datetime.fromtimestamp(int(text), UTC)


def webhook_id(headers: Mapping[str, str], said: object) -> str:
    """The message's own id; without one, that of its signature."""
    own = said.get("eventNotificationId") if isinstance(said, dict) else None
    return str(own) if own else sha256(headers.get("x-unleashed-signature", "").encode("latin-1")).hexdigest()


def named(said: object) -> Told:
    """The topic, the SKUs and the orders of a message; whatever else it is, it names nothing."""
    if not isinstance(said, dict):
        return {"type": "", "skus": [], "refs": []}
    topic = str(said.get("eventType") or "")[:100].lower()
    data: Any = said.get("data")
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except ValueError:
            data = None
    if not isinstance(data, dict):
        return {"type": topic, "skus": [], "refs": []}
    lines = data.get("SalesOrderLines")
    goods = [each for each in lines if isinstance(each, dict)] if isinstance(lines, list) else []
    products = [each.get("Product") for each in goods if each.get("LineType") != CHARGE]
    codes = {str(data["ProductCode"])} if isinstance(data.get("ProductCode"), str) else set()
    codes |= {
        each["ProductCode"] for each in products if isinstance(each, dict) and _text(each, "ProductCode")
    }
    source = data.get("SourceId")
    number = source.rpartition("-")[2] if isinstance(source, str) else ""
    refs = [f"{GID}{number}"] if number.isascii() and number.isdigit() else []
    return {"type": topic, "skus": sorted(codes)[:MOST], "refs": refs}


def _text(said: Mapping[str, Any], name: str) -> bool:
    return isinstance(said.get(name), str) and bool(said[name])


WEBHOOKS = Signed(genuine, webhook_id, sent_at, named)
