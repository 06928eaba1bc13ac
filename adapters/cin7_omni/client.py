"""Calls to one Omni account: never more in a second, a minute or a day than it answers.

Listings are bare arrays without a total, so a listing is read until an empty page; a short one proves nothing once
there is a condition. Changes are sent as arrays and answered record by record.
"""

import asyncio
import json
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson

from adapters.cin7_omni.trouble import WHO, failed, failure_of
from adapters.http import build, make_client, patiently, send, silent
from adapters.quota import Budget
from engine.model.clock import Clock
from engine.model.failure import Failure, RateLimited, TryLater

Row = dict[str, Any]
PAGE = 250
"""The most rows a page and a batch may have."""
TRIES = 3
MOST_PAGES = 100_000


class OmniClient:
    """One API connection of one account."""

    def __init__(
        self,
        url: str,
        *,
        user: str,
        key: str,
        clock: Clock,
        budget: Budget,
        together: int,
        transport: httpx.AsyncBaseTransport | None = None,
        answer_seconds: float = 60.0,
    ) -> None:
        self._client = make_client(
            url.rstrip("/"),
            transport=transport,
            auth=(user, key),
            connections=together,
            read_seconds=answer_seconds,
        )
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "TrueUp",
        }
        self._clock, self._budget = clock, budget
        self._at_most = 2 * answer_seconds
        self._gate = asyncio.Semaphore(together)
        self._ahead = timedelta(0)
        """How far their clock is ahead of ours."""
        self._refused = 0
        """Calls too many, one after the other."""
        self.wrote: Callable[[str], None] = lambda path: None
        """Is told of every change that was sent, whatever came of it."""

    @property
    def their_now(self) -> datetime:
        """The time by the clock of Omni, to the second, as its last reply told it."""
        return self._clock.now() + self._ahead

    async def get(self, path: str, *, looking: int = 0, **asked: Any) -> Any:
        """Read; repeated over short trouble. `looking`: see `adapters.quota`."""

        async def ask() -> Any:
            return await self._call("GET", path, asked, None, looking=looking)

        return await patiently(ask, self._clock)

    async def rows(
        self,
        path: str,
        key: Callable[[Row], object],
        *,
        where: str = "",
        order: str = "id",
        looking: int = 0,
    ) -> tuple[list[Row], int]:
        """Every row of a listing and how many pages it took, the empty one at the end included.

        Pages are cut by counting: a row told twice shows that others have moved, and the listing is read anew;
        TryLater when it does not hold still.
        """
        asked = {"order": order, "rows": PAGE, **({"where": where} if where else {})}
        for _ in range(TRIES):
            found: dict[object, Row] = {}
            told = 0
            for page in range(1, MOST_PAGES):
                rows = await self.get(path, looking=looking, page=page, **asked)
                looking = 0  # the first call took them all
                if not rows:
                    break
                told += len(rows)
                found |= {key(row): row for row in rows}
            if len(found) == told:
                return list(found.values()), page
        raise TryLater(
            f"{WHO} changes {path} faster than it can be read.",
            "TrueUp comes back by itself.",
            code="unsteady",
        )

    async def post(self, path: str, records: Sequence[Row]) -> list[Row | Failure]:
        """Send new records, once; what became of each, in their order."""
        return await self._batch("POST", path, records)

    async def put(self, path: str, records: Sequence[Row]) -> list[Row | Failure]:
        """Send changes, once: a field that is not named stays as it is. What became of each, in their order."""
        return await self._batch("PUT", path, records)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _batch(self, method: str, path: str, records: Sequence[Row]) -> list[Row | Failure]:
        told = await self._call(method, path, {}, list(records), looking=0)
        by_index = {each.get("index"): each for each in told if isinstance(each, dict)}
        results = (by_index.get(at) for at in range(len(records)))
        return [failed(result) or dict(result or {}) for result in results]

    async def _call(self, method: str, path: str, asked: Row, body: list[Row] | None, *, looking: int) -> Any:
        write = method != "GET"
        query = urlencode({name: str(value) for name, value in asked.items()}, quote_via=quote)
        content = b"" if body is None else orjson.dumps(body, default=_number)
        url = f"/{path}?{query}" if query else f"/{path}"
        request = build(self._client, method, url, who=WHO, content=content, headers=self._headers)
        async with self._gate:
            turn = await self._budget.take(looking=looking)
            try:
                reply = await send(self._client, request, who=WHO, write=write, at_most=self._at_most)
            finally:
                self._budget.over(turn)
                if write:
                    self.wrote(path)
        self._note_time(reply)
        failure = failure_of(reply, write=write, now=self._clock.now(), refused=self._refused)
        if isinstance(failure, RateLimited):
            self._refused += 1
            self._budget.close_for(failure)
        else:
            self._refused = 0
        if failure is not None:
            raise failure
        try:
            return json.loads(reply.content, parse_float=Decimal)
        except ValueError as odd:
            raise silent(WHO, write=write, log=repr(odd), code="omni_not_json") from odd

    def _note_time(self, reply: httpx.Response) -> None:
        try:
            self._ahead = parsedate_to_datetime(reply.headers["Date"]) - self._clock.now()
        except (KeyError, ValueError, TypeError):
            return


def all_written(results: Sequence[Row | Failure]) -> list[Row]:
    """The results of a batch, or the first failure in it."""
    for each in results:
        if isinstance(each, Failure):
            raise each
    return [each for each in results if not isinstance(each, Failure)]


def text(value: str) -> str:
    """A text inside of a condition."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Collection[str]) -> str:
    """Texts inside of a condition with IN."""
    return "(" + ",".join(text(value) for value in sorted(values)) + ")"


def moment(said: str | None) -> datetime | None:
    """A time as Omni tells it, UTC unless it says otherwise; None for an empty field."""
    if not said:
        return None
    at = datetime.fromisoformat(said)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def stamp(at: datetime) -> str:
    """A time in Omni's spelling: UTC to the second, with a Z."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)
