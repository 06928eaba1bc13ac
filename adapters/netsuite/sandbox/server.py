"""NetSuite's REST web services on loopback: signatures, concurrency, record service and SuiteQL, strict as the original."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.netsuite.sandbox.asked import Wrong
from adapters.netsuite.sandbox.guard import Guard
from adapters.netsuite.sandbox.ledger import Ledger
from adapters.netsuite.sandbox.money import MONEY, money
from adapters.netsuite.sandbox.records import RecordService
from adapters.netsuite.sandbox.suiteql import Invalid, SuiteQl
from adapters.netsuite.sandbox.tables import Tables
from adapters.netsuite.sandbox.taxing import BODY, Taxes
from adapters.sandbox.books import Books, Json, NotPossible
from adapters.sandbox.goods import Named, books_of
from adapters.sandbox.limits import Together
from adapters.sandbox.rights import Rights
from adapters.sandbox.serving import Served, as_json

ACCOUNT = "1234567_SB1"
KEYS = ("sandbox-consumer-key", "sandbox-consumer-secret", "sandbox-token-id", "sandbox-token-secret")
CHARGES = ("OTHER", "GIFT CARD", "SHIPPING", "DUTY", "TIP", "FEE", "ROUNDING", "TAX")
RECORD = "/services/rest/record/v1"
MOST_ROWS = 1000
TRANSFORMS = {
    "itemFulfillment": "fulfil",
    "returnAuthorization": "authorise_return",
    "itemReceipt": "receive",
    "invoice": "invoice",
}
READS = frozenset({"GET", "HEAD"})


class NetSuiteSandbox:
    """A running sandbox; `stop()` ends it."""

    account, keys = ACCOUNT, KEYS

    def __init__(
        self, books: Books, *, currency: str, together: int, port: int, seed: int, suite_tax: bool
    ) -> None:
        self.books = books
        self.ledger = Ledger(books)
        items = {sku: (at, "InvtPart") for at, sku in enumerate(books.products, 101)}
        items |= {name: (at, "OthCharge") for at, name in enumerate(CHARGES, 10)}
        self.locations = {code: str(at) for at, code in enumerate(books.warehouses, 1)}
        self.guard = Guard(ACCOUNT, KEYS, time.time)
        self._records = RecordService(books, self.ledger, items, currency, Taxes(suite_tax))
        self._tables = Tables(self.ledger, items, currency)
        self._sql = SuiteQl(self._tables)
        self.together = Together(together)
        self._rights = Rights()
        routes = [
            Route("/services/rest/auth/oauth2/v1/token", self._token, methods=["POST"]),
            Route("/services/rest/query/v1/suiteql", self._query, methods=["POST"]),
            Route(f"{RECORD}/{{record}}/{{number}}/!transform/{{target}}", self._transform, methods=["POST"]),
            Route(f"{RECORD}/{{record}}/{{number}}", self._record, methods=["GET", "PUT", "PATCH"]),
        ]
        self._served = Served(
            "netsuite", books, list(routes), throttled=lambda _: _busy(), conflict=_changed, changes=_changes,
            more={"rights": self._rights.ask, "double": self._double, "apply": self._apply, "parcel": self._parcel,
                  "bill": self._bill, "open": self._open},
            shows=lambda: money(self.ledger), port=port, seed=seed,
        )  # fmt: skip
        self.url = self._served.url
        self.stop = self._served.stop

    def run(self) -> None:
        """Start the server."""
        self._served.run()

    def _double(self, ask: Json) -> Json:
        """An external id belongs to one record: entered again, it is the same order."""
        raise NotPossible(f"This record already exists: {ask['document']}")

    def _apply(self, ask: Json) -> Json:
        """Staff apply a deposit or a credit memo to an invoice: that much of it is not open any more."""
        one = next(
            (each for each in self.ledger.transactions.values() if each.external_id == ask["entry"]), None
        )
        if one is None:
            raise NotPossible(f"no record {ask['entry']}")
        one.facts["applied"] = ask["amount"]
        return {"id": str(one.id)}

    def _bill(self, ask: Json) -> Json:
        """Staff invoice an order, as far as it can be billed, under the taxes it has."""
        order = self._records.order(str(ask["document"]))
        taxes = {name: order[name] for name in BODY if name in order}
        return {"id": self._records.invoice(str(ask["document"]), taxes)}

    def _open(self, ask: Json) -> Json:
        """What nobody has paid of the invoices of an order."""
        mine = [
            self.ledger.open_of(one)
            for one in self.ledger.transactions.values()
            if one.type == "CustInvc" and one.previous == int(ask["document"])
        ]
        return {"open": f"{sum(mine, Decimal(0)):.2f}"}

    def _parcel(self, ask: Json) -> Json:
        """A package of the last fulfilment of an order gets its number."""
        mine = [
            one
            for one in self.ledger.transactions.values()
            if one.type == "ItemShip" and one.previous == int(ask["document"])
        ]
        if not mine:
            raise NotPossible("nothing of it has left")
        mine[-1].packages.append(str(ask["number"]))
        self.ledger.touch(mine[-1])
        return {"fulfilment": str(mine[-1].id)}

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if form.get("grant_type") != "client_credentials":
            return as_json({"error": "invalid_request"}, 400)
        token = self.guard.exchange(form, str(request.url))
        if token is None:
            return as_json({"error": "invalid_client"}, 401)
        return as_json({"access_token": token, "expires_in": "3600", "token_type": "Bearer"})

    async def _query(self, request: Request) -> Response:
        return await self._let_in(request, self._asked)

    async def _record(self, request: Request) -> Response:
        return await self._let_in(request, self._recorded)

    async def _transform(self, request: Request) -> Response:
        return await self._let_in(request, self._transformed)

    async def _let_in(self, request: Request, answer: Any) -> Response:
        if not self.guard.may_enter(request):
            return _error(
                401, "INVALID_LOGIN", "Invalid login attempt. For more details, see the Login Audit Trail."
            )
        body = await request.body()
        with self.together as one_too_many:
            if one_too_many:
                return _busy()
            await asyncio.sleep(0)  # calls that arrive together are in here together
            try:
                return self._answered(answer, request, orjson.loads(body or b"{}"))
            except orjson.JSONDecodeError:
                return _error(400, "INVALID_CONTENT", "Unable to parse the request body.")

    def _answered(self, answer: Any, request: Request, body: Json) -> Response:
        try:
            reply: Response = answer(request, body)
        except Wrong as wrong:
            return _error(wrong.status, wrong.code, wrong.detail, wrong.path)
        except Invalid as odd:
            return _error(400, "INVALID_PARAMETER", str(odd))
        except (KeyError, TypeError, ValueError) as odd:
            return _error(400, "INVALID_CONTENT", f"Invalid content in the request body: {odd}")
        return reply

    def _asked(self, request: Request, body: Json) -> Response:
        if request.headers.get("prefer", "").lower() != "transient":
            return _error(
                400, "INVALID_HEADER", "The required request header 'Prefer' is missing or invalid."
            )
        limit = int(request.query_params.get("limit", "1000"))
        offset = int(request.query_params.get("offset", "0"))
        if not 1 <= limit <= MOST_ROWS or offset % limit:
            return _error(400, "INVALID_PARAMETER", "Provide a valid page size and offset.")
        if "transaction" in self._rights.denied and "transaction" in body["q"].lower():
            return _error(
                400, "INVALID_PARAMETER", "Invalid or unsupported search: Record 'transaction' was not found."
            )
        rows = self._sql.ask(str(body["q"]))
        page = rows[offset : offset + limit]
        return as_json(
            {
                "links": [],
                "count": len(page),
                "hasMore": offset + limit < len(rows),
                "items": [{"links": [], **row} for row in page],
                "offset": offset,
                "totalResults": len(rows),
            }
        )

    def _recorded(self, request: Request, body: Json) -> Response:
        record, number = request.path_params["record"], request.path_params["number"]
        if record in self._rights.denied:
            return _error(
                403, "INSUFFICIENT_PERMISSION", f"Permission Violation: you need the '{record}' permission."
            )
        if request.method == "GET":
            return as_json(self._records.find(record, number))
        _strict(request)
        if record == "customer" and request.method == "PUT":
            made = self._records.put_customer(number.removeprefix("eid:"), body)
            self._tables.customers = [
                (int(one["id"]), str(one.get("companyName")), str(one.get("email", "")), key)
                for key, one in self._records.customers.items()
            ]
        elif record == "salesOrder" and request.method == "PUT":
            if not number.startswith("eid:"):
                raise Wrong("INVALID_REQUEST", "PUT is supported only with an external ID.")
            made = self._records.put_order(number.removeprefix("eid:"), body, **_replaced(request))
        elif record == "salesOrder" and request.method == "PATCH":
            made = self._records.patch_order(number, body, **_replaced(request))
        elif record in MONEY and request.method == "PUT" and number.startswith("eid:"):
            made = self._records.put_money(record, number.removeprefix("eid:"), body)
        else:
            raise Wrong("NOT_FOUND", f"Record type {record} is not supported here", status=404)
        return Response(status_code=204, headers={"Location": f"{self.url}{RECORD}/{record}/{made}"})

    def _transformed(self, request: Request, body: Json) -> Response:
        _strict(request)
        target = request.path_params["target"]
        if target in self._rights.denied:
            return _error(
                403, "INSUFFICIENT_PERMISSION", f"Permission Violation: you need the '{target}' permission."
            )
        if target not in TRANSFORMS:
            raise Wrong("NOT_FOUND", f"Transformation to {target} is not supported", status=404)
        made = getattr(self._records, TRANSFORMS[target])(request.path_params["number"], body)
        return Response(status_code=204, headers={"Location": f"{self.url}{RECORD}/{target}/{made}"})


def _replaced(request: Request) -> dict[str, bool]:
    """Which sublists are replaced and not merged."""
    named = request.query_params.get("replace", "").split(",")
    return {"replace": "item" in named, "replace_taxes": "taxDetails" in named}


def _strict(request: Request) -> None:
    """Without this header NetSuite drops unknown properties and says so in a warning; no caller here may rely on that."""
    if request.headers.get("x-netsuite-propertynamevalidation", "Warning") != "Error":
        raise Wrong("INVALID_HEADER", "the sandbox wants X-NetSuite-PropertyNameValidation: Error")


def _changes(method: str, path: str, _body: bytes) -> bool:
    return method not in READS and not path.endswith(("/suiteql", "/token"))


def _busy() -> Response:
    return _error(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked.")


def _changed() -> Response:
    return _error(400, "RCRD_HAS_BEEN_CHANGED", "Record has been changed")


def _error(status: int, code: str, detail: str, path: str = "") -> Response:
    one = {"detail": detail, "o:errorCode": code} | ({"o:errorPath": path} if path else {})
    body = {"type": "about:blank", "title": "Bad Request", "status": status, "o:errorDetails": [one]}
    return as_json(body, status)


def start(
    port: int = 0,
    *,
    seed: int = 0,
    skus: Sequence[str | Named],
    warehouses: Sequence[str] = ("WH1", "WH2"),
    stock: Mapping[tuple[str, int], int] | None = None,
    currency: str = "USD",
    together: int = 5,
    suite_tax: bool = False,
) -> NetSuiteSandbox:
    """Start a NetSuite account that bears `together` calls at once; `stock` maps (SKU, index of the location) to units.

    With `suite_tax` it has the SuiteTax feature, otherwise legacy tax, of which REST knows nothing.
    """
    sandbox = NetSuiteSandbox(
        books_of(skus, warehouses, stock), currency=currency, together=together, port=port, seed=seed,
        suite_tax=suite_tax,
    )  # fmt: skip
    sandbox.run()
    return sandbox
