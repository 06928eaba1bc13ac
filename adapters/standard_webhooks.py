"""Standard Webhooks, the signature scheme back offices use: id, time and body are signed together."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from adapters.doorbells import Signed

TOLERANCE = 300.0
"""Seconds a signature may be old, or ahead of our clock."""
PREFIX = "whsec_"


def genuine(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> bool:
    """True when one of the secrets signed this id, time and body, and the time is near `now`."""
    signed = b".".join(
        (headers.get("webhook-id", "").encode(), headers.get("webhook-timestamp", "").encode(), body)
    )
    given = [
        part[3:].encode()
        for part in headers.get("webhook-signature", "").split(" ")
        if part.startswith("v1,")
    ]
    fits = [
        hmac.compare_digest(base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()), signature)
        for key in map(key_of, filter(None, secrets))
        for signature in given[:8] or [b""]
    ]
    sent = sent_at(headers)
    return (
        any(fits)
        and bool(headers.get("webhook-id"))
        and sent is not None
        and abs((now - sent).total_seconds()) <= TOLERANCE
    )


def key_of(secret: str) -> bytes:
    """The signing key: base64 as the scheme writes it, or the text itself when it is none."""
    text = secret.removeprefix(PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    return key or secret.encode()


def sent_at(headers: Mapping[str, str]) -> datetime | None:
    """The time in the header; None when it is no plain number of seconds."""
    text = headers.get("webhook-timestamp", "")
    if not (text.isascii() and text.isdigit()) or len(text) > 11:
        return None
    return datetime.fromtimestamp(int(text), UTC)


STANDARD = Signed(genuine, lambda headers, _said: headers["webhook-id"], sent_at)
"""The scheme of a back office whose kind declares nothing else; its bodies speak the words of our inbox."""
