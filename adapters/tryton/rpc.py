"""Calls to a trytond server: one session, renewed when it expires, every trouble named."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import httpx

from adapters.http import make_client, send, silent, status_failure
from adapters.tryton import wire
from adapters.tryton.trouble import WHO, Warned, named
from engine.model.clock import Clock
from engine.model.failure import Misset
from engine.model.hidden import conceal

READS = frozenset({"read", "search", "search_read", "search_count", "fields_get", "get_preferences"})
"""Methods that change nothing, whichever model has them."""
ASKS = frozenset(
    {
        "model.ir.model.access.get_access",
        "model.currency.currency.compute",
        "model.account.invoice.on_change",
        "model.account.invoice.line.on_change_product",
    }
)
"""Methods that change nothing either: Tryton carries them out in a transaction that it throws away."""
WARNINGS = 5
"""Different warnings one step may raise."""
Row = dict[str, Any]
Domain = list[Any]


def only_reads(method: str) -> bool:
    """True for the full name of a method that is known to change nothing."""
    model, _, verb = method.rpartition(".")
    return method in ASKS or (model.startswith("model.") and verb in READS)


class Rpc:
    """A signed-in user of one Tryton database."""

    def __init__(
        self,
        url: str,
        *,
        database: str,
        user: str,
        password: str,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
        at_most: float = 60.0,
    ) -> None:
        self._client = make_client(url.rstrip("/"), transport=transport, connections=4, read_seconds=at_most)
        self._path = f"/{database}/rpc/"
        self._user = user
        self._password = password
        self._clock = clock
        self._at_most = at_most
        self._session = ""
        self._context: Row = {}
        self._signing_in = asyncio.Lock()
        self._writing = asyncio.Lock()
        """Writes go one at a time: Tryton runs a transaction that met another one's lock again from its beginning."""
        self._number = 0

    async def model(self, model: str, method: str, *params: Any, **context: Any) -> Any:
        """Call a method of a model with the user's context and more."""
        session = await self._signed_in()
        name = f"model.{model}.{method}"
        write = not only_reads(name)
        async with self._writing if write else nullcontext():
            reply = await self._post(name, [*params, {**self._context, **context}], session, write=write)
            if reply.status_code == 401:
                session = await self._signed_in(instead_of=session)
                reply = await self._post(name, [*params, {**self._context, **context}], session, write=write)
        return self._result(reply, write=write)

    async def press(self, model: str, button: str, *params: Any) -> Any:
        """Do a step, confirming what Tryton warns of: the goods have moved already, whatever it thinks of that."""
        for _ in range(WARNINGS):
            try:
                return await self.model(model, button, *params)
            except Warned as warned:
                if not warned.name:
                    raise
                await self.model("res.user.warning", "skip", warned.name, False)
        return await self.model(model, button, *params)

    async def rows(
        self, model: str, domain: Domain, fields: Sequence[str], *, limit: int | None = None, **more: Any
    ) -> list[Row]:
        """search_read, oldest id first unless `order` says otherwise."""
        order = more.pop("order", [["id", "ASC"]])
        found: list[Row] = await self.model(
            model, "search_read", domain, 0, limit, order, list(fields), **more
        )
        return found

    async def read(self, model: str, ids: Sequence[int], fields: Sequence[str]) -> list[Row]:
        """The fields of these records."""
        found: list[Row] = await self.model(model, "read", list(ids), list(fields))
        return found

    async def create(self, model: str, values: Sequence[Mapping[str, Any]], **context: Any) -> list[int]:
        """Create records in one transaction."""
        made: list[int] = await self.model(model, "create", list(values), **context)
        return made

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    @property
    def company(self) -> int:
        """The company the user works for; known once signed in."""
        company = self._context.get("company")
        if not isinstance(company, int):
            raise Misset(
                "The Tryton user of TrueUp works for no company",
                "Choose a company in the preferences of that user",
                code="tryton_company",
            )
        return company

    async def _signed_in(self, *, instead_of: str | None = None) -> str:
        async with self._signing_in:
            if self._session and self._session != instead_of:
                return self._session
            login = [self._user, {"password": self._password}, "en"]
            reply = await self._post("common.db.login", login, "", write=False)
            if reply.status_code == 401:
                raise Misset(
                    "Tryton does not accept the user and password of TrueUp",
                    "Enter the right password for this connection",
                    code="tryton_password",
                )
            number, token, *_ = self._result(reply, write=False)
            plain = f"{self._user}:{number}:{token}".encode()
            session = f"Session {base64.b64encode(plain).decode()}"
            for passing in (str(token), session.removeprefix("Session ")):
                conceal(passing, passing=True)
            answer = await self._post("model.res.user.get_preferences", [True, {}], session, write=False)
            self._context = self._result(answer, write=False)
            self._session = session
            return session

    async def _post(self, method: str, params: list[Any], session: str, *, write: bool) -> httpx.Response:
        self._number += 1
        headers = {"Content-Type": "application/json"}
        if session:
            headers["Authorization"] = session
        body = wire.encode({"id": self._number, "method": method, "params": params})
        request = self._client.build_request("POST", self._path, content=body, headers=headers)
        return await send(self._client, request, who=WHO, write=write, what=method, at_most=self._at_most)

    def _result(self, reply: httpx.Response, *, write: bool) -> Any:
        failure = status_failure(reply, WHO, write=write, now=self._clock.now())
        if failure is not None:
            raise failure
        try:
            answer = wire.decode(reply.content)
        except (ValueError, KeyError, TypeError) as error:
            raise silent(WHO, write=write, log=repr(error), code="tryton_not_json") from error
        if isinstance(answer, dict):
            if answer.get("error"):
                raise named(answer["error"])
            if "result" in answer:
                return answer["result"]
        return answer
