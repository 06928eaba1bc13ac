"""Unleashed's API on loopback: signed queries, pages in the path, a number of calls for the month."""

import base64
import hmac
import re
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from math import ceil
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.sandbox.books import Books, Json, NotPossible
from adapters.sandbox.goods import Named, books_of
from adapters.sandbox.limits import Window
from adapters.sandbox.rights import Rights
from adapters.sandbox.serving import Served, as_json
from adapters.unleashed.sandbox.acts import Acts
from adapters.unleashed.sandbox.hooks import Hooks
from adapters.unleashed.sandbox.ledger import Ledger
from adapters.unleashed.sandbox.naming import Wrong, is_guid
from adapters.unleashed.sandbox.views import Asked, Views

API_ID, KEY = "5b3c2f1e-sandbox", "unleashed-sandbox-key=="
SERVICES = ("OTHER", "GIFT CARD", "SHIPPING", "DUTY", "TIP", "FEE", "ROUNDING", "TAX")
CUSTOMER = "SHOPIFY"
TAXES = {"NONE": Decimal(0), "OUTPUT2": Decimal("0.2")}
CALLS, SECONDS = 60, 60.0
MONTH = 250_000
PAGE, MOST = 200, 1000
CLIENT = re.compile(r"^[a-z0-9_.-]+/[a-z0-9_.-]+$")


class UnleashedSandbox:
    """A running sandbox; `stop()` ends it."""

    api_id, key, customer = API_ID, KEY, CUSTOMER

    def __init__(
        self, books: Books, *, currency: str, calls: int, seconds: float, month: int, port: int, seed: int
    ) -> None:
        self.books = books
        customers = {CUSTOMER: currency}
        self._ledger = Ledger(books)
        self._acts = Acts(self._ledger, frozenset(SERVICES), customers, TAXES)
        self._views = Views(self._ledger, SERVICES, customers)
        self._hooks = Hooks(books, self._views.order)
        self.window = Window(calls, seconds, time.monotonic)
        self._month = month
        self.served = 0
        """Calls answered."""
        self.refused = 0
        """Calls too many."""
        self._rights = Rights()
        self._form = "items"
        route = Route("/{path:path}", self._called, methods=["GET", "POST", "PUT", "DELETE"])
        self._served = Served(
            "unleashed", books, [route], throttled=_throttled, not_found=_nothing,
            more={
                "rights": self._rights.ask, "double": self._double, "errors": self._errors, "quota": self._quota,
                "subscribe": self._hooks.subscribe, "parcel": self._parcel,
            },
            living=self._hooks.sending, port=port, seed=seed,
        )  # fmt: skip
        self.url = self._served.url
        self.stop = self._served.stop

    def run(self) -> None:
        """Start the server."""
        self._served.run()

    def _errors(self, ask: Json) -> Json:
        """The form of error bodies, which is not confirmed: `items`, `object` or `text`."""
        self._form = str(ask.get("form", "items"))
        return {"form": self._form}

    def _quota(self, ask: Json) -> Json:
        """Calls that are left of the month."""
        self._month = self.served + int(ask["left"])
        return {"left": self._month - self.served}

    def _double(self, ask: Json) -> Json:
        """The same order sent again, as a caller does who never heard an answer: its GUID is taken."""
        known = self.books.by_ref(str(ask["document"]))[0]
        body = {**known.facts["head"], "SalesOrderLines": [
            {name: value for name, value in line.items() if name != "Guid"} for line in known.facts["lines"]
        ]}  # fmt: skip
        try:
            return {"document": str(self._acts.make(known.facts["guid"], body).facts["guid"])}
        except Wrong as wrong:
            raise NotPossible(wrong.text) from wrong

    def _parcel(self, ask: Json) -> Json:
        """The last shipment of an order gets its number."""
        mine = [row for row in self._ledger.shipments.values() if row["OrderGuid"] == ask["document"]]
        if not mine:
            raise NotPossible("nothing of it has left")
        mine[-1] |= {"TrackingNumber": ask["number"], "ShippingCompany": ask.get("carrier", "")}
        self._ledger.tracked(mine[-1])
        return {"shipment": mine[-1]["ShipmentNumber"]}

    async def _called(self, request: Request) -> Response:
        if not self._signed(request):
            return self._error(Wrong("The API id or the signature is not valid.", "", 403))
        if self.served >= self._month:
            self.refused += 1
            return self._error(Wrong("The monthly API call limit of your plan has been reached.", "", 403))
        if wait := self.window.take():
            self.refused += 1
            return _throttled(wait)
        self.served += 1
        if not CLIENT.match(request.headers.get("client-type", "")):
            return self._error(Wrong("The header client-type is required.", "client-type"))
        path = [part for part in request.path_params["path"].split("/") if part]
        if path and path[0] in self._rights.denied:
            return self._error(Wrong(f"You have no permission for {path[0]}.", "", 403))
        try:
            raw = await request.body()
            body = orjson.loads(raw) if raw else {}
            return self._answer(request.method, path, dict(request.query_params), body)
        except orjson.JSONDecodeError:
            return self._error(Wrong("The body could not be read as JSON."))
        except Wrong as wrong:
            return self._error(wrong)
        except NotPossible as no:
            return self._error(Wrong(str(no)))
        except (KeyError, TypeError, ValueError, ArithmeticError) as odd:
            return self._error(Wrong(f"The request was not in a correct form: {odd!r}"))

    def _signed(self, request: Request) -> bool:
        """The signature is over the very bytes of the query."""
        query: bytes = request.scope["query_string"]
        due = base64.b64encode(hmac.new(KEY.encode(), query, sha256).digest()).decode()
        given = request.headers.get("api-auth-signature", "")
        return request.headers.get("api-auth-id") == API_ID and hmac.compare_digest(due, given)

    def _answer(self, method: str, path: list[str], asked: Asked, body: Json) -> Response:
        match method, path:
            case "GET", [name]:
                return self._listed(name, "1", asked)
            case "GET", [name, page] if page.isdigit():
                return self._listed(name, page, asked)
            case "GET", [name, "Page", page] if page.isdigit():
                return self._listed(name, page, asked)
            case "GET", ["StockOnHand", number, "AllWarehouses"] if is_guid(number):
                rows = self._views.everywhere(number)
                return as_json({"Pagination": _pagination(len(rows), len(rows) or 1, 1), "Items": rows})
            case "GET", ["SalesOrders", number] if is_guid(number):
                return as_json(self._views.order(self._ledger.order(number)))
            case "POST", ["SalesOrders"]:
                return as_json(self._views.order(self._acts.make(None, body)), 201)
            case "POST", ["SalesOrders", number]:
                return as_json(self._views.order(self._acts.make(number, body)), 201)
            case "PUT", ["SalesOrders", number]:
                return as_json(self._views.order(self._acts.replace(number, body)))
            case "DELETE", ["SalesOrders", number]:
                self._acts.delete(number)
                return Response(status_code=200)
            case "POST", ["SalesOrders", number, "Complete"]:
                return as_json(self._views.order(self._acts.complete(number)))
            case "POST", ["SalesShipments"]:
                return as_json(self._acts.ship(body), 201)
            case "POST", ["CreditNotes", "FreeCredit"]:
                return as_json(self._acts.credit(body), 201)
            case "POST", ["CreditNotes", number, "Complete"]:
                return as_json(self._acts.complete_credit(number))
            case _:
                raise Wrong("There is nothing at this address.", "", 404)

    def _listed(self, name: str, page: str, asked: Asked) -> Response:
        lists: Mapping[str, Callable[[Asked], list[Json]]] = {
            "Warehouses": self._views.warehouses,
            "Products": self._views.products,
            "Customers": self._views.customers,
            "StockOnHand": self._views.stock,
            "SalesOrders": self._views.orders,
            "SalesShipments": self._views.shipments,
            "CreditNotes": self._views.credits,
        }
        if name not in lists:
            raise Wrong("There is nothing at this address.", "", 404)
        at, size = int(page), int(asked.get("pageSize", PAGE))
        if at < 1 or not 1 <= size <= MOST:
            raise Wrong(f"pageSize must be between 1 and {MOST}.", "pageSize")
        rows = lists[name](asked)
        return as_json(
            {"Pagination": _pagination(len(rows), size, at), "Items": rows[(at - 1) * size : at * size]}
        )

    def _error(self, wrong: Wrong) -> Response:
        if self._form == "text":
            return PlainTextResponse(wrong.text, wrong.status)
        told: Json = {"Field": wrong.field, "ErrorCode": "", "Description": wrong.text}
        body: Any = told if self._form == "object" else {"Items": [told]}
        return as_json(body, wrong.status)


def _pagination(items: int, size: int, page: int) -> Json:
    return {
        "NumberOfItems": items,
        "PageSize": size,
        "PageNumber": page,
        "NumberOfPages": max(1, ceil(items / size)),
    }


def _throttled(seconds: float) -> Response:
    return PlainTextResponse("Too Many Requests", 429, {"retry-after": str(max(1, ceil(seconds)))})


def _nothing(_request: Request) -> Response:
    return as_json({"Items": [{"Field": "", "ErrorCode": "", "Description": "Nothing here."}]}, 404)


def start(
    port: int = 0,
    *,
    seed: int = 0,
    skus: Sequence[str | Named],
    warehouses: Sequence[str] = ("WH1", "WH2"),
    stock: Mapping[tuple[str, int], int] | None = None,
    currency: str = "USD",
    calls: int = CALLS,
    seconds: float = SECONDS,
    month: int = MONTH,
) -> UnleashedSandbox:
    """Start an account that answers `calls` in `seconds` and `month` in all; `stock` maps (SKU, index of the warehouse) to units."""
    sandbox = UnleashedSandbox(
        books_of(skus, warehouses, stock),
        currency=currency,
        calls=calls,
        seconds=seconds,
        month=month,
        port=port,
        seed=seed,
    )
    sandbox.run()
    return sandbox
