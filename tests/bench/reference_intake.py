"""The least a webhook intake can do and still be honest: signature, one grouped insert, commit to disk, 200.

`python reference_intake.py DIRECTORY` prints its port and serves until its standard input ends.
"""

import asyncio
import base64
import hashlib
import hmac
import socket
import sys
from pathlib import Path

import uvicorn
from pysqlite3 import dbapi2 as sqlite
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

SECRET = b"shop-secret"


class Shelf:
    """One table; what arrives while a commit is under way goes into the next one."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite.connect(str(path), isolation_level=None, check_same_thread=False)
        for each in ("journal_mode=WAL", "synchronous=FULL"):
            self._db.execute(f"PRAGMA {each}")
        self._db.execute("CREATE TABLE webhook (id TEXT PRIMARY KEY, body BLOB NOT NULL)")
        self._rows: list[tuple[str, bytes, asyncio.Future[None]]] = []
        self._busy = False
        self._committing: asyncio.Task[None] | None = None

    async def keep(self, webhook_id: str, body: bytes) -> None:
        kept = asyncio.get_running_loop().create_future()
        self._rows.append((webhook_id, body, kept))
        if not self._busy:
            self._busy = True
            self._committing = asyncio.create_task(self._commit())
        await kept

    async def _commit(self) -> None:
        while self._rows:
            rows, self._rows = self._rows, []
            await asyncio.to_thread(self._insert, [(row[0], row[1]) for row in rows])
            for _, _, kept in rows:
                kept.set_result(None)
        self._busy = False

    def _insert(self, rows: list[tuple[str, bytes]]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("INSERT OR IGNORE INTO webhook VALUES (?, ?)", rows)
        self._db.execute("COMMIT")


async def main(directory: Path) -> None:
    shelf = Shelf(directory / "reference.db")

    async def take(request: Request) -> Response:
        body = await request.body()
        digest = base64.b64encode(hmac.new(SECRET, body, hashlib.sha256).digest())
        if not hmac.compare_digest(digest, request.headers["x-shopify-hmac-sha256"].encode()):
            return PlainTextResponse("forged", 401)
        await shelf.keep(request.headers["x-shopify-webhook-id"], body)
        return PlainTextResponse("ok")

    # with the protocol named, or asyncio leaves Nagle's delay on and every answer takes 40 ms
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.bind(("127.0.0.1", 0))
    sock.listen(512)
    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=[Route("/webhooks/shopify/main", take, methods=["POST"])]),
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
        )
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve(sockets=[sock]))
        sys.stdout.write(f"{sock.getsockname()[1]}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = True


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
