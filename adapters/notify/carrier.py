"""Carries one message by Apprise, in a process of its own: reads JSON on stdin, answers JSON on stdout.

Before Apprise is loaded every way out of this process is guarded: a connection is made to public addresses only
(unless the channel may reach inside), judged by the address that is really connected to, and no redirect is followed.
What the target says, and what Apprise logs, may hold the target's own secrets: only the kind of trouble is told.
"""

import logging
import socket
import sys
from collections.abc import Callable
from typing import Any

import orjson

from adapters.notify.addresses import is_public

SLOWEST = 8.0
"""Seconds without a sign from the target."""


class Inside(OSError):
    """The target is inside the network."""


def guard(met: list[str], *, inside: bool) -> None:
    """Let no socket of this process reach what is not public; `met` collects what was in the way."""

    def allowed(address: Any) -> None:
        host = address[0] if isinstance(address, tuple) and address else ""
        if not inside and not (isinstance(host, str) and is_public(host)):
            met.append("inside")
            raise Inside("the target is inside the network")

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            allowed(address)
            return real(self, address)

        return connect

    real_sendto = socket.socket.sendto

    def sendto(self: socket.socket, data: Any, *where: Any) -> int:
        allowed(where[-1])
        return real_sendto(self, data, *where)

    socket.socket.connect = guarded(socket.socket.connect)  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded(socket.socket.connect_ex)  # type: ignore[method-assign]
    socket.socket.sendto = sendto  # type: ignore[method-assign,assignment]
    socket.setdefaulttimeout(SLOWEST)


def heed(met: list[str]) -> None:
    """Follow no redirect, take no proxy from anywhere, and note how the target answered."""
    import requests

    real = requests.Session.send

    def send(self: Any, request: Any, **kw: Any) -> Any:
        self.trust_env = False
        kw["allow_redirects"] = False
        reply = real(self, request, **kw)
        met.append(f"status {reply.status_code}")
        return reply

    requests.Session.send = send  # type: ignore[method-assign]


def carry(order: dict[str, Any]) -> dict[str, Any]:
    """Deliver; `ok`, and in `met` what happened on the way."""
    met: list[str] = []
    guard(met, inside=bool(order["inside"]))
    heed(met)
    import apprise

    logging.disable(logging.CRITICAL)
    kinds = {"resolved": apprise.NotifyType.SUCCESS, "info": apprise.NotifyType.INFO}
    asset = apprise.AppriseAsset(app_id="TrueUp", app_desc="TrueUp", async_mode=False, plugin_paths=[])
    channel = apprise.Apprise(asset=asset)
    if not channel.add(order["url"]):
        return {"ok": False, "met": ["unknown"]}
    kind = kinds.get(order["word"]) or kinds.get(order["severity"]) or apprise.NotifyType.WARNING
    if order["severity"] == "critical" and order["word"] != "resolved":
        kind = apprise.NotifyType.FAILURE
    try:
        ok = channel.notify(
            title=order["title"], body=order["body"], notify_type=kind, body_format=apprise.NotifyFormat.TEXT
        )
    except Exception as trouble:  # noqa: BLE001  a hundred services, each with troubles of its own
        return {"ok": False, "met": [*met, type(trouble).__name__]}
    return {"ok": bool(ok), "met": met}


def main() -> None:
    """One order in, one answer out."""
    answer = carry(orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(orjson.dumps(answer))


if __name__ == "__main__":
    main()
