"""Calls to one Unleashed account: each query signed exactly as it is sent, never more than the plan answers.

The signature is the HMAC-SHA256 of the encoded query, by the API key, in base64; the path is not signed, so neither
is a page number or an id in it (Unleashed, API documentation, "FAQ"). A page is asked for in the path.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from adapters.counted import TRIES, CountedClient, unsteady
from adapters.http import make_client
from adapters.quota import Budget
from adapters.unleashed.trouble import WHO, failure_of
from engine.model.clock import Clock
from engine.model.failure import Failure

Row = dict[str, Any]
PAGE = 1000
"""The most rows a page may have."""
STAMP = re.compile(r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$")


class UnleashedClient(CountedClient):
    """One API key of one account."""

    def __init__(
        self,
        url: str,
        *,
        api_id: str,
        key: str,
        clock: Clock,
        budget: Budget,
        together: int,
        client_type: str = "trueup/trueup",
        transport: httpx.AsyncBaseTransport | None = None,
        answer_seconds: float = 60.0,
    ) -> None:
        client = make_client(
            url.rstrip("/"), transport=transport, connections=together, read_seconds=answer_seconds
        )
        super().__init__(
            client, {"api-auth-id": api_id, "client-type": client_type}, who=WHO, odd="unleashed_not_json", clock=clock,
            budget=budget, together=together, answer_seconds=answer_seconds,
        )  # fmt: skip
        self._key = key.encode()

    async def rows(
        self, path: str, key: Callable[[Row], object], *, looking: int = 0, **asked: Any
    ) -> tuple[list[Row], int]:
        """Every row of a listing and how many pages it took; TryLater when it does not hold still.

        Pages are cut by counting, so a row that comes or goes in between shifts the others over the border: what was
        told must be as many different rows as there are.
        """
        for _ in range(TRIES):
            found: dict[object, Row] = {}
            page, pages, total = 0, 1, 0
            steady = True
            while steady and page < pages:
                page += 1
                body = await self.get(f"{path}/{page}", looking=looking, pageSize=PAGE, **asked)
                looking = 0  # the first call took them all
                told = body["Pagination"]
                steady = page == 1 or total == int(told["NumberOfItems"])
                total, pages = int(told["NumberOfItems"]), int(told["NumberOfPages"])
                found |= {key(row): row for row in body["Items"]}
            if steady and len(found) == total:
                return list(found.values()), page
        raise unsteady(WHO, path)

    async def post(self, path: str, body: Row | None = None) -> Any:
        """Send a change, once."""
        return await self._call("POST", path, body=body or {})

    async def put(self, path: str, body: Row) -> Any:
        """Replace a record, once: what the body does not name is reset there."""
        return await self._call("PUT", path, body=body)

    async def delete(self, path: str) -> Any:
        """Delete something, once."""
        return await self._call("DELETE", path)

    def _signed(self, request: httpx.Request) -> httpx.Request:
        request.headers["api-auth-signature"] = signature(self._key, request.url.query)
        return request

    def _failure_of(self, reply: httpx.Response, *, write: bool) -> Failure | None:
        return failure_of(reply, write=write, now=self._clock.now())


def signature(key: bytes, query: bytes) -> str:
    """The signature of an encoded query, without its question mark; of nothing when there is none."""
    return base64.b64encode(hmac.new(key, query, hashlib.sha256).digest()).decode()


def moment(text: str | None) -> datetime | None:
    """`/Date(ms)/`: milliseconds since 1970 in UTC; None for an empty field."""
    found = STAMP.match(text or "")
    return datetime.fromtimestamp(int(found[1]) / 1000, UTC) if found is not None else None


def stamp(at: datetime) -> str:
    """A time as Unleashed writes it in bodies."""
    return f"/Date({int(at.timestamp() * 1000)})/"


def since(at: datetime) -> str:
    """A time as filters take it: UTC to the second, no offset."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
