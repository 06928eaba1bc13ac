"""Calls to one Unleashed account: each query signed exactly as it is sent, never more than the plan answers.

The signature is the HMAC-SHA256 of the encoded query, by the API key, in base64; the path is not signed, so neither
is a page number or an id in it (Unleashed, API documentation, "FAQ"). A page is asked for in the path.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson

from adapters.http import build, make_client, patiently, send, silent
from adapters.quota import Budget
from adapters.unleashed.trouble import WHO, failure_of
from engine.model.clock import Clock
from engine.model.failure import RateLimited, TryLater

Row = dict[str, Any]
PAGE = 1000
"""The most rows a page may have."""
TRIES = 3
STAMP = re.compile(r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$")


class UnleashedClient:
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
        self._client = make_client(
            url.rstrip("/"), transport=transport, connections=together, read_seconds=answer_seconds
        )
        self._key = key.encode()
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "api-auth-id": api_id,
            "client-type": client_type,
            "User-Agent": "TrueUp",
        }
        self._clock, self._budget = clock, budget
        self._at_most = 2 * answer_seconds
        self._gate = asyncio.Semaphore(together)
        self._ahead = timedelta(0)
        """How far their clock is ahead of ours."""
        self.wrote: Callable[[str], None] = lambda path: None
        """Is told of every change that was sent, whatever came of it."""

    @property
    def their_now(self) -> datetime:
        """The time by the clock of Unleashed, to the second, as its last reply told it."""
        return self._clock.now() + self._ahead

    async def get(self, path: str, *, looking: int = 0, **asked: Any) -> Any:
        """Read; repeated over short trouble. `looking`: see `adapters.quota`."""

        async def ask() -> Any:
            return await self._call("GET", path, asked, None, looking=looking)

        return await patiently(ask, self._clock)

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
        raise TryLater(
            f"{WHO} changes {path} faster than it can be read.",
            "TrueUp comes back by itself.",
            code="unsteady",
        )

    async def post(self, path: str, body: Row | None = None) -> Any:
        """Send a change, once."""
        return await self._call("POST", path, {}, body or {}, looking=0)

    async def put(self, path: str, body: Row) -> Any:
        """Replace a record, once: what the body does not name is reset there."""
        return await self._call("PUT", path, {}, body, looking=0)

    async def delete(self, path: str) -> Any:
        """Delete something, once."""
        return await self._call("DELETE", path, {}, None, looking=0)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _call(self, method: str, path: str, asked: Row, body: Row | None, *, looking: int) -> Any:
        write = method != "GET"
        query = urlencode({name: _told(value) for name, value in asked.items()}, quote_via=quote)
        content = b"" if body is None else orjson.dumps(body, default=_number)
        url = f"/{path}?{query}" if query else f"/{path}"
        request = build(self._client, method, url, who=WHO, content=content, headers=self._headers)
        request.headers["api-auth-signature"] = signature(self._key, request.url.query)
        async with self._gate:
            turn = await self._budget.take(looking=looking)
            try:
                reply = await send(self._client, request, who=WHO, write=write, at_most=self._at_most)
            finally:
                self._budget.over(turn)
                if write:
                    self.wrote(path)
        self._note_time(reply)
        failure = failure_of(reply, write=write, now=self._clock.now())
        if isinstance(failure, RateLimited):
            self._budget.close_for(failure)
        if failure is not None:
            raise failure
        try:
            return json.loads(reply.content, parse_float=Decimal) if reply.content else {}
        except ValueError as odd:
            raise silent(WHO, write=write, log=repr(odd), code="unleashed_not_json") from odd

    def _note_time(self, reply: httpx.Response) -> None:
        try:
            self._ahead = parsedate_to_datetime(reply.headers["Date"]) - self._clock.now()
        except (KeyError, ValueError, TypeError):
            return


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


def _told(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)
