"""The staff of the sandbox: what people do in Tryton all day, by the calls its own client makes."""

import base64
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from adapters.tryton import wire
from adapters.tryton.sandbox import ledger
from adapters.tryton.sandbox.truth import Truth

Json = dict[str, Any]
OUT = "stock.shipment.out"
INTERNAL = "stock.shipment.internal"


class NotPossible(Exception):
    """Tryton says no: too little stock, or a document in another state."""


class Staff:
    """A user of the sandbox's Tryton; one verb at a time."""

    def __init__(self, url: str, user: str, password: str, *, transit_seconds: float) -> None:
        self._client = httpx.Client(base_url=url, timeout=120, trust_env=False)
        self._turn = threading.RLock()
        self._transit_seconds = transit_seconds
        self._timers: list[threading.Timer] = []
        self._under_way: list[int] = []
        self._stopped = False
        number, token, *_ = self._call("common.db.login", user, {"password": password}, "en")
        sign = base64.b64encode(f"{user}:{number}:{token}".encode()).decode()
        self._client.headers["Authorization"] = f"Session {sign}"
        self._context = self._call("model.res.user.get_preferences", True, {})
        products = self.rows(
            "product.product", [["code", "!=", None]], "code default_uom type list_price_used"
        )
        self.codes = {row["id"]: row["code"] for row in products if row["type"] == "goods"}
        self.products = {row["code"]: row for row in products}
        places = self.rows("stock.location", [], "code type storage_location output_location parent")
        self._houses = {row["code"]: row for row in places if row["type"] == "warehouse"}
        self._inside = {
            row["id"]: code
            for row in places
            for code, house in self._houses.items()
            if house["id"] in (row["id"], row["parent"])
        }
        self._supplier = next(row["id"] for row in places if row["type"] == "supplier")
        self._customers = {row["id"] for row in places if row["type"] == "customer"}
        (self._counter,) = self.rows("party.party", [["code", "=", "COUNTER"]], "addresses")
        (self._company,) = self.rows("company.company", [], "currency")
        self._opened = max((row["id"] for row in self.rows("stock.move", [], "state")), default=0)

    def sale(self, ask: Json) -> Json:
        """A counter sale: takes only what is free, reserves it, ships later."""
        product, house = self._product(ask["sku"]), self._house(ask["warehouse"])
        quantity = int(ask["quantity"])
        with self._turn:
            free = self._free(product["id"], house)
            if quantity < 1 or free < quantity:
                raise NotPossible(f"only {free} free")
            price = product["list_price_used"]
            line = {"type": "line", "product": product["id"], "unit": product["default_uom"]}
            line |= {"quantity": float(quantity), "unit_price": price, "base_price": price}
            address = self._counter["addresses"][0]
            values = {"party": self._counter["id"], "invoice_address": address, "shipment_address": address}
            values |= {"company": self._company["id"], "currency": self._company["currency"]}
            values |= {"warehouse": house["id"], "shipment_cost_method": None, "lines": [["create", [line]]]}
            (made,) = self.model("sale.sale", "create", [values])
            for step in ("quote", "confirm"):
                self.model("sale.sale", step, [made])
        return {"document": str(made)}

    def receipt(self, ask: Json) -> Json:
        """Goods from a supplier."""
        house, product = self._house(ask["warehouse"]), self._product(ask["sku"])
        quantity = int(ask["quantity"])
        if quantity < 1:
            raise NotPossible("quantity must be at least 1")
        values = {"product": product["id"], "unit": product["default_uom"], "quantity": float(quantity)}
        values |= {"from_location": self._supplier, "to_location": house["storage_location"]}
        values |= {"unit_price": product["list_price_used"], "currency": self._company["currency"]}
        with self._turn:
            (made,) = self.model("stock.move", "create", [{**values, "company": self._company["id"]}])
            self.press("stock.move", "do", [made])
        return {}

    def adjust(self, ask: Json) -> Json:
        """Goods found or lost, booked by an inventory of one line."""
        house, product = self._house(ask["warehouse"]), self._product(ask["sku"])
        storage = house["storage_location"]
        with self._turn:
            (row,) = self.rows(
                "product.product",
                [["id", "=", product["id"]]],
                "quantity",
                locations=[storage],
                with_childs=True,
            )
            line = {"product": product["id"], "quantity": row["quantity"] + int(ask["delta"])}
            values = {"location": storage, "company": self._company["id"], "empty_quantity": "keep"}
            (made,) = self.model("stock.inventory", "create", [{**values, "lines": [["create", [line]]]}])
            self.press("stock.inventory", "confirm", [made])
        return {}

    def transfer(self, ask: Json) -> Json:
        """Free goods leave one warehouse now and reach the other after a while."""
        start, end = self._house(ask["from"]), self._house(ask["to"])
        quantity = int(ask["quantity"])
        with self._turn:
            free = self._free(self._product(ask["sku"])["id"], start)
            if quantity < 1 or free < quantity or start is end:
                raise NotPossible(f"only {free} free, or no such warehouse")
            today = datetime.now(UTC).date()
            ends = {"from_location": start["storage_location"], "to_location": end["storage_location"]}
            move = {"product": self._product(ask["sku"])["id"], "quantity": float(quantity), **ends}
            move |= {"unit": self._product(ask["sku"])["default_uom"], "company": self._company["id"]}
            days = {"planned_start_date": today, "planned_date": today + timedelta(days=1)}
            values = {**ends, **days, "company": self._company["id"], "moves": [["create", [move]]]}
            (shipment,) = self.model(INTERNAL, "create", [values])
            for step in ("wait", "assign_force", "pack", "ship"):
                self.press(INTERNAL, step, [shipment])
            self._under_way.append(shipment)
        timer = threading.Timer(self._transit_seconds, self._arrive, [shipment])
        timer.daemon = True
        self._timers = [each for each in self._timers if each.is_alive()] + [timer]
        timer.start()
        return {}

    def transfer_in(self, _ask: Json) -> Json:
        """All goods under way arrive."""
        with self._turn:
            due = list(self._under_way)
            for shipment in due:
                self._arrive(shipment)
        return {"arrived": len(due)}

    def ship(self, ask: Json) -> Json:
        """Ship all that is left of one document, named by its id or its web id."""
        with self._turn:
            sale = self._sale(str(ask["document"]))
            shipments = self._open_shipments([["sale", "=", sale]])
            if not shipments:
                raise NotPossible(f"document {sale} has nothing to ship")
            self._send(shipments)
        return {"document": str(sale)}

    def ship_any(self, ask: Json) -> Json:
        """Ship the oldest shipments whose goods are all there, in bulk."""
        with self._turn:
            waiting = self._open_shipments([["sale", "!=", None]])[: int(ask.get("limit", 1))]
            if not waiting:
                return {"shipped": []}
            self.press(OUT, "assign_try", waiting)
            states = self.model(OUT, "read", waiting, ["state", "moves"])
            ready = [row for row in states if row["state"] != "waiting"]
            self._send([row["id"] for row in ready])
            moves = [move for row in ready for move in row["moves"]]
            sales = self.model("stock.move", "read", moves, ["sale", "sale.web_id"]) if moves else []
            gone = {row["sale"]: row["sale."]["web_id"] for row in sales if row["sale"]}
        return {"shipped": [{"document": str(number), "ref": ref} for number, ref in sorted(gone.items())]}

    def cancel(self, ask: Json) -> Json:
        """Cancel a document nothing of which has left."""
        with self._turn:
            sale = self._sale(str(ask["document"]))
            if self.model("stock.move", "search_count", [["sale", "=", sale], ["state", "=", "done"]]):
                raise NotPossible(f"document {sale} has left already")
            shipments = self._open_shipments([["sale", "=", sale]])
            if shipments:
                self.press(OUT, "cancel", shipments)
            else:
                self.press("sale.sale", "cancel", [sale])
        return {"document": str(sale)}

    def double(self, ask: Json) -> Json:
        """Enter a sale once more under the same web id, as far as Tryton allows that."""
        with self._turn:
            sale = self._sale(str(ask["document"]))
            [row] = self.model("sale.sale", "read", [sale], ["web_shop", "web_id"])
            same = {"web_shop": row["web_shop"], "web_id": row["web_id"]}
            [made] = self.model("sale.sale", "copy", [sale], same)
        return {"document": str(made)}

    def stop(self) -> None:
        """Close the connection and forget what is under way."""
        with self._turn:
            self._stopped = True
        for timer in self._timers:
            timer.cancel()
            timer.join()
        self._client.close()

    def rows(self, model: str, domain: list[Any], fields: str, **context: Any) -> list[Json]:
        """search_read in order of id."""
        order = [["id", "ASC"]]
        found: list[Json] = self.model(
            model, "search_read", domain, 0, None, order, fields.split(), **context
        )
        return found

    def model(self, model: str, method: str, *params: Any, **context: Any) -> Any:
        """Call a method of a model."""
        return self._call(f"model.{model}.{method}", *params, {**self._context, **context})

    def press(self, model: str, button: str, ids: list[int]) -> None:
        """Press a button and confirm what it warns of."""
        while ids:
            try:
                self.model(model, button, ids)
                return
            except _Warned as warned:
                self.model("res.user.warning", "skip", warned.args[0], False)

    def state(self) -> Json:
        """The whole truth, by few calls: shelves, our documents, the ERP's own sales, and every movement."""
        with self._turn:
            moves = self.rows(
                "stock.move",
                [["product.type", "=", "goods"]],
                "product state internal_quantity from_location to_location create_date write_date sale",
            )
            sales = self.rows("sale.sale", [], "web_shop web_id reference state total_amount create_date")
            back = self.rows(
                "stock.shipment.out.return", [["reference", "like", "% returned"]], "reference incoming_moves"
            )
            books = self.rows("account.move", [["description", "like", "Shopify %"]], ledger.MOVE)
            notes = self.rows("account.invoice", [["reference", "like", "Shopify %"]], ledger.INVOICE)
        truth = Truth(self.codes, self._inside, self._customers, moves, sales, back, self._opened).told()
        return {**truth, **ledger.money(sales, books, notes), "drafts": ledger.drafts(books, notes)}

    def _arrive(self, shipment: int) -> None:
        with self._turn:
            if shipment in self._under_way and not self._stopped:
                self.press(INTERNAL, "do", [shipment])
                self._under_way.remove(shipment)

    def _send(self, shipments: list[int]) -> None:
        """All steps for many shipments at once."""
        states = {row["id"]: row["state"] for row in self.model(OUT, "read", shipments, ["state"])}
        drafts = [number for number, state in states.items() if state == "draft"]
        self.press(OUT, "wait", drafts)
        waiting = [number for number, state in states.items() if state in ("draft", "waiting")]
        self.press(OUT, "assign_force", waiting)
        for step in ("pick", "pack", "do"):
            self.press(OUT, step, shipments)

    def _open_shipments(self, domain: list[Any]) -> list[int]:
        moves = self.rows("stock.move", [*domain, ["state", "in", ["draft", "assigned"]]], "shipment")
        numbers = {
            int(row["shipment"].partition(",")[2])
            for row in moves
            if (row["shipment"] or "").startswith(f"{OUT},")
        }
        return sorted(numbers)

    def _free(self, product: int, house: Json) -> int:
        (row,) = self.rows(
            "product.product", [["id", "=", product]], "quantity", locations=[house["id"]], with_childs=True
        )
        promised = self.rows(
            "stock.move",
            [
                ["product", "=", product],
                ["state", "in", ["draft", "assigned"]],
                ["from_location", "child_of", [house["id"]], "parent"],
                ["to_location.type", "=", "customer"],
            ],
            "internal_quantity",
        )
        return int(row["quantity"] - sum(move["internal_quantity"] for move in promised))

    def _sale(self, document: str) -> int:
        domain = ["id", "=", int(document)] if document.isdigit() else ["web_id", "=", document]
        found = self.model("sale.sale", "search", [domain])
        if not found:
            raise NotPossible(f"no document {document}")
        return int(found[0])

    def _product(self, sku: str) -> Json:
        if sku not in self.products:
            raise NotPossible(f"no product {sku}")
        return self.products[sku]

    def _house(self, code: str) -> Json:
        if code not in self._houses:
            raise NotPossible(f"no warehouse {code}")
        return self._houses[code]

    def _call(self, method: str, *params: Any) -> Any:
        body = wire.encode({"id": 1, "method": method, "params": list(params)})
        reply = self._client.post("/erp/rpc/", content=body, headers={"Content-Type": "application/json"})
        reply.raise_for_status()
        answer = wire.decode(reply.content)
        if not isinstance(answer, dict) or "error" not in answer:
            return answer["result"] if isinstance(answer, dict) and "result" in answer else answer
        error = answer["error"]
        if error[0] == "UserWarning":
            raise _Warned(error[1][0])
        raise NotPossible(str(error[1][0] if error[0] == "UserError" else error[0]))


class _Warned(Exception):
    """Tryton asks for a confirmation."""
