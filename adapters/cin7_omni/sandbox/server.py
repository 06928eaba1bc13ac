"""Omni's API on loopback: Basic auth, three limits one over the other, 200 for batches of which some failed."""

import base64
import time
from collections.abc import Callable, Mapping, Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.cin7_omni.sandbox.acts import Acts, Wrong
from adapters.cin7_omni.sandbox.views import Views
from adapters.cin7_omni.sandbox.where import Unreadable, matching, ordered
from adapters.sandbox.books import BookedOrder, Books, Json, NotPossible
from adapters.sandbox.goods import Named, books_of
from adapters.sandbox.limits import Window
from adapters.sandbox.rights import Rights
from adapters.sandbox.serving import Served, as_json

BASE = "/api/v1"
USER, KEY = "BrandUS", "omni-sandbox-key"
SERVICES = ("OTHER", "GIFT CARD", "SHIPPING", "DUTY", "TIP", "FEE", "ROUNDING", "TAX")
CONTACTS = {41: "shopify@example.com"}
PER_SECOND, PER_MINUTE, PER_DAY = 3, 60, 5_000
PAGE, MOST = 50, 250
FIELDS: Mapping[str, tuple[str, ...]] = {
    "Branches": ("id", "company", "branchType", "isActive"),
    "ProductOptions": ("id", "productId", "status", "productOptionCode", "modifiedDate"),
    "Contacts": ("id", "email"),
    "Stock": ("productId", "productOptionId", "code", "branchId", "branchName", "modifiedDate"),
    "SalesOrders": (
        "id", "reference", "customerOrderNo", "branchId", "status", "stage", "memberId", "createdDate", "modifiedDate",
        "dispatchedDate", "isVoid",
    ),
    "CreditNotes": ("id", "reference", "salesReference", "branchId", "status", "modifiedDate"),
    "Payments": (
        "id", "orderId", "transactionRef", "method", "amount", "paymentDate", "createdDate", "modifiedDate",
    ),
}  # fmt: skip
"""Fields of each resource that conditions and orders may name: never those of its lines."""


class OmniSandbox:
    """A running sandbox; `stop()` ends it."""

    user, key = USER, KEY

    def __init__(
        self,
        books: Books,
        *,
        currency: str,
        limits: Sequence[tuple[int, float]],
        day: int,
        port: int,
        seed: int,
    ) -> None:
        self.books = books
        self._views = Views(books, SERVICES, CONTACTS)
        self._acts = Acts(books, self._views, SERVICES, CONTACTS, {currency, "GBP"})
        self._limits = tuple(limits)
        self._windows = self._fresh()
        self._day = day
        self.served = 0
        """Calls answered."""
        self.refused = 0
        """Calls too many."""
        self._last: tuple[tuple[str, str, str, int], list[Json]] | None = None
        self._rights = Rights()
        self._words = "plain"
        self.branches = {code: str(self._views.branch_id(code)) for code in books.warehouses}
        """Ids of the branches by their names."""
        route = Route(f"{BASE}/{{path:path}}", self._called, methods=["GET", "POST", "PUT", "DELETE"])
        self._served = Served(
            "cin7-omni", books, [route], throttled=lambda _seconds: _throttled(), not_found=_nothing,
            more={"rights": self._rights.ask, "double": self._double, "errors": self._errors, "quota": self._quota,
                  "parcel": self._parcel},
            shows=self._views.money, port=port, seed=seed,
        )  # fmt: skip
        self.control = self._served.url
        self.url = f"{self._served.url}{BASE}"
        self.stop = self._served.stop

    def run(self) -> None:
        """Start the server."""
        self._served.run()

    def _errors(self, ask: Json) -> Json:
        """How errors are worded: `plain`, a JSON string, or `message`, an object."""
        self._words = str(ask.get("form", "plain"))
        return {"form": self._words}

    def _fresh(self) -> list[Window]:
        return [Window(calls, seconds, time.monotonic) for calls, seconds in self._limits]

    def _quota(self, ask: Json) -> Json:
        """Calls that are `left` of the day; or that second and minute begin anew, `rested`."""
        if ask.get("rested"):
            self._windows = self._fresh()
        else:
            self._day = self.served + int(ask["left"])
        return {"left": self._day - self.served}

    def _double(self, ask: Json) -> Json:
        """Staff copy an order; the copy has the same customerOrderNo and a reference of its own."""
        known: BookedOrder = self.books.by_ref(str(ask["document"]))[0]
        lines = [
            {name: value for name, value in line.items() if name != "id"} for line in known.facts["lines"]
        ]
        head = {name: value for name, value in known.facts["head"].items() if name != "reference"}
        body = {**head, "branchId": self._views.branch_id(known.part), "lineItems": lines, "stage": "New"}
        return {"document": str(self._acts.make(body)[0])}

    def _parcel(self, ask: Json) -> Json:
        """Staff write the number of a parcel on its order."""
        one = self.books.orders[int(ask["document"])]
        one.facts["head"] |= {"trackingCode": ask["number"], "logisticsCarrier": ask.get("carrier", "")}
        one.changed_at = self.books.now()
        return {"id": one.id}

    async def _called(self, request: Request) -> Response:
        if any(window.wait() for window in self._windows) or self.served >= self._day:
            self.refused += 1
            return _throttled()
        for window in self._windows:
            window.take()
        self.served += 1
        due = "Basic " + base64.b64encode(f"{USER}:{KEY}".encode()).decode()
        if request.headers.get("authorization") != due:
            return self._error(401, "Authorization has been denied for this request.")
        name, _, number = request.path_params["path"].partition("/")
        if name not in FIELDS:
            return self._error(404, "No HTTP resource was found that matches the request URI.")
        if name in self._rights.denied:
            return self._error(403, f"Access to {name} is not enabled for this API connection.")
        try:
            if request.method == "GET":
                return self._one(name, number) if number else self._listed(name, request.query_params)
            return self._batch(request.method, name, orjson.loads(await request.body()))
        except (Unreadable, orjson.JSONDecodeError) as odd:
            return self._error(400, str(odd))
        except (KeyError, TypeError, ValueError, AttributeError) as odd:
            return self._error(400, f"The request is invalid: {odd!r}")

    def _one(self, name: str, number: str) -> Response:
        for row in self._rows(name):
            if str(row["id"]) == number:
                return as_json(row)
        return self._error(404, f"{name} {number} was not found.")

    def _listed(self, name: str, asked: Mapping[str, str]) -> Response:
        known = {key.lower(): value for key, value in asked.items()}
        page, size = int(known.get("page", 1)), int(known.get("rows", PAGE))
        if size > MOST:
            return self._error(400, f"The rows argument cannot be greater than {MOST}.")
        if page < 1 or size < 1:
            return self._error(400, "The page and rows arguments must be positive.")
        rows = self._found(name, known.get("where", ""), known.get("order", ""))
        told = rows[(page - 1) * size : page * size]
        if known.get("fields"):
            wanted = {field.strip().lower() for field in known["fields"].split(",")}
            told = [{key: value for key, value in row.items() if key.lower() in wanted} for row in told]
        return as_json(told)

    def _found(self, name: str, where: str, order: str) -> list[Json]:
        """The records of a listing; those of stock are kept from page to page until something moves."""
        key = (name, where, order, len(self.books.log))
        if self._last is None or self._last[0] != key or name != "Stock":
            fits = matching(where, FIELDS[name])
            rows = ordered([row for row in self._rows(name) if fits(row)], order, FIELDS[name])
            self._last = (key, rows)
        return self._last[1]

    def _rows(self, name: str) -> list[Json]:
        match name:
            case "Branches":
                return self._views.branches()
            case "ProductOptions":
                return self._views.options()
            case "Contacts":
                return self._views.contacts()
            case "Stock":
                return self._views.stock()
            case "SalesOrders":
                return self._views.orders()
            case "Payments":
                return list(self._views.payments)
            case _:
                return list(self._views.credits)

    def _batch(self, method: str, name: str, records: list[Json]) -> Response:
        verbs: Mapping[tuple[str, str], Callable[[Json], tuple[int, str]]] = {
            ("POST", "SalesOrders"): self._acts.make,
            ("PUT", "SalesOrders"): self._acts.change,
            ("POST", "CreditNotes"): self._acts.credit,
            ("PUT", "CreditNotes"): self._acts.change_credit,
            ("POST", "Payments"): self._acts.pay,
        }
        verb = verbs.get((method, name))
        if verb is None:
            return self._error(405, f"The requested resource does not support http method '{method}'.")
        if not isinstance(records, list):
            return self._error(400, "The request is invalid: an array is expected.")
        if len(records) > MOST:
            return self._error(400, f"Batch limit is {MOST}.")
        marks = [str(each.get("reference") or each.get("id") or "") for each in records]
        if len({mark for mark in marks if mark}) != len([mark for mark in marks if mark]):
            return self._error(400, "The batch contains duplicates.")
        results: list[Json] = []
        for index, record in enumerate(records):
            result: Json = {"index": index, "success": True, "id": 0, "code": marks[index], "errors": []}
            try:
                result["id"], result["code"] = verb(record)
            except (Wrong, NotPossible) as no:
                result |= {"success": False, "errors": [str(no)]}
            results.append(result)
        return as_json(results)

    def _error(self, status: int, words: str) -> Response:
        return as_json({"Message": words} if self._words == "message" else words, status)


def _throttled() -> Response:
    return as_json("Rate limit exceeded. Retry after some time.", 429)


def _nothing(_request: Request) -> Response:
    return as_json({"Message": "No HTTP resource was found that matches the request URI."}, 404)


def start(
    port: int = 0,
    *,
    seed: int = 0,
    skus: Sequence[str | Named],
    warehouses: Sequence[str] = ("WH1", "WH2"),
    stock: Mapping[tuple[str, int], int] | None = None,
    currency: str = "USD",
    limits: Sequence[tuple[int, float]] = ((PER_SECOND, 1.0), (PER_MINUTE, 60.0)),
    day: int = PER_DAY,
) -> OmniSandbox:
    """Start an account that keeps these limits of (calls, seconds) and answers `day` calls in all; `stock` maps (SKU, index of the branch) to units."""
    sandbox = OmniSandbox(
        books_of(skus, warehouses, stock), currency=currency, limits=limits, day=day, port=port, seed=seed
    )
    sandbox.run()
    return sandbox
