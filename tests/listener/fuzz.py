"""Webhooks bent and broken at random, most of them truly signed: `python -m tests.listener.fuzz --seconds 3600 [--seed 1]`.

Each goes through the listener's own application. Whatever comes, it is answered by one of the few words it has, nothing
but what is genuine and JSON is handed on, and the process does not grow.
"""

import argparse
import asyncio
import base64
import ctypes
import gc
import hashlib
import hmac
import json
import os
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson
from standardwebhooks.webhooks import Webhook

from adapters.listener import ConnectionSecrets, HealthReport, Listener, Received

SHOP = "shop-secret"
OFFICE = "whsec_" + base64.b64encode(b"a back office signing key").decode()
ANSWERS = {200, 400, 401, 404, 405, 413, 503}
CORPUS = (
    {"id": 820982911946154508, "admin_graphql_api_id": "gid://shopify/Order/820982911946154508",
     "updated_at": "2026-11-23T12:04:31+01:00", "line_items": [{"sku": "MUG", "quantity": 2, "price": "24.90"}]},
    {"inventory_item_id": 808950810, "location_id": 655441491, "available": 6, "updated_at": "2026-11-23T12:04:31+01:00"},
    {"id": 1, "order_id": 2, "created_at": "2026-11-23T12:04:31+01:00", "refund_line_items": []},
    {"type": "stock.changed", "data": {"skus": ["MUG", "CUP"], "refs": []}},
)  # fmt: skip
TOPICS = (
    "orders/updated",
    "inventory_levels/update",
    "refunds/create",
    "bulk_operations/finish",
    "",
    "x" * 9_000,
    "\x00\x1b",
)
LIMIT = 50_000


class Bent:
    """Makes bodies and headers out of genuine ones."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._ways: tuple[Callable[[bytes], bytes], ...] = (
            lambda body: body, self._flipped, self._cut, self._doubled, self._deep, self._odd_number, self._odd_text,
            self._twice, self._noise, zlib.compress, lambda body: body + b"\x00" * 40, lambda body: b"\xef\xbb\xbf" + body,
        )  # fmt: skip

    def body(self) -> bytes:
        made = json.dumps(self._chance.choice(CORPUS)).encode()
        for _ in range(self._chance.randrange(4)):
            made = self._chance.choice(self._ways)(made)
        return made

    def _flipped(self, body: bytes) -> bytes:
        bent = bytearray(body or b"{")
        for _ in range(self._chance.randint(1, 8)):
            bent[self._chance.randrange(len(bent))] ^= 1 << self._chance.randrange(8)
        return bytes(bent)

    def _cut(self, body: bytes) -> bytes:
        return body[: self._chance.randrange(len(body) + 1)]

    def _doubled(self, body: bytes) -> bytes:
        return body * self._chance.randint(2, 40)

    def _deep(self, body: bytes) -> bytes:
        deep = self._chance.choice((10, 1_000, 20_000))
        opens, closes = self._chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
        return opens * deep + body + closes * deep

    def _odd_number(self, body: bytes) -> bytes:
        odd = self._chance.choice(
            (b"NaN", b"-Infinity", b"1e999", b"9" * 10_000, b"-0", b"0.1" + b"0" * 900, b"1E400")
        )
        return body.replace(b"2", odd, 1)

    def _odd_text(self, body: bytes) -> bytes:
        odd = (
            b'"\\ud800"',
            b'"\xff\xfe"',
            b'"\\u0000"',
            b'"\x1b]52;c;eA==\x07"',
            b'"' + b"e\xcc\x81" * 500 + b'"',
            b"null",
            b"[]",
        )
        return body.replace(b'"MUG"', self._chance.choice(odd)).replace(b":", b": ", 1)

    def _twice(self, body: bytes) -> bytes:
        return body.replace(b"{", b'{"id": 1, "id": "gid://x", ', 1)

    def _noise(self, body: bytes) -> bytes:
        return self._chance.randbytes(self._chance.randrange(200))


@dataclass
class Seen:
    """What came of it."""

    answers: Counter[int] = field(default_factory=Counter)
    kept: int = 0
    grown_megabytes: float = 0.0


class Sink:
    """Keeps nothing but whether what it is handed may be handed on."""

    def __init__(self) -> None:
        self.last: Received | None = None

    async def receive(self, row: Received) -> bool:
        self.last = row
        return True


def _resident() -> float:
    """Megabytes in use: what the C library keeps of freed memory, after bodies of all sizes, is given back first."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Fuzz:
    """The listener, and who bends what it is sent."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self._bent = Bent(self._chance)
        self._sink = Sink()
        routes = {"main": ConnectionSecrets((SHOP,), (OFFICE,))}
        self._listener = Listener(
            "127.0.0.1", 0, routes, self._sink, lambda: HealthReport(True, True), body_limit=LIMIT
        )
        self.seen = Seen()

    async def one(self) -> None:
        """One webhook; AssertionError when it was answered or handed on as it must not be."""
        body, shop = self._bent.body(), self._chance.random() < 0.6
        headers, signed = self._headers(body, shop=shop)
        path = f"/webhooks/{'shopify' if shop else 'back-office'}/{self._chance.choice(('main', 'main', 'main', 'x', ''))}"
        self._sink.last = None
        status = await self._asked(path, headers, body)
        self.seen.answers[status] += 1
        row = self._sink.last
        assert status in ANSWERS, (status, body[:200])
        assert (row is not None) == (status == 200), (status, body[:200])
        if row is not None:
            assert signed and path.endswith("/main"), (headers, body[:200])
            orjson.loads(row.body)
            assert all(
                text.isprintable() and len(text) < 2_000 for text in (row.topic, row.resource, row.webhook_id)
            )
            self.seen.kept += 1

    def _headers(self, body: bytes, *, shop: bool) -> tuple[list[tuple[bytes, bytes]], bool]:
        signed = self._chance.random() < 0.9
        sent = body if signed else body + b" "
        if shop:
            digest = base64.b64encode(hmac.new(SHOP.encode(), sent, hashlib.sha256).digest())
            named = {
                b"x-shopify-hmac-sha256": digest,
                b"x-shopify-topic": self._chance.choice(TOPICS).encode(),
                b"x-shopify-webhook-id": self._chance.choice(
                    (b"w-1", b"", b"\x00", b"\xff" * 300, b"w" * 5_000)
                ),
                b"x-shopify-triggered-at": self._chance.choice(
                    (b"2026-11-23T10:00:00.123Z", b"", b"never", b"9999-99-99")
                ),
            }
        else:
            at = datetime.now(UTC)
            mark = self._chance.choice(("msg_1", "", "é", "m" * 3_000))
            text = sent.decode("latin-1")
            # the signature is over the bytes that were sent; where they are no text, over others
            signed = signed and text.isascii()
            named = {
                b"webhook-id": mark.encode("latin-1"),
                b"webhook-timestamp": str(int(at.timestamp())).encode(),
                b"webhook-signature": Webhook(OFFICE).sign(mark, at, text).encode(),
            }
        return list(named.items()), signed

    async def _asked(self, path: str, headers: list[tuple[bytes, bytes]], body: bytes) -> int:
        step = self._chance.choice((len(body) or 1, 1_000, 17 if len(body) < 4_000 else 5_000))
        parts = [body[at : at + step] for at in range(0, len(body), step)] or [b""]
        answered: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answered.append(message["status"])

        scope = {"type": "http", "path": path, "method": "POST", "headers": headers}
        await self._listener.app(scope, receive, send)
        [status] = answered
        return status


async def fuzzed(
    seed: int, enough: Callable[[Seen], bool], say: Callable[[Seen], None] = lambda seen: None
) -> Seen:
    """Go on until it is enough; what was seen."""
    fuzz = Fuzz(seed)
    for _ in range(2_000):  # whatever is loaded and kept at first is no growth
        await fuzz.one()
    before = _resident()
    while not enough(fuzz.seen):
        await fuzz.one()
        if fuzz.seen.answers.total() % 100_000 == 0:
            say(fuzz.seen)
    fuzz.seen.grown_megabytes = _resident() - before
    return fuzz.seen


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    end = time.monotonic() + asked.seconds

    def say(seen: Seen) -> None:
        sys.stdout.write(f"{seen}\n")
        sys.stdout.flush()

    say(asyncio.run(fuzzed(asked.seed, lambda seen: time.monotonic() >= end, say)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
