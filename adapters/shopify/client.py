"""GraphQL calls to one shop: token, pacing, cost accounting, and errors turned into named failures."""

import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf
from typing import Any

import httpx
import orjson

from adapters.http import build, make_client, patiently, send, silent, status_failure
from adapters.limits import Pacer, Throttle
from adapters.shopify.credentials import Credentials
from adapters.shopify.errors import SHOP, graphql_failure, plain, read_errors, spared
from adapters.shopify.operations import operation
from engine.model.clock import Clock
from engine.model.failure import Misset, RateLimited, Refused, in_time
from engine.ports import Allowed

log = logging.getLogger("trueup.shopify")

JsonObject = Mapping[str, Any]
READ_GUESS, WRITE_GUESS = 100.0, 10.0
FOR_STOCK, FOR_STOCK_AND_ORDERS = 0.2, 0.5
"""Shares of the shop's allowance that stock finds whatever orders are doing, and both whatever products are doing."""


class ShopifyClient:
    """Sends operations to one shop; all callers share its pool and its pace."""

    def __init__(
        self,
        url: str,
        *,
        api_version: str,
        token: str | None,
        client_id: str | None,
        client_secret: str | None,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
        pace: Pacer | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._version = api_version
        self._clock = clock
        self._http = make_client(transport=transport)
        self._credentials = Credentials(
            self._http, self._url, token=token, client_id=client_id, client_secret=client_secret, clock=clock
        )
        self._pacer = pace or Pacer(clock)
        self._served = ""
        self.dated: datetime | None = None
        """When the shop gave its last answer, by its own clock; None where a proxy withholds the Date header."""

    @property
    def http(self) -> httpx.AsyncClient:
        """The connections; for downloads, which carry no token."""
        return self._http

    async def read(
        self,
        name: str,
        variables: JsonObject | None = None,
        *,
        text: str | None = None,
        operation_name: str = "",
        cost: float = READ_GUESS,
        optional: Collection[tuple[str, ...]] = (),
        leave: float = 0.0,
    ) -> JsonObject:
        """The data of a query; repeated over short trouble. Fields under `optional` may be withheld.

        What it costs is remembered by `name`; the operation sent is `operation_name`, or that of the name.
        `leave`: share of the shop's allowance that it must leave for more urgent calls, else it waits.
        """
        sent = operation(operation_name) if operation_name else text

        async def once() -> JsonObject:
            return await self._call(
                name, variables or {}, sent, write=False, cost=cost, optional=optional, leave=leave
            )

        return await patiently(once, self._clock)

    async def write(
        self,
        name: str,
        root: str,
        variables: JsonObject,
        *,
        leave: float = 0.0,
        until: float = inf,
    ) -> JsonObject:
        """The payload of a mutation, sent once; `leave` as for `read`.

        NotNow, and nothing is sent, when the shop's allowance lets it go later than `until` by the monotonic clock.
        """
        data = await self._call(
            name, variables, None, write=True, cost=WRITE_GUESS, optional=(), leave=leave, until=until
        )
        payload = data.get(root)
        if not isinstance(payload, Mapping):
            raise silent(SHOP, write=True, code="no_payload", log=f"{name}: no payload")
        return payload

    def allowed(self) -> Allowed:
        """Points of query cost that are left, of the shop's bucket."""
        return self._pacer.allowed()

    def require_version(self) -> None:
        """Misset when another API version answered than the one TrueUp was written for."""
        if self._served and self._served != self._version:
            raise Misset(
                f"The shop answered as API version {self._served} instead of {self._version}",
                "Update TrueUp, or set the API version it was made for",
                code="api_version",
            )

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()

    async def _call(
        self,
        name: str,
        variables: JsonObject,
        text: str | None,
        *,
        write: bool,
        cost: float,
        optional: Collection[tuple[str, ...]],
        leave: float,
        until: float = inf,
    ) -> JsonObject:
        body = orjson.dumps({"query": text or operation(name), "variables": dict(variables)})
        reply = await self._paced(name, body, write=write, cost=cost, leave=leave, until=until)
        answer = self._parsed(name, reply, write=write)
        errors = read_errors(answer.get("errors"))
        throttle, requested = _throttle(answer)
        self._pacer.learn(name, requested, throttle)
        if any(error.code == "THROTTLED" for error in errors):
            raise RateLimited(
                "The shop asks us to slow down",
                "TrueUp waits and goes on",
                after=max(0.25, self._pacer.seconds_until(requested or cost)),
                code="throttled",
                log=name,
            )
        data = answer.get("data")
        fatal = [error for error in errors if not spared(error, optional)]
        if fatal:
            raise graphql_failure(fatal, name=name, write=write, has_data=isinstance(data, Mapping))
        if not isinstance(data, Mapping):
            raise silent(SHOP, write=write, code="no_data", log=f"{name}: reply without data")
        _heed_search(name, answer)
        return data

    async def _paced(
        self, name: str, body: bytes, *, write: bool, cost: float, leave: float, until: float
    ) -> httpx.Response:
        expected = self._pacer.expected(name, cost)
        await self._pacer.take(expected, leave=leave)
        try:
            in_time(self._clock, until)
            token = await self._credentials.token()
            reply = await self._post(name, body, token, write=write)
            if reply.status_code == 401 and self._credentials.renewable:
                self._credentials.refused(token)
                reply = await self._post(name, body, await self._credentials.token(), write=write)
            return reply
        finally:
            self._pacer.give_back(expected)

    async def _post(self, name: str, body: bytes, token: str, *, write: bool) -> httpx.Response:
        request = build(
            self._http,
            "POST",
            f"{self._url}/admin/api/{self._version}/graphql.json",
            who=SHOP,
            content=body,
            headers={"Content-Type": "application/json", "X-Shopify-Access-Token": token},
        )
        reply = await send(self._http, request, who=SHOP, write=write, what=name)
        served = plain(reply.headers.get("X-Shopify-API-Version", ""))
        if served and served != self._served:
            self._served = served
            if served != self._version:
                log.warning("asked for API version %s, answered by %s", self._version, served)
        self.dated = _dated(reply) or self.dated
        log.debug(
            "%s -> %s, request %s", name, reply.status_code, plain(reply.headers.get("X-Request-Id", ""))
        )
        return reply

    def _parsed(self, name: str, reply: httpx.Response, *, write: bool) -> JsonObject:
        try:
            answer = orjson.loads(reply.content)
        except orjson.JSONDecodeError as odd:
            self._judge(reply, "", write=write)
            raise silent(SHOP, write=write, code="unreadable", log=f"{name}: unreadable reply") from odd
        if not isinstance(answer, Mapping):
            self._judge(reply, "", write=write)
            raise silent(SHOP, write=write, code="unreadable", log=f"{name}: reply is not an object")
        said = read_errors(answer.get("errors"))
        self._judge(reply, said[0].message if said else "", write=write)
        return answer

    def _judge(self, reply: httpx.Response, said: str, *, write: bool) -> None:
        failure = status_failure(reply, SHOP, write=write, now=self._clock.now(), said=said)
        if failure is not None:
            raise failure


def _dated(reply: httpx.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(reply.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


def _throttle(answer: JsonObject) -> tuple[Throttle | None, float]:
    """The bucket and the requested cost from `extensions.cost`, as far as given."""
    try:
        cost = answer["extensions"]["cost"]
        requested = float(cost.get("requestedQueryCost") or 0)
        status = cost["throttleStatus"]
        return (
            Throttle(
                float(status["maximumAvailable"]),
                float(status["currentlyAvailable"]),
                float(status["restoreRate"]),
            ),
            requested,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None, 0.0


def _heed_search(name: str, answer: JsonObject) -> None:
    """Refuse when Shopify ignored part of a search: it would answer with everything instead."""
    extensions = answer.get("extensions")
    search = extensions.get("search") if isinstance(extensions, Mapping) else None
    for part in search if isinstance(search, list) else ():
        if isinstance(part, Mapping) and part.get("warnings"):
            raise Refused(
                "The shop did not understand a search and would have answered with everything",
                "Report this: TrueUp and the shop disagree about a search field",
                code="search_ignored",
                log=f"{name}: {plain(part.get('warnings'))}",
            )
