"""Calls to one NetSuite account: records by REST, questions by SuiteQL, never more at once than allowed.

SuiteQL answers at most 1,000 rows a page and 100,000 a query, so long answers are read by key and not by offset.
Values come as text, booleans as `T` and `F`, and a column that is NULL is left out of its row.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import httpx
import orjson

from adapters.http import build, make_client, patiently, send, silent
from adapters.netsuite.auth import Signer
from adapters.netsuite.trouble import WHO, failure_of
from engine.model.clock import Clock
from engine.model.failure import Failure, Misset

Row = dict[str, str]
Json = dict[str, Any]
RECORD, QUERY = "/services/rest/record/v1", "/services/rest/query/v1/suiteql"
TOKEN = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - an address
PAGE = 1000


def host_of(account: str) -> str:
    """The address of an account: its id in lower case, underscores as hyphens."""
    return f"https://{account.lower().replace('_', '-')}.suitetalk.api.netsuite.com"


def text(value: object) -> str:
    """A SuiteQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Iterable[object]) -> str:
    """A list of literals for IN."""
    return "(" + ", ".join(text(value) for value in values) + ")"


class NetSuiteClient:
    """One account; `together` calls at most run at once."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        together: int,
        transport: httpx.AsyncBaseTransport | None = None,
        answer_seconds: float = 60.0,
    ) -> None:
        self.url = url.rstrip("/")
        self._client = make_client(
            self.url, transport=transport, connections=together, read_seconds=answer_seconds
        )
        self._clock = clock
        self._gate = asyncio.Semaphore(together)
        self._at_most = 2 * answer_seconds
        self._signer: Signer | None = None

    def sign_with(self, signer: Signer) -> None:
        """Every call is signed by this."""
        self._signer = signer

    async def query(self, suiteql: str) -> list[Row]:
        """Up to 1,000 rows; a question of ours is made so that it has no more, or is asked by key."""
        rows, more = await self.page(suiteql)
        if more:
            raise silent(WHO, write=False, log="more rows than one page holds", code="netsuite_page")
        return rows

    async def page(self, suiteql: str) -> tuple[list[Row], bool]:
        """Up to 1,000 rows, and whether there are more."""

        async def ask() -> tuple[list[Row], bool]:
            reply = await self._send(
                "POST", f"{QUERY}?limit={PAGE}", {"q": suiteql}, {"Prefer": "transient"}, write=False
            )
            body = self._decoded(reply, write=False)
            rows = [{name: value for name, value in row.items() if name != "links"} for row in body["items"]]
            return rows, bool(body.get("hasMore"))

        return await patiently(ask, self._clock)

    async def read(self, path: str) -> Json:
        """A record with its sublists."""

        async def ask() -> Json:
            reply = await self._send("GET", f"{RECORD}/{path}?expandSubResources=true", None, {}, write=False)
            return self._decoded(reply, write=False)

        return await patiently(ask, self._clock)

    async def write(self, method: str, path: str, body: Json) -> str:
        """Create or change a record; the id NetSuite gave or confirmed, empty when it names none.

        Unknown properties are an error and not, as by default, dropped.
        """
        headers = {
            "X-NetSuite-PropertyNameValidation": "Error",
            "X-NetSuite-PropertyValueValidation": "Error",
        }
        reply = await self._send(method, f"{RECORD}/{path}", body, headers, write=True)
        return str(reply.headers.get("Location", "")).rpartition("/")[2]

    async def fetch_token(self, url: str, form: str) -> str:
        """Exchange a signed assertion for an access token."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        request = build(self._client, "POST", url, who=WHO, content=form.encode(), headers=headers)
        reply = await send(self._client, request, who=WHO, write=False, at_most=self._at_most)
        if reply.status_code in (400, 401):
            raise Misset(
                "NetSuite does not accept the certificate of TrueUp.",
                "Check client id, certificate id and private key of this connection, and that the certificate "
                "has not expired in NetSuite's OAuth 2.0 client credentials setup.",
                code="netsuite_certificate",
            )
        failure = failure_of(reply, write=False, now=self._clock.now())
        if failure is not None:
            raise failure
        return str(self._decoded(reply, write=False)["access_token"])

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _send(
        self, method: str, path: str, body: Json | None, headers: Json, *, write: bool
    ) -> httpx.Response:
        assert self._signer is not None, "sign_with comes first"
        url = f"{self.url}{path}"
        async with self._gate:
            signed = {
                **headers,
                "Content-Type": "application/json",
                "Authorization": await self._signer.header(method, url),
            }
            content = b"" if body is None else orjson.dumps(body)
            request = build(self._client, method, url, who=WHO, content=content, headers=signed)
            reply = await send(self._client, request, who=WHO, write=write, at_most=self._at_most)
        if reply.status_code == 401:
            self._signer.refused()
        failure = failure_of(reply, write=write, now=self._clock.now())
        if failure is not None:
            raise _with_keys(failure, reply)
        return reply

    def _decoded(self, reply: httpx.Response, *, write: bool) -> Json:
        try:
            body = orjson.loads(reply.content)
        except orjson.JSONDecodeError as odd:
            raise silent(WHO, write=write, log=repr(odd), code="netsuite_not_json") from odd
        if not isinstance(body, dict):
            raise silent(WHO, write=write, log="not an object", code="netsuite_odd")
        return body


def _with_keys(failure: Failure, reply: httpx.Response) -> Failure:
    if reply.status_code != 401:
        return failure
    return Misset(
        "NetSuite does not accept our keys (INVALID_LOGIN).",
        "Compare account, keys and role of this connection with the Login Audit Trail in NetSuite, and restart.",
        code="http_401",
    )
