"""Calls to an Odoo server: JSON-2 with a bearer key (Odoo 19 on), or execute_kw over JSON-RPC (17 and 18).

Each call is one transaction of Odoo's. Records come as dictionaries: `false` where there is nothing, many2one as
`[id, name]`, times as naive UTC text, quantities as floats.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import httpx
import orjson

from adapters.http import build, make_client, patiently, send, silent, status_failure
from adapters.odoo.trouble import WHO, named
from engine.model.clock import Clock
from engine.model.failure import Failure, Misset, RateLimited

Row = dict[str, Any]
Domain = list[Any]
Protocol = Literal["json2", "jsonrpc"]
READS = frozenset({"search_read", "search_count", "read", "fields_get", "search"})
PAGE = 10_000
"""Records a call asks for; Odoo sets no limit, and a page is held in memory on both sides."""


class OdooClient:
    """One user of one database."""

    def __init__(
        self,
        url: str,
        *,
        database: str,
        user: str,
        key: str,
        protocol: Protocol,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
        connections: int = 4,
        answer_seconds: float = 60.0,
    ) -> None:
        """`user` is the login; JSON-2 does not need it, the key says who asks."""
        self._client = make_client(
            url.rstrip("/"), transport=transport, connections=connections, read_seconds=answer_seconds
        )
        self._database, self._user, self._key, self._protocol = database, user, key, protocol
        self._clock = clock
        self._at_most = 2 * answer_seconds
        self._uid: int | None = None
        self._signing_in = asyncio.Lock()
        self._fields: dict[str, frozenset[str]] = {}

    async def call(
        self,
        model: str,
        method: str,
        ids: Collection[int] = (),
        *,
        context: Row | None = None,
        **named_args: Any,
    ) -> Any:
        """Call a public method; a read is repeated over short trouble, a write is sent once."""
        if method not in READS:
            return await self._call(model, method, ids, context or {}, named_args)

        async def ask() -> Any:
            return await self._call(model, method, ids, context or {}, named_args)

        return await patiently(ask, self._clock)

    async def rows(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        order: str = "id asc",
        limit: int | None = None,
        archived: bool = False,
    ) -> list[Row]:
        """Every record of a domain, all pages, oldest id first unless `order` says otherwise."""
        context = {"active_test": False} if archived else {}
        found: list[Row] = []
        while True:
            page: list[Row] = await self.call(
                model,
                "search_read",
                context=context,
                domain=domain,
                fields=list(fields),
                offset=len(found),
                limit=min(PAGE, limit - len(found)) if limit is not None else PAGE,
                order=order,
            )
            found += page
            if len(page) < PAGE or (limit is not None and len(found) >= limit):
                return found

    async def count(self, model: str, domain: Domain) -> int:
        """How many records a domain has."""
        return int(await self.call(model, "search_count", domain=domain))

    async def create(self, model: str, values: Mapping[str, Any]) -> int:
        """Create one record; its id."""
        made = await self.call(model, "create", vals_list=[dict(values)])
        return int(made[0] if isinstance(made, list) else made)

    async def write(self, model: str, ids: Collection[int], values: Mapping[str, Any]) -> None:
        """Change records."""
        await self.call(model, "write", ids, vals=dict(values))

    async def fields(self, model: str) -> frozenset[str]:
        """Names of a model's fields, which differ between versions; asked once."""
        if model not in self._fields:
            told = await self.call(model, "fields_get", attributes=["type"])
            self._fields[model] = frozenset(told)
        return self._fields[model]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _call(
        self, model: str, method: str, ids: Collection[int], context: Row, named_args: Row
    ) -> Any:
        write = method not in READS
        if self._protocol == "json2":
            body = {**named_args, "context": context, **({"ids": list(ids)} if ids else {})}
            headers = {"Authorization": f"bearer {self._key}", "X-Odoo-Database": self._database}
            reply = await self._post(f"/json/2/{model}/{method}", body, headers, write=write)
            return self._json2(reply, write=write)
        args = [list(ids)] if ids else []
        keywords = {**named_args, "context": context}
        signed = [self._database, await self._signed_in(), self._key, model, method, args, keywords]
        return await self._rpc("object", "execute_kw", signed, write=write)

    async def _signed_in(self) -> int:
        async with self._signing_in:
            if self._uid is None:
                said = [self._database, self._user, self._key, {}]
                uid = await self._rpc("common", "authenticate", said, write=False)
                if not isinstance(uid, int) or isinstance(uid, bool):
                    raise Misset(
                        "Odoo does not accept the user and key of TrueUp.",
                        "Enter the login and a valid API key for this connection, and restart.",
                        code="odoo_key",
                    )
                self._uid = uid
            return self._uid

    async def _rpc(self, service: str, method: str, args: list[Any], *, write: bool) -> Any:
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "id": 1,
            "params": {"service": service, "method": method, "args": args},
        }
        reply = await self._post("/jsonrpc", body, {}, write=write)
        self._judge(reply, write=write)
        answer = _decoded(reply, write=write)
        if isinstance(answer, dict) and "error" in answer:
            raise named(answer["error"].get("data") or answer["error"])
        if not isinstance(answer, dict) or "result" not in answer:
            raise silent(WHO, write=write, log="an answer without a result", code="odoo_odd")
        return answer["result"]

    async def _post(self, path: str, body: Row, headers: Row, *, write: bool) -> httpx.Response:
        headers = {"Content-Type": "application/json", "User-Agent": "TrueUp", **headers}
        request = build(self._client, "POST", path, who=WHO, content=orjson.dumps(body), headers=headers)
        return await send(self._client, request, who=WHO, write=write, at_most=self._at_most)

    def _json2(self, reply: httpx.Response, *, write: bool) -> Any:
        if failure := _said(reply):
            raise failure
        self._judge(reply, write=write)
        return _decoded(reply, write=write)

    def _judge(self, reply: httpx.Response, *, write: bool) -> None:
        """Raise what a status means that is no success."""
        failure = status_failure(reply, WHO, write=write, now=self._clock.now())
        if isinstance(failure, RateLimited):
            raise RateLimited(
                failure.cause,
                "TrueUp waits and goes on; if it stays, quieten other integrations of this Odoo or ask its host for more.",
                after=failure.after,
                code="odoo_limit",
                log=failure.log,
            )
        if failure is not None:
            raise failure


def _said(reply: httpx.Response) -> Failure | None:
    """Odoo's own words for an error; None for a gateway's page, and for what the status says better."""
    if reply.is_success or reply.status_code in (401, 404, 429):
        return None
    try:
        body = orjson.loads(reply.content)
    except orjson.JSONDecodeError:
        return None
    return named(body) if isinstance(body, dict) and body.get("name") else None


def _decoded(reply: httpx.Response, *, write: bool) -> Any:
    try:
        return orjson.loads(reply.content)
    except orjson.JSONDecodeError as odd:
        raise silent(WHO, write=write, log=repr(odd), code="odoo_not_json") from odd


def moment(text: str) -> datetime:
    """Odoo's naive UTC time, with or without a fraction."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def stamp(at: datetime) -> str:
    """A time in Odoo's spelling."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def of(many2one: Any) -> int | None:
    """The id of a many2one value, which is `[id, name]`, an id, or false."""
    if isinstance(many2one, list):
        return int(many2one[0])
    return int(many2one) if many2one else None
