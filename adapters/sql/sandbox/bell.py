"""Watches the change log and tells a listener, signed as Standard Webhooks; its thread also lets transfers arrive.

It reads what was committed, so it reports what others wrote into the database just as what the staff did.
"""

import base64
import hashlib
import hmac
import json
import random
import threading
import time
from dataclasses import dataclass, field

import httpx
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from adapters.sql.sandbox.world import World

EVERY = 0.05
"""Seconds between two looks at the change log."""
TRIES = 8
BATCH = 5000


@dataclass(slots=True)
class _Message:
    id: str
    body: bytes
    tries: int = 0
    due: float = 0.0


@dataclass(slots=True)
class Told:
    """What became of the messages."""

    sent: int = 0
    delivered: int = 0
    failed: int = 0
    dropped: int = 0
    ack_ms: list[float] = field(default_factory=list)


class Bell:
    """One thread; `url` and `drop` (share of messages lost on purpose) may change while it runs."""

    def __init__(self, reads: Engine, world: World, *, url: str | None, secret: str, seed: int) -> None:
        self.url = url
        self.drop = 0.0
        self.told = Told()
        self._reads = reads
        self._world = world
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self._chance = random.Random(seed)
        self._seed = seed
        self._seen = self._newest()
        self._skus: set[str] = set()
        self._refs: set[str] = set()
        self._waiting: _Message | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sql-sandbox-bell", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stop.set()
        self._thread.join()

    def _newest(self) -> int:
        with self._reads.connect() as tx:
            return int(tx.execute(text("SELECT coalesce(max(sequence), 0) FROM movement")).scalar_one())

    def _run(self) -> None:
        with httpx.Client(timeout=5.0, trust_env=False) as client:
            while not self._stop.wait(EVERY):
                try:
                    self._world.transfer_in(everything=False)
                    self._look()
                except SQLAlchemyError:
                    continue  # a locked database is looked at again in a moment
                self._tell(client)

    def _look(self) -> None:
        with self._reads.connect() as tx:
            rows = tx.execute(
                text(
                    "SELECT sequence, sku, ref FROM movement WHERE sequence > :seen ORDER BY sequence LIMIT :limit"
                ),
                {"seen": self._seen, "limit": BATCH},
            ).all()
        for row in rows:
            self._seen = row.sequence
            if row.sku is not None:
                self._skus.add(row.sku)
            if row.ref is not None:
                self._refs.add(row.ref)

    def _tell(self, client: httpx.Client) -> None:
        if self.url is None:
            self._skus.clear()
            self._refs.clear()
            return
        if self._waiting is None:
            self._waiting = self._message()
        message = self._waiting
        if message is None or time.monotonic() < message.due:
            return
        began = time.monotonic()
        if self._delivered(client, self.url, message):
            self.told.delivered += 1
            self.told.ack_ms.append(round((time.monotonic() - began) * 1000, 2))
            self._waiting = None
            return
        message.tries += 1
        message.due = time.monotonic() + min(0.1 * 2**message.tries, 5.0)
        if message.tries >= TRIES:
            self.told.failed += 1
            self._waiting = None

    def _message(self) -> _Message | None:
        if not self._skus and not self._refs:
            return None
        body = {"type": "stock.changed", "skus": sorted(self._skus), "refs": sorted(self._refs)}
        self._skus.clear()
        self._refs.clear()
        self.told.sent += 1
        if self._chance.random() < self.drop:
            self.told.dropped += 1
            return None
        return _Message(f"msg_{self._seed}_{self._seen}", json.dumps(body).encode())

    def _delivered(self, client: httpx.Client, url: str, message: _Message) -> bool:
        stamp = str(int(time.time()))
        signed = f"{message.id}.{stamp}.".encode() + message.body
        signature = base64.b64encode(hmac.new(self._key, signed, hashlib.sha256).digest()).decode()
        headers = {
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{signature}",
        }
        try:
            return client.post(url, content=message.body, headers=headers).is_success
        except httpx.HTTPError:
            return False
