"""Judging one webhook: who signed it, is it readable, what does it point at. Pure; the listener does the I/O."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import orjson

from adapters.doorbells import Doorbell, Signed, opens, ring_id
from adapters.shopify import webhooks
from adapters.shopify.wire import line
from adapters.standard_webhooks import STANDARD

Source = Literal["shop", "back_office"]


@dataclass(frozen=True, slots=True)
class ConnectionSecrets:
    """Signing secrets of one connection; two of a kind are both valid while one replaces the other."""

    shop_secrets: tuple[str, ...] = ()
    back_office_secrets: tuple[str, ...] = ()
    doorbell: Doorbell | None = None
    """Where the back office signs nothing: the secret part of the address, and how to read what comes there."""
    scheme: Signed = STANDARD
    """How the back office signs what it signs."""

    def __repr__(self) -> str:
        return "ConnectionSecrets(…)"


@dataclass(frozen=True, slots=True)
class Received:
    """A webhook that proved genuine, as it goes into the inbox."""

    connection: str
    source: Source
    webhook_id: str
    topic: str
    resource: str
    """What to read again; '' when the body does not say."""
    resource_version: str
    body: bytes
    triggered_at: datetime | None
    received_at: datetime


class Forged(Exception):
    """No secret of this connection signed these bytes, or there is no such connection."""


class Unreadable(Exception):
    """Genuine, but not JSON."""


_NOBODY = (secrets.token_hex(32),)
"""Checked when there is nothing to check against."""
_STRANGER = ConnectionSecrets(_NOBODY, _NOBODY)
"""Stands for a connection there is none of: what asks for one goes the same way, and takes as long."""


def judge(
    routes: Mapping[str, ConnectionSecrets],
    source: Source,
    connection: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> Received:
    """The row to store; raises Forged or Unreadable. Nothing of the body is looked at before its sender is proven.

    `connection` is what follows the source in the address: a name, and a secret behind it for unsigned webhooks.
    """
    if source == "back_office" and "/" in connection:
        return _rung(routes, connection, body, now)
    known = routes.get(connection, _STRANGER)
    keys = tuple(filter(None, known.shop_secrets if source == "shop" else known.back_office_secrets))
    if source == "shop":
        genuine = webhooks.genuine(body, headers, keys or _NOBODY)
    else:
        genuine = known.scheme.genuine(body, headers, keys or _NOBODY, now)
    if not genuine or not keys:
        raise Forged
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as odd:
        raise Unreadable from odd
    if source == "shop":
        topic = webhooks.topic(headers)
        resource, version = webhooks.resource(topic, said)
        return Received(
            connection,
            source,
            webhooks.webhook_id(headers, body),
            topic,
            resource,
            version,
            body,
            webhooks.triggered_at(headers),
            now,
        )
    told = said if known.scheme.read is None else known.scheme.read(said)
    topic = line(told.get("type"))[:100] if isinstance(told, Mapping) else ""
    return Received(
        connection,
        source,
        line(known.scheme.id(headers, said))[:200],
        topic,
        "",
        "",
        body if known.scheme.read is None else orjson.dumps(told),
        known.scheme.sent_at(headers),
        now,
    )


def _rung(routes: Mapping[str, ConnectionSecrets], address: str, body: bytes, now: datetime) -> Received:
    """The row of an unsigned webhook: what it names, in the words of our inbox, and not what it says."""
    name, _, path = address.partition("/")
    known = routes.get(name)
    bell = known.doorbell if known is not None else None
    genuine = opens(bell.paths if bell is not None else _NOBODY, path)
    if bell is None or not genuine:
        raise Forged
    try:
        told = bell.read(orjson.loads(body))
    except orjson.JSONDecodeError as odd:
        raise Unreadable from odd
    return Received(
        name,
        "back_office",
        ring_id(body, now.isoformat(timespec="seconds")),
        line(told.get("type"))[:100],
        "",
        "",
        orjson.dumps(told),
        None,
        now,
    )
