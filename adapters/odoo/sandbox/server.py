"""Odoo over HTTP: JSON-2 with a bearer key (19), execute_kw over JSON-RPC (17 to 19), each as strict as the original."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from adapters.odoo.sandbox.acts import UserError, ValidationError
from adapters.odoo.sandbox.ledger import money
from adapters.odoo.sandbox.orm import ON_MODEL, NoSuchModel, Orm
from adapters.odoo.sandbox.records import Records
from adapters.sandbox.books import Books, Json, NotPossible
from adapters.sandbox.goods import Named, books_of
from adapters.sandbox.rights import Rights
from adapters.sandbox.serving import Served, as_json

DATABASE, USER, KEY = "erp", "trueup@example.com", "odoo-sandbox-key"
UID = 2
READS = frozenset({"search_read", "search", "search_count", "read", "fields_get"})
SERVICES = ("OTHER", "GIFT CARD", "SHIPPING", "DUTY", "TIP", "FEE", "ROUNDING", "TAX")


class AccessError(Exception):
    """The user may not do this."""


class OdooSandbox:
    """A running sandbox; `stop()` ends it."""

    database, user, key = DATABASE, USER, KEY

    def __init__(self, books: Books, records: Records, *, port: int, seed: int) -> None:
        self.books = books
        self._records = records
        self._orm = Orm(records)
        self._rights = Rights()
        routes = [Route("/jsonrpc", self._jsonrpc, methods=["POST"])]
        if records.version >= 19:
            routes.append(Route("/json/2/{model}/{method}", self._json2, methods=["POST"]))
        self._served = Served(
            "odoo", books, list(routes), throttled=_throttled, not_found=_not_found,
            conflict=_json2_conflict if records.version >= 19 else _rpc_conflict,
            more={"rights": self._rights.ask, "double": self._double, "parcel": self._parcel, "price_rule": self._price_rule, "variants": records.families.enter, "vendor": records.vendors.enter}, changes=_changes, shows=lambda: money(records), port=port, seed=seed,
        )  # fmt: skip
        self.url = self._served.url
        self.stop = self._served.stop

    def run(self) -> None:
        """Start the server."""
        self._served.run()

    def _parcel(self, ask: Json) -> Json:
        """The last delivery of an order that has left gets its reference."""
        line = [["sale_line_id.order_id", "=", int(ask["document"])], ["state", "=", "done"]]
        moves = self._orm.call(
            "stock.move", "search_read", [], {"domain": line, "fields": ["picking_id"]}, {}
        )
        if not moves:
            raise NotPossible("nothing of it has left")
        self._records.tracked[moves[-1]["picking_id"][0]] = str(ask["number"])
        return {"picking": moves[-1]["picking_id"][0]}

    def _price_rule(self, ask: Json) -> Json:
        """Staff enter a rule of a pricelist."""
        return {"id": self._records.price_rules.enter(ask)}

    def _double(self, ask: Json) -> Json:
        """Staff enter an order once more under the same customer reference; Odoo has no objection."""
        vals = self.books.by_ref(str(ask["document"]))[0].facts["vals"]
        made = self._orm.call("sale.order", "create", [], {"vals_list": [vals]}, {})
        self._orm.call("sale.order", "action_confirm", made, {}, {})
        return {"document": str(made[0])}

    async def _json2(self, request: Request) -> Response:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or key != KEY:
            return _error(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
        if request.headers.get("x-odoo-database", DATABASE) != DATABASE:
            return _error(404, "werkzeug.exceptions.NotFound", "no such database")
        model, method = request.path_params["model"], request.path_params["method"]
        try:
            body = orjson.loads(await request.body())
        except orjson.JSONDecodeError as odd:
            return _error(400, "werkzeug.exceptions.BadRequest", f"could not parse the body: {odd}")
        ids, context = body.pop("ids", []), body.pop("context", {})
        if ids and method in ON_MODEL:
            return _error(
                422, "werkzeug.exceptions.UnprocessableEntity", f"cannot call {model}.{method} with ids"
            )
        try:
            return as_json(self._called(model, method, ids, body, context))
        except NoSuchModel as no:
            return _error(404, "werkzeug.exceptions.NotFound", str(no))
        except AccessError as no:
            return _error(403, "odoo.exceptions.AccessError", str(no))
        except ValidationError as no:
            return _error(422, "odoo.exceptions.ValidationError", str(no))
        except UserError as no:
            return _error(422, "odoo.exceptions.UserError", str(no))
        except (ValueError, KeyError, TypeError) as no:
            return _error(422, "builtins.ValueError", str(no))

    async def _jsonrpc(self, request: Request) -> Response:
        try:
            body = orjson.loads(await request.body())
            params = body["params"]
            service, method, args = params["service"], params["method"], params["args"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return HTMLResponse("<h1>Bad Request</h1>", 400)
        try:
            return as_json(
                {"jsonrpc": "2.0", "id": body.get("id"), "result": self._served_rpc(service, method, args)}
            )
        except NoSuchModel as no:
            return _fault(body, "builtins.KeyError", str(no))
        except AccessError as no:
            return _fault(body, "odoo.exceptions.AccessError", str(no))
        except ValidationError as no:
            return _fault(body, "odoo.exceptions.ValidationError", str(no))
        except UserError as no:
            return _fault(body, "odoo.exceptions.UserError", str(no))
        except (ValueError, KeyError, TypeError) as no:
            return _fault(body, "builtins.ValueError", str(no))

    def _served_rpc(self, service: str, method: str, args: list[Any]) -> Any:
        if (service, method) == ("common", "authenticate"):
            return UID if tuple(args[:3]) == (DATABASE, USER, KEY) else False
        if (service, method) != ("object", "execute_kw"):
            raise NoSuchModel(f"no service {service}.{method}")
        database, uid, key, model, name, positional, *rest = args
        if (database, uid, key) != (DATABASE, UID, KEY):
            raise AccessError("Access Denied")
        keywords = dict(rest[0]) if rest else {}
        context = keywords.pop("context", {})
        ids = list(positional[0]) if positional and name not in ON_MODEL else []
        return self._called(model, name, ids, keywords, context)

    def _called(self, model: str, method: str, ids: list[int], ask: Json, context: Json) -> Any:
        if model in self._rights.denied:
            raise AccessError(f"You are not allowed to access '{model}' records.")
        return self._orm.call(model, method, ids, ask, context)


def _changes(_method: str, path: str, body: bytes) -> bool:
    """Every call is a POST; the method's name tells what it does."""
    if path.startswith("/json/2/"):
        return path.rpartition("/")[2] not in READS
    return b'"execute_kw"' in body and not any(b'"%s"' % name.encode() in body for name in READS)


def _error(status: int, name: str, message: str) -> Response:
    body = {"name": name, "message": message, "arguments": [message], "context": {}, "debug": "Traceback …"}
    return as_json(body, status)


def _fault(body: Json, name: str, message: str) -> Response:
    data = {"name": name, "message": message, "arguments": [message], "debug": "Traceback …"}
    error = {"code": 200, "message": "Odoo Server Error", "data": data}
    return as_json({"jsonrpc": "2.0", "id": body.get("id"), "error": error})


def _throttled(seconds: float) -> Response:
    return HTMLResponse("<h1>429 Too Many Requests</h1>", 429, {"retry-after": f"{seconds:.0f}"})


CONFLICT = ("psycopg2.errors.SerializationFailure", "could not serialize access due to concurrent update")


def _json2_conflict() -> Response:
    return _error(500, *CONFLICT)


def _rpc_conflict() -> Response:
    return _fault({}, *CONFLICT)


def _not_found(request: Request) -> Response:
    return HTMLResponse("<h1>Not Found</h1>", 404)


def start(
    port: int = 0,
    *,
    seed: int = 0,
    skus: Sequence[str | Named],
    warehouses: Sequence[str] = ("WH1", "WH2"),
    stock: Mapping[tuple[str, int], int] | None = None,
    currency: str = "USD",
    pricelists: Mapping[str, int] | None = None,
    version: int = 19,
) -> OdooSandbox:
    """Start an Odoo of this version; `stock` maps (SKU, index of the warehouse) to units."""
    books = books_of(skus, warehouses, stock, below_zero=True)
    records = Records(books, version=version, currency=currency, pricelists=pricelists or {})
    for code in SERVICES:
        records.sell(code, code.title())
    sandbox = OdooSandbox(books, records, port=port, seed=seed)
    sandbox.run()
    return sandbox
