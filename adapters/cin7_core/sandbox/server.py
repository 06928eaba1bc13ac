"""Cin7 Core's API on loopback: two headers, sixty calls a minute for all keys together, errors as it words them."""

import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from math import ceil
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from adapters.cin7_core.sandbox.acts import Acts
from adapters.cin7_core.sandbox.billing import ACCOUNTS, Billing, money
from adapters.cin7_core.sandbox.hooks import Hooks
from adapters.cin7_core.sandbox.ledger import Ledger
from adapters.cin7_core.sandbox.naming import Wrong
from adapters.cin7_core.sandbox.stock import Stock
from adapters.cin7_core.sandbox.views import Views
from adapters.sandbox.books import Books, Json, NotPossible
from adapters.sandbox.goods import Named, books_of
from adapters.sandbox.limits import Window
from adapters.sandbox.rights import Rights
from adapters.sandbox.serving import Served, as_json

BASE = "/ExternalApi/v2"
ACCOUNT, KEYS = "7d1c9a52-core-sandbox", ("core-sandbox-key", "core-sandbox-other-key")
SERVICES = ("OTHER", "GIFT CARD", "SHIPPING", "DUTY", "TIP", "FEE", "ROUNDING", "TAX")
CUSTOMER = "Shopify"
TAXES = {"Tax Exempt": Decimal(0), "Tax on Sales": Decimal(20)}
CALLS, SECONDS = 60, 60.0
LISTS = {
    "saleList": "SaleList",
    "product": "Products",
    "ref/productavailability": "ProductAvailabilityList",
    "ref/location": "LocationList",
    "customer": "CustomerList",
    "ref/tax": "TaxRuleList",
    "ref/account": "AccountsList",
}
MOST = 1000


class Cin7CoreSandbox:
    """A running sandbox; `stop()` ends it."""

    account, key, other_key, customer = ACCOUNT, KEYS[0], KEYS[1], CUSTOMER

    def __init__(
        self, books: Books, *, currency: str, calls: int, seconds: float, port: int, seed: int
    ) -> None:
        self.books = books
        services = {f"SVC-{name.replace(' ', '-')}": name for name in SERVICES}
        customers = {CUSTOMER: currency}
        self._ledger, self._stock = Ledger(books), Stock(books)
        self._acts = Acts(self._ledger, self._stock, frozenset(SERVICES), customers, TAXES, currency)
        self._billing = Billing(self._ledger, self._acts)
        self._views = Views(books, services, customers, TAXES, currency)
        self.hooks = Hooks(books, self._stock.rows, seconds)
        self._base_currency = currency
        self._window = Window(calls, seconds, time.monotonic)
        self.served = 0
        """Calls answered within the allowance."""
        self.refused = 0
        """Calls too many."""
        self._rights = Rights()
        self._soft = False
        self._style = "429"
        route = Route(f"{BASE}/{{path:path}}", self._called, methods=["GET", "POST", "PUT", "DELETE"])
        self._served = Served(
            "cin7-core", books, [route], throttled=self._throttled, soft=_soft, not_found=_page,
            more={"rights": self._rights.ask, "double": self._double, "errors": self._errors, "parcel": self._parcel},
            living=self.hooks.sending, shows=lambda: money(self._ledger), port=port, seed=seed,
        )  # fmt: skip
        self.control = self._served.url
        self.url = f"{self._served.url}{BASE}"
        self.stop = self._served.stop

    def run(self) -> None:
        """Start the server."""
        self._served.run()

    def _errors(self, ask: Json) -> Json:
        """`soft`: errors come with status 200; `limit`: 429, or 503 and 400 as they once were."""
        self._soft, self._style = bool(ask.get("soft", False)), str(ask.get("limit", "429"))
        return {"soft": self._soft, "limit": self._style}

    def _double(self, ask: Json) -> Json:
        """Staff enter a sale once more with the same ExternalID; nobody objects."""
        known = self.books.by_ref(str(ask["document"]))[0]
        made = self._acts.make(dict(known.facts["head"]))
        sale = self._views.sale(made)["ID"]
        self._acts.order({**known.facts["order"], "SaleID": sale})
        return {"document": sale}

    def _parcel(self, ask: Json) -> Json:
        """A box of the last shipped fulfilment gets its number."""
        one = self._ledger.sale(ask["document"])
        gone = [each for each in one.facts["fulfilments"] if each["Ship"]["Status"] == "AUTHORISED"]
        if not gone:
            raise NotPossible("nothing of it has left")
        for line in gone[-1]["Ship"]["Lines"]:
            line |= {"TrackingNumber": ask["number"], "Carrier": ask.get("carrier", "")}
        self._ledger.touch(one)
        return {"task": gone[-1]["TaskID"]}

    async def _called(self, request: Request) -> Response:
        path = request.path_params["path"]
        headers = request.headers
        wait = self._window.take()
        if wait:
            self.refused += 1
            return self._throttled(wait)
        self.served += 1
        if headers.get("api-auth-accountid") != ACCOUNT or headers.get("api-auth-applicationkey") not in KEYS:
            return self._error(403, "Incorrect credentials!", hard=True)
        verbs = self._verbs(path)
        if not verbs:
            return _page(request)
        if request.method not in verbs:
            return self._error(403, f"{request.method} is not allowed for {path}", hard=True)
        if path in self._rights.denied:
            return self._error(403, f"You do not have permission to access {path}", hard=True)
        try:
            raw = await request.body()
            body = orjson.loads(raw) if raw else {}
            return as_json(verbs[request.method](body, dict(request.query_params)))
        except orjson.JSONDecodeError:
            return self._error(500, "The object passed to the API could not be parsed", hard=True)
        except Wrong as wrong:
            return self._error(wrong.code, wrong.text)
        except NotPossible as no:
            return self._error(400, str(no))
        except (KeyError, TypeError, ValueError, ArithmeticError) as odd:
            return self._error(400, f"The request was not in a correct form: {odd!r}")

    def _verbs(self, path: str) -> Mapping[str, Callable[[Json, Mapping[str, str]], Any]]:
        acts, views, ledger, billing = self._acts, self._views, self._ledger, self._billing
        if path in LISTS:
            return {"GET": lambda _, asked: self._listed(path, asked)}
        known: Mapping[str, Mapping[str, Callable[[Json, Mapping[str, str]], Any]]] = {
            "me": {"GET": lambda _, __: {"Company": "Sandbox", "Currency": self._base_currency}},
            "sale": {
                "GET": lambda _, asked: views.sale(ledger.sale(asked.get("ID"))),
                "POST": lambda body, _: views.sale(acts.make(body)),
                "DELETE": lambda _, asked: views.sale(acts.void(asked)),
            },
            "webhooks": {
                "GET": lambda _, __: {"Webhooks": [each.facts for each in self.hooks.hooks]},
                "POST": lambda body, _: self.hooks.add(body),
            },
            "sale/order": {"POST": lambda body, _: views.order(acts.order(body))},
            "sale/fulfilment": {"POST": lambda body, _: _fulfilments(views.sale(acts.begin(body)))},
            "sale/fulfilment/pick": {
                "POST": lambda body, _: acts.pick(body, change=False),
                "PUT": lambda body, _: acts.pick(body, change=True),
            },
            "sale/fulfilment/pack": {"POST": lambda body, _: acts.pack(body)},
            "sale/fulfilment/ship": {"POST": lambda body, _: acts.ship(body)},
            "sale/invoice": {"POST": lambda body, _: views.sale(billing.invoice(body))},
            "sale/creditnote": {"POST": lambda body, _: views.sale(billing.credit(body))},
            "sale/payment": {
                "GET": lambda _, asked: billing.payments(asked),
                "POST": lambda body, _: billing.pay(body),
            },
        }
        return known.get(path, {})

    def _listed(self, path: str, asked: Mapping[str, str]) -> Json:
        page, limit = int(asked.get("Page", "1")), int(asked.get("Limit", "100"))
        if page < 1 or not 1 <= limit <= MOST:
            raise Wrong(f"Limit must be between 1 and {MOST}")
        match path:
            case "saleList":
                rows = self._views.rows(asked)
            case "product":
                rows = self._views.products(asked)
            case "ref/productavailability":
                sku = asked.get("Sku", "")
                rows = [row for row in self._stock.rows() if row["SKU"].startswith(sku)]
            case "ref/location":
                rows = self._views.locations()
            case "customer":
                rows = self._views.customers(asked)
            case "ref/account":
                accounts = {code: name for code, name in ACCOUNTS.items() if code == asked.get("Code", code)}
                rows = [{"Code": code, "Name": name, "Status": "ACTIVE"} for code, name in accounts.items()]
            case _:
                rows = self._views.taxes(asked)
        return {"Total": len(rows), "Page": page, LISTS[path]: rows[(page - 1) * limit : page * limit]}

    def _throttled(self, seconds: float) -> Response:
        """A call too many: not an integer in Retry-After, and a body that is no JSON."""
        calls, span = self._window.calls, self._window.seconds
        said = f"You have reached {calls} calls per {span:g} seconds API limit."
        if self._style == "400":
            return as_json([{"ErrorCode": 400, "Exception": said}], 400)
        headers = {
            "x-ratelimit-limit": str(calls),
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": str(ceil(seconds)),
            "retry-after": f"{max(1, ceil(seconds))} Seconds",
        }
        if self._style == "503":
            return PlainTextResponse(said, 503)
        return PlainTextResponse(said, 429, headers)

    def _error(self, code: int, said: str, *, hard: bool = False) -> Response:
        status = 200 if self._soft and not hard else code
        return as_json([{"ErrorCode": code, "Exception": said}], status)


def _fulfilments(sale: Json) -> Json:
    return {"SaleID": sale["ID"], "Fulfilments": sale["Fulfilments"]}


def _soft() -> Response:
    """Core's own trouble, inside an answer of 200."""
    return as_json([{"ErrorCode": 500, "Exception": "An error has occurred."}], 200)


def _page(_request: Request) -> Response:
    """Paths nobody knows are answered by the web application."""
    return HTMLResponse("<!DOCTYPE html><html><body>Cin7 Core</body></html>", 200)


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
) -> Cin7CoreSandbox:
    """Start an account that answers `calls` in `seconds`, which is how long a minute of its webhooks lasts; `stock` maps (SKU, index of the location) to units."""
    sandbox = Cin7CoreSandbox(
        books_of(skus, warehouses, stock),
        currency=currency,
        calls=calls,
        seconds=seconds,
        port=port,
        seed=seed,
    )
    sandbox.run()
    return sandbox
