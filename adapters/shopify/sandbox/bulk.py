"""Bulk operations: five queries at a time, run page by page beside the calls, their lines in a file served by URL."""

import random
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from graphql import FieldNode, execute_sync

from adapters.shopify.sandbox.bulk_query import BulkQuery, Json
from adapters.shopify.sandbox.clock import ShopClock
from adapters.shopify.sandbox.things import gid

AT_ONCE = 5
"""Bulk queries that run at the same time, per app and shop (since API version 2026-01)."""
OVER = ("COMPLETED", "FAILED", "CANCELED", "EXPIRED")
BREATH = 0.002
"""Seconds between two pages, in which the shop answers calls."""


@dataclass(slots=True)
class Trouble:
    """What goes wrong with the next operations."""

    fail_after: int | None = None
    """Objects after which it fails, leaving partial data."""
    error: str = "INTERNAL_SERVER_ERROR"
    pause: float = 0.0
    """Seconds before it begins."""
    expired: bool = False
    """Results are gone as soon as they are made, as after seven days."""


@dataclass(slots=True, eq=False)
class BulkOperation:
    """One operation and its result."""

    number: int
    text: str
    query: BulkQuery
    grouped: bool
    created_at: datetime
    file: Path
    name: str
    status: str = "CREATED"
    error: str | None = None
    completed_at: datetime | None = None
    objects: int = 0
    roots: int = 0
    root: int = 0
    """Which root connection is being read."""
    after: str | None = None

    @property
    def gid(self) -> str:
        """Its global id."""
        return gid("BulkOperation", self.number)

    @property
    def over(self) -> bool:
        """Nothing more happens to it."""
        return self.status in OVER


@dataclass
class BulkOperations:
    """Every operation of the shop."""

    clock: ShopClock
    later: Callable[[float, Callable[[], None]], None]
    run: Callable[[BulkQuery, FieldNode, str | None], Json]
    """Reads one page; raises when the query fails."""
    emit: Callable[[str, Any], None]
    seed: int = 0
    url: str = ""
    """Where the files are served."""
    all: dict[int, BulkOperation] = field(default_factory=dict)
    trouble: Trouble = field(default_factory=Trouble)

    def __post_init__(self) -> None:
        """Files live as long as the shop."""
        self._random = random.Random(self.seed)
        self._made: tempfile.TemporaryDirectory[str] | None = None

    @property
    def _folder(self) -> Path:
        """Made for the first of them."""
        if self._made is None:
            self._made = tempfile.TemporaryDirectory(prefix="shop-bulk-", ignore_cleanup_errors=True)
        return Path(self._made.name)

    @property
    def running(self) -> list[BulkOperation]:
        """Those that are not over."""
        return [one for one in self.all.values() if not one.over]

    def begin(self, number: int, text: str, query: BulkQuery, *, grouped: bool) -> BulkOperation:
        """Create one; it runs by itself."""
        name = f"{secrets.token_hex(16)}.jsonl"
        file = self._folder / name
        made = BulkOperation(number, text, query, grouped, self.clock.now(), file, name)
        self.all[number] = made
        self.later(max(BREATH, self.trouble.pause), lambda: self._step(made))
        return made

    def cancel(self, one: BulkOperation) -> None:
        """Stop it a moment later."""
        one.status = "CANCELING"

    def link(self, one: BulkOperation, *, partial: bool) -> str | None:
        """Where its lines are: all of them, or those of one that failed; none when there are none."""
        wanted = one.status == ("FAILED" if partial else "COMPLETED")
        return f"{self.url}/_bulk/{one.name}" if wanted and one.objects else None

    def close(self) -> None:
        """Throw the files away."""
        if self._made is not None:
            self._made.cleanup()

    def _step(self, one: BulkOperation) -> None:
        if one.status == "CANCELING":
            self._end(one, "CANCELED")
            return
        one.status = "RUNNING"
        try:
            root = one.query.roots[one.root]
            page = self.run(one.query, root, one.after)
        except Exception:  # noqa: BLE001 whatever breaks in a query is what Shopify calls an internal error
            one.error = "INTERNAL_SERVER_ERROR"
            self._end(one, "FAILED")
            return
        self._write(one, root, page)
        limit = self.trouble.fail_after
        if limit is not None and one.objects >= limit:
            one.error = self.trouble.error
            self._end(one, "FAILED")
            return
        one.after = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
        if one.after is None:
            one.root += 1
        if one.root == len(one.query.roots):
            self._end(one, "EXPIRED" if self.trouble.expired else "COMPLETED")
            return
        self.later(BREATH, lambda: self._step(one))

    def _write(self, one: BulkOperation, root: FieldNode, page: Json) -> None:
        found = list(one.query.lines(root, [edge["node"] for edge in page["edges"]]))
        if not one.grouped:  # nothing promises that children follow their parent
            self._random.shuffle(found)
        with one.file.open("ab") as file:
            for line, at_root in found:
                file.write(orjson.dumps(line) + b"\n")
                one.roots += at_root
        one.objects += len(found)

    def _end(self, one: BulkOperation, status: str) -> None:
        one.status = status
        one.completed_at = self.clock.now() if status == "COMPLETED" else None
        self.emit("bulk_operations/finish", one)


def read_page(query: BulkQuery, root: FieldNode, after: str | None, context: Any) -> Json:
    """The next objects of a root connection in the world of `context`; RuntimeError when the query fails."""
    result = execute_sync(query.schema, query.page(root, after), context_value=context)
    if result.errors or result.data is None:
        raise RuntimeError(str(result.errors))
    page: Json = result.data["page"]
    return page
