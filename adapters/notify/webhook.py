"""A signed webhook: JSON by POST, signed as Standard Webhooks.

Unless the channel is allowed inside, the target must be https, and every address its name resolves to must be public;
the one that was judged is the one that is connected to. No redirect is followed, no reply is shown.
"""

import asyncio
import base64
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import httpx
import orjson
from standardwebhooks.webhooks import Webhook as Signature

from adapters.http import build, make_client, send
from adapters.notify.addresses import is_public
from adapters.standard_webhooks import PREFIX
from engine.model.clock import Clock
from engine.model.failure import Misset, Refused, TryLater
from engine.ports import Event, Message

WHO = "webhook channel"
REPLY_LIMIT = 64 * 1024
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def addresses_of(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Webhook:
    """Implements `engine.ports.Notifier` and `Subscriber` over a webhook of somebody's own."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        inside: bool,
        clock: Clock,
        resolve: Resolve = addresses_of,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`key` signs (`whsec_…`); `inside` lets it reach our own network, and plain http there. Raises Misset."""
        try:
            parts = urlsplit(url)
            self._port = parts.port or (443 if parts.scheme == "https" else 80)
            self._host, scheme = parts.hostname or "", parts.scheme
        except ValueError:
            self._host, scheme = "", ""
        if not self._host or scheme not in ("https", *(("http",) if inside else ())) or parts.username:
            raise Misset(
                "The target of a webhook channel is not an https address",
                "Write https://HOST/PATH without a password in it; plain http is for channels that may reach inside",
                code="channel_target",
            )
        self._signature = Signature(_sound(key))
        self._url, self._inside, self._clock, self._resolve = url, inside, clock, resolve
        self._client = make_client(transport=transport, connect_seconds=5.0, read_seconds=10.0)

    async def tell(self, message: Message) -> None:
        """Post it; taken is what is answered with 2xx."""
        await self._post(message.id, orjson.dumps(_said(message)))

    async def hand(self, event: Event) -> None:
        """Post it, in the words in which our own inbox is told by back offices; see `engine.ports.Subscriber`."""
        told = {
            "type": event.type,
            "timestamp": event.at.isoformat(),
            "connection": event.connection,
            "skus": event.skus,
            "refs": event.refs,
        }
        await self._post(event.id, orjson.dumps(told))

    async def _post(self, number: str, body: bytes) -> None:
        sent = self._clock.now()
        headers = {
            "content-type": "application/json",
            "user-agent": "TrueUp",
            "webhook-id": number,
            "webhook-timestamp": str(int(sent.timestamp())),
            "webhook-signature": self._signature.sign(number, sent, body.decode()),
        }
        address = await self._address()
        request = build(self._client, "POST", self._url, who=WHO, content=body, headers=headers)
        # the name stays in Host and in the certificate's check; the connection goes to the address that was judged
        request.url = request.url.copy_with(host=address)
        request.extensions = {**request.extensions, "sni_hostname": self._host}
        reply = await send(self._client, request, who=WHO, write=False, at_most=20.0, reply_limit=REPLY_LIMIT)
        if 300 <= reply.status_code < 400:
            raise Refused(
                "The webhook channel answers with a redirect, which is not followed",
                "Give the address it should go to",
                code="channel_redirect",
            )
        if not 200 <= reply.status_code < 300:
            raise TryLater(
                f"The webhook channel answered {reply.status_code}",
                "Look at its own log",
                code="channel_status",
            )

    async def _address(self) -> str:
        try:
            found = await self._resolve(self._host, self._port)
        except OSError as trouble:
            raise TryLater(
                f"The name of the webhook channel's host is not known ({type(trouble).__name__})",
                "Correct the target, or look at the resolver",
                code="channel_name",
            ) from trouble
        if not found or (not self._inside and not all(is_public(each) for each in found)):
            raise Refused(
                "The webhook channel's host is inside the network",
                "Give a public address, or allow the channel to reach inside (inside = true)",
                code="channel_inside",
            )
        return found[0]

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()


def _sound(key: str) -> str:
    """The key, if it is one of Standard Webhooks: 24 to 64 bytes as base64 behind `whsec_`; raises Misset."""
    try:
        long = len(base64.b64decode(key.removeprefix(PREFIX), validate=True))
    except ValueError:
        long = 0
    if not key.startswith(PREFIX) or not 24 <= long <= 64:
        raise Misset(
            "The key of a webhook channel is not one of Standard Webhooks",
            "Give it as whsec_ followed by 24 to 64 random bytes in base64",
            code="channel_key",
        )
    return key


def _said(message: Message) -> dict[str, object]:
    return {
        "type": f"trueup.alert.{message.word}",
        "timestamp": message.opened_at.isoformat(),
        "data": {
            "environment": message.environment,
            "connection": message.connection,
            "rule": message.rule,
            "severity": message.severity,
            "cause": message.cause,
            "figure": message.figure,
            "title": message.title,
            "text": message.body,
            "opened_at": message.opened_at.isoformat(),
        },
    }
