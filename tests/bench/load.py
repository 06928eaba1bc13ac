"""A sender of signed webhooks over kept-alive connections: `python load.py PORT PATH CONNECTIONS SECONDS RATE SALT`.

RATE 0 sends as fast as answers come; otherwise so many a second, each timed from the moment it was due.
Prints one JSON object: answers per second, refusals, and milliseconds per answer.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import time
from collections import deque

SECRET = b"shop-secret"
SIZE = 10_700


def shopify_like() -> bytes:
    """An order the size Shopify sends, but for its own number, which follows."""
    lines = [
        {
            "id": 11_000_000_000 + at,
            "admin_graphql_api_id": f"gid://shopify/LineItem/{11_000_000_000 + at}",
            "sku": f"MUG-SAN-{at:03d}",
            "title": "Sand Mug",
            "quantity": 1 + at % 3,
            "price": "24.90",
            "price_set": {
                "shop_money": {"amount": "24.90", "currency_code": "EUR"},
                "presentment_money": {"amount": "24.90", "currency_code": "EUR"},
            },
            "tax_lines": [{"title": "VAT", "rate": 0.2, "price": "4.15"}],
            "fulfillment_status": None,
            "requires_shipping": True,
        }
        for at in range(21)
    ]
    order = {"currency": "EUR", "financial_status": "paid", "line_items": lines, "note": ""}
    order["note"] = "x" * (SIZE - 180 - len(json.dumps(order, separators=(",", ":"))))
    return json.dumps(order, separators=(",", ":")).encode()[:-1]


class Sender:
    """Makes requests, every one with an id of its own and a true signature."""

    def __init__(self, path: str, salt: str) -> None:
        self._front = shopify_like()
        self._signed = hmac.new(SECRET, self._front, hashlib.sha256)
        self._path, self._salt, self._count = path, salt, 0

    def next(self) -> bytes:
        self._count += 1
        number = f"{int(self._salt):05d}{self._count:09d}"
        tail = (
            f',"id":{1_0000_0000_0000_00 + int(number)},"updated_at":"2026-11-23T12:04:31+01:00",'
            f'"admin_graphql_api_id":"gid://shopify/Order/{number}"}}'
        ).encode()
        mac = self._signed.copy()
        mac.update(tail)
        head = (
            f"POST {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"X-Shopify-Topic: orders/updated\r\nX-Shopify-Webhook-Id: {number}-5f1c-4f7a-9c3e\r\n"
            f"X-Shopify-Hmac-Sha256: {base64.b64encode(mac.digest()).decode()}\r\n"
            "X-Shopify-Triggered-At: 2026-11-23T11:04:31.123456Z\r\nX-Shopify-Shop-Domain: bench.example\r\n"
            f"X-Shopify-API-Version: 2026-10\r\nContent-Length: {len(self._front) + len(tail)}\r\n\r\n"
        ).encode()
        return b"".join((head, self._front, tail))


class Line(asyncio.Protocol):
    """One connection: one request at a time."""

    def __init__(self, crew: "Crew") -> None:
        self.crew = crew
        self.began = 0.0
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.crew.lost += not self.crew.over

    def send(self, due: float) -> None:
        self.began = due
        self.transport.write(self.crew.sender.next())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self._got = b""
        self.crew.answered(self, head.startswith(b"HTTP/1.1 200"))


class Crew:
    """All connections, and what they saw."""

    def __init__(self, sender: Sender, rate: float) -> None:
        self.sender, self.rate = sender, rate
        self.times: list[float] = []
        self.refused = self.lost = 0
        self.over = False
        self.idle: deque[Line] = deque()
        self.waiting: deque[float] = deque()

    def answered(self, line: Line, fine: bool) -> None:
        now = time.perf_counter()
        if not self.over:
            self.times.append((now - line.began) * 1000)
            self.refused += not fine
        if self.over:
            return
        if not self.rate:
            line.send(now)
        elif self.waiting:
            line.send(self.waiting.popleft())
        else:
            self.idle.append(line)

    def due(self, at: float) -> None:
        """It is time for one more."""
        if self.idle:
            self.idle.popleft().send(at)
        else:
            self.waiting.append(at)


async def main(port: int, path: str, connections: int, seconds: float, rate: float, salt: str) -> None:
    loop = asyncio.get_running_loop()
    crew = Crew(Sender(path, salt), rate)
    for _ in range(connections):
        _, line = await loop.create_connection(lambda: Line(crew), "127.0.0.1", port)
        crew.idle.append(line)
    began = time.perf_counter()
    ended = loop.create_future()
    loop.call_later(seconds, ended.set_result, None)
    if rate:
        sent = 0

        def tick() -> None:
            nonlocal sent
            if crew.over:
                return
            now = time.perf_counter()
            while began + sent / rate <= now:
                crew.due(began + sent / rate)
                sent += 1
            loop.call_later(max(0.0, began + sent / rate - time.perf_counter()), tick)

        tick()
    else:
        while crew.idle:
            crew.idle.popleft().send(time.perf_counter())
    await ended
    crew.over = True
    took = time.perf_counter() - began
    fine = len(crew.times) - crew.refused
    said = {"rate": fine / took, "refused": crew.refused, "lost": crew.lost, "ms": crew.times}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    _, port, path, connections, seconds, rate, salt = sys.argv
    asyncio.run(main(int(port), path, int(connections), float(seconds), float(rate), salt))
