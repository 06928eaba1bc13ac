"""Calls to one Omni account: never more in a second, a minute or a day than it answers.

Listings are bare arrays without a total, so a listing is read until an empty page; a short one proves nothing once
there is a condition. Changes are sent as arrays and answered record by record.
"""

import base64
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from adapters.cin7_omni.trouble import WHO, failed, failure_of
from adapters.counted import TRIES, CountedClient, unsteady
from adapters.http import make_client
from adapters.moments import utc
from adapters.quota import Budget
from engine.model.clock import Clock
from engine.model.failure import Failure, RateLimited
from engine.model.hidden import conceal

Row = dict[str, Any]
PAGE = 250
"""The most rows a page and a batch may have."""
MOST_PAGES = 100_000


class OmniClient(CountedClient):
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
        # what both are sent as: it is no secret that anybody gave us, and it opens all the same
        conceal(base64.b64encode(f"{user}:{key}".encode()).decode())
        client = make_client(
            url.rstrip("/"),
            transport=transport,
            auth=(user, key),
            connections=together,
            read_seconds=answer_seconds,
        )
        super().__init__(
            client, {}, who=WHO, odd="omni_not_json", clock=clock, budget=budget, together=together,
            answer_seconds=answer_seconds,
        )  # fmt: skip
        self._refused = 0
        """Calls too many, one after the other."""

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
        raise unsteady(WHO, path)

    async def post(self, path: str, records: Sequence[Row]) -> list[Row | Failure]:
        """Send new records, once; what became of each, in their order."""
        return await self._batch("POST", path, records)

    async def put(self, path: str, records: Sequence[Row]) -> list[Row | Failure]:
        """Send changes, once: a field that is not named stays as it is. What became of each, in their order."""
        return await self._batch("PUT", path, records)

    async def _batch(self, method: str, path: str, records: Sequence[Row]) -> list[Row | Failure]:
        told = await self._call(method, path, body=list(records))
        by_index = {each.get("index"): each for each in told if isinstance(each, dict)}
        results = (by_index.get(at) for at in range(len(records)))
        return [failed(result) or dict(result or {}) for result in results]

    def _failure_of(self, reply: httpx.Response, *, write: bool) -> Failure | None:
        failure = failure_of(reply, write=write, now=self._clock.now(), refused=self._refused)
        self._refused = self._refused + 1 if isinstance(failure, RateLimited) else 0
        return failure


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
    return utc(said) if said else None


def stamp(at: datetime) -> str:
    """A time in Omni's spelling: UTC to the second, with a Z."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
