"""Calls to one Cin7 Core account, never more in a minute than it answers.

Bodies are JSON; an error may come with status 200, and what the server does not know at all is answered with a page.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import httpx

from adapters.cin7_core.trouble import WHO, failure_of
from adapters.counted import TRIES, encoded, unsteady
from adapters.http import build, make_client, patiently, send, silent
from adapters.limits import Allowance
from engine.model.clock import Clock
from engine.model.failure import Failure, RateLimited

Row = dict[str, Any]
PAGE = 1000
"""The most rows a page may have."""
NOTHING = "00000000-0000-0000-0000-000000000000"
"""The task id that asks for a new one."""


class Cin7CoreClient:
    """One application key of one account."""

    def __init__(
        self,
        url: str,
        *,
        account: str,
        key: str,
        clock: Clock,
        allowance: Allowance,
        together: int,
        transport: httpx.AsyncBaseTransport | None = None,
        answer_seconds: float = 60.0,
    ) -> None:
        self._client = make_client(
            url.rstrip("/"), transport=transport, connections=together, read_seconds=answer_seconds
        )
        self._headers = {
            "api-auth-accountid": account,
            "api-auth-applicationkey": key,
            "Content-Type": "application/json",
            "User-Agent": "TrueUp",
        }
        self._clock, self._allowance = clock, allowance
        self._at_most = 2 * answer_seconds
        self._gate = asyncio.Semaphore(together)
        """Passed before a turn is taken: a call that has its turn must not wait for a connection."""
        self.wrote: Callable[[], None] = lambda: None
        """Is told of every change that was sent, whatever came of it."""

    async def get(self, path: str, **asked: object) -> Any:
        """Read; repeated over short trouble."""

        async def ask() -> Any:
            return await self._call("GET", path, asked, None)

        return await patiently(ask, self._clock)

    async def rows(
        self, path: str, name: str, key: Callable[[Row], object], **asked: object
    ) -> tuple[list[Row], int]:
        """Every row of a listing and how many pages it took; TryLater when it does not hold still.

        Pages are cut by counting. A row that comes or goes in between shifts the others over the border, where one
        is told twice or never: what was told must be as many different rows as there are. What stays unseen is that
        one row went and another came behind it meanwhile; then a row is missing until the next reading.
        """
        for _ in range(TRIES):
            found: dict[object, Row] = {}
            page, total, told = 0, 1, 0
            steady = True
            while steady and told < total:
                page += 1
                body = await self.get(path, Page=page, Limit=PAGE, **asked)
                rows = body.get(name) or []
                steady = page == 1 or total == int(body.get("Total", 0))
                total, told = int(body.get("Total", 0)), told + len(rows)
                found |= {key(row): row for row in rows}
                if not rows:
                    break
            if steady and len(found) == total:
                return list(found.values()), page
        raise unsteady(WHO, path)

    async def post(self, path: str, body: Row) -> Any:
        """Send a change, once."""
        return await self._call("POST", path, {}, body)

    async def put(self, path: str, body: Row) -> Any:
        """Send a change of something that is there, once."""
        return await self._call("PUT", path, {}, body)

    async def void(self, path: str, **asked: object) -> Any:
        """Void something, once."""
        return await self._call("DELETE", path, {**asked, "Void": "true"}, None)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _call(self, method: str, path: str, asked: Row, body: Row | None) -> Any:
        write = method != "GET"
        url = f"/{path}?{urlencode(asked)}" if asked else f"/{path}"
        content = b"" if body is None else encoded(body)
        request = build(self._client, method, url, who=WHO, content=content, headers=self._headers)
        async with self._gate:
            turn = await self._allowance.take()
            try:
                reply = await send(
                    self._client,
                    request,
                    who=WHO,
                    write=write,
                    what=f"{method} {path}",
                    at_most=self._at_most,
                )
            finally:
                self._allowance.over(turn)
                if write:
                    self.wrote()
        failure = failure_of(reply, write=write, now=self._clock.now())
        if isinstance(failure, RateLimited):
            self._allowance.close_for(failure.after)
        if failure is not None:
            raise failure
        try:
            return json.loads(reply.content, parse_float=Decimal) if reply.content else {}
        except ValueError as odd:
            raise _odd(odd, write=write) from odd


def _odd(odd: ValueError, *, write: bool) -> Failure:
    return silent(WHO, write=write, log=repr(odd), code="cin7_core_not_json")


def stamp(at: datetime) -> str:
    """A time in Cin7 Core's spelling: UTC, milliseconds, no offset."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
