"""Calls to an account that answers a number of them in a span of time: each waits for its turn, and is made once.

Bodies are JSON. A call passes the gate before it takes a turn: one that has its turn must not wait for a connection.
"""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson

from adapters.http import build, patiently, send, silent
from adapters.quota import Budget
from engine.model.clock import Clock
from engine.model.failure import Failure, RateLimited, TryLater

TRIES = 3
"""Readings of a listing that moves while its pages are told."""


class CountedClient(ABC):
    """One key of one account; the room of each vendor says how it asks and what an answer means."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        headers: Mapping[str, str],
        *,
        who: str,
        odd: str,
        clock: Clock,
        budget: Budget,
        together: int,
        answer_seconds: float,
    ) -> None:
        """`who`: the vendor, in the words an operator knows; `odd`: the code of a failure for an answer that is no JSON.

        `together`: calls at the same time; `answer_seconds`: how long an answer may be silent.
        """
        self._client = client
        self._headers = {
            "Accept": "application/json", "Content-Type": "application/json", "User-Agent": "TrueUp", **headers,
        }  # fmt: skip
        self._who, self._odd = who, odd
        self._clock, self._budget = clock, budget
        self._at_most = 2 * answer_seconds
        self._gate = asyncio.Semaphore(together)
        self._ahead = timedelta(0)
        """How far their clock is ahead of ours."""
        self.wrote: Callable[[str], None] = lambda path: None
        """Is told of every change that was sent, whatever came of it."""

    @property
    def their_now(self) -> datetime:
        """The time by the vendor's clock, to the second, as its last reply told it."""
        return self._clock.now() + self._ahead

    async def get(self, path: str, *, looking: int = 0, **asked: Any) -> Any:
        """Read; repeated over short trouble. `looking`: see `adapters.quota`."""

        async def ask() -> Any:
            return await self._call("GET", path, asked, looking=looking)

        return await patiently(ask, self._clock)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _call(
        self,
        method: str,
        path: str,
        asked: Mapping[str, Any] | None = None,
        body: object = None,
        *,
        looking: int = 0,
    ) -> Any:
        write = method != "GET"
        query = urlencode({name: _told(value) for name, value in (asked or {}).items()}, quote_via=quote)
        content = b"" if body is None else encoded(body)
        url = f"/{path}?{query}" if query else f"/{path}"
        request = self._signed(
            build(self._client, method, url, who=self._who, content=content, headers=self._headers)
        )
        async with self._gate:
            turn = await self._budget.take(looking=looking)
            try:
                what = f"{method} {path.partition('/')[0]}"
                reply = await send(
                    self._client, request, who=self._who, write=write, what=what, at_most=self._at_most
                )
            finally:
                self._budget.over(turn)
                if write:
                    self.wrote(path)
        self._note_time(reply)
        failure = self._failure_of(reply, write=write)
        if isinstance(failure, RateLimited):
            self._budget.close_for(failure)
        if failure is not None:
            raise failure
        try:
            return json.loads(reply.content, parse_float=Decimal) if reply.content else {}
        except ValueError as odd:
            raise silent(self._who, write=write, log=repr(odd), code=self._odd) from odd

    def _signed(self, request: httpx.Request) -> httpx.Request:
        """The request with what proves it, where that is made of the request itself."""
        return request

    @abstractmethod
    def _failure_of(self, reply: httpx.Response, *, write: bool) -> Failure | None:
        """The failure a reply stands for; None when it holds what was asked for."""

    def _note_time(self, reply: httpx.Response) -> None:
        try:
            self._ahead = parsedate_to_datetime(reply.headers["Date"]) - self._clock.now()
        except (KeyError, ValueError, TypeError):
            return


def encoded(body: object) -> bytes:
    """A body as JSON; Decimals become its numbers."""
    return orjson.dumps(body, default=_number)


def unsteady(who: str, path: str) -> TryLater:
    """The answer when a listing moves each time it is read."""
    return TryLater(
        f"{who} changes {path} faster than it can be read.", "TrueUp comes back by itself.", code="unsteady"
    )


def _told(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)
