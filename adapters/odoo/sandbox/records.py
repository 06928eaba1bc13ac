"""Odoo's records as views of the books: what the API reads is always what the staff would see."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.odoo.sandbox.families import Families
from adapters.odoo.sandbox.ids import Ids
from adapters.odoo.sandbox.places import CUSTOMERS, EVERYWHERE, Places
from adapters.odoo.sandbox.price_rules import PriceRules
from adapters.odoo.sandbox.stamps import stamps, text
from adapters.odoo.sandbox.vendors import Vendors
from adapters.sandbox.books import BookedOrder, Books

Record = dict[str, Any]
JOURNALS = {"BNK1": ("Bank", "bank"), "CSH1": ("Cash", "cash"), "INV": ("Customer Invoices", "sale")}
STATES = {"draft": "draft", "open": "sale", "shipped": "sale", "cancelled": "cancel"}


class Records:
    """Lists of records by model."""

    def __init__(self, books: Books, *, version: int, currency: str, pricelists: Mapping[str, int]) -> None:
        self.books = books
        self.version = version
        self.currency = currency
        self.pricelists = {currency: 1, **pricelists}
        self.partners: list[Record] = []
        self.service: dict[str, str] = {}
        """Products that are sold and never stand on a shelf: internal reference to name."""
        self.picked: dict[int, float] = {}
        """Quantity set on open moves, by move."""
        self.moves = Ids()
        self.pickings = Ids()
        self.tracked: dict[int, str] = {}
        """Tracking references by picking."""
        self.lines = Ids()
        self.waiting: dict[int, Record] = {}
        """Pickings created through the API that are not confirmed, or returns that are not validated, by id."""
        self.dead: list[tuple[int, int, str, str, int, float]] = []
        """Cancelled deliveries: (move, order, SKU, warehouse, units, when)."""
        self.revived: dict[tuple[int, str, str], int] = {}
        """Units of deliveries made by hand for an order that was called off, by order, SKU and warehouse."""
        self.entries: dict[str, dict[int, Record]] = {"account.payment": {}, "account.move": {}}
        """Payments and credit notes, by model and id."""
        self.entered = 0
        self.places = Places(books)
        self.families = Families(self.product_id)
        self.price_rules = PriceRules(
            self.pricelists.values(), self.product_id, self.families.template, books.now
        )
        self.vendors = Vendors(self.product_id, self.families.template, self.partners, books.now)
        self._seen: dict[str, dict[int, Record]] = {}
        self._lines: dict[int, tuple[float, list[Record]]] = {}
        self._done: list[Record] = []
        self._read = 0
        """Lines of the log that are in `_done`: what has happened does not change."""
        self._codes = {code: at for at, code in enumerate(books.products, 1)}
        self._names = {at: code for code, at in self._codes.items()}
        self._tables: dict[str, Callable[[], list[Record]]] = {
            "res.partner": lambda: self.partners,
            "res.currency": lambda: [{"id": at, "name": name} for name, at in self._currencies().items()],
            "product.pricelist": self._pricelists,
            "product.pricelist.item": self.price_rules.all,
            "product.product": self._products,
            "product.template": lambda: self.families.templates(self._products(), self._template_stamps),
            "product.attribute": self.families.attributes,
            "product.supplierinfo": self.vendors.all,
            "product.template.attribute.value": self.families.attribute_values,
            "stock.route": self.places.routes,
            "stock.picking.type": self.places.types,
            "stock.warehouse": self.places.warehouses,
            "stock.location": self.places.locations,
            "stock.quant": self._quants,
            "stock.move": self._moves,
            "stock.picking": self._pickings,
            "account.journal": lambda: [
                {"id": at, "name": name, "code": code, "type": kind}
                for at, (code, (name, kind)) in enumerate(JOURNALS.items(), 1)
            ],
            "account.payment": lambda: list(self.entries["account.payment"].values()),
            "account.move": lambda: list(self.entries["account.move"].values()),
            "sale.order": lambda: [self.order(one) for one in self.orders()],
            "sale.order.line": lambda: [line for one in self.orders() for line in self.order_lines(one)],
        }

    def refresh(self) -> None:
        """The books moved on: look at them anew. Within one call they stand still."""
        self._seen.clear()

    def all(self, model: str) -> list[Record]:
        """Every record of a model, oldest id first; KeyError for a model nobody installed."""
        return list(self._table(model).values())

    def one(self, model: str, number: int) -> Record | None:
        """A record by id."""
        return self._table(model).get(number)

    def _table(self, model: str) -> dict[int, Record]:
        if model not in self._seen:
            rows = sorted(self._tables[model](), key=lambda record: int(record["id"]))
            self._seen[model] = {record["id"]: record for record in rows}
        return self._seen[model]

    def orders(self) -> list[BookedOrder]:
        """Sales orders that were not deleted and not made by the sandbox's own staff at the counter."""
        return [
            one
            for one in self.books.orders.values()
            if not one.facts.get("discarded") and one.facts.get("vals")
        ]

    def order(self, one: BookedOrder) -> Record:
        """A sales order."""
        vals = one.facts["vals"]
        return {
            "id": one.id,
            "name": f"S{one.id:05}",
            "partner_id": vals["partner_id"],
            "client_order_ref": one.ref or False,
            "origin": vals.get("origin") or False,
            "warehouse_id": vals.get("warehouse_id") or 1,
            "pricelist_id": vals.get("pricelist_id") or 1,
            "currency_id": self._currencies()[self.currency_of(vals.get("pricelist_id") or 1)],
            "date_order": vals.get("date_order") or text(one.created_at),
            "state": STATES[one.status],
            "amount_total": float(one.facts["amount_total"]),
            "note": vals.get("note") or False,
            "order_line": [line["id"] for line in self.order_lines(one)],
            **stamps(one.created_at, one.changed_at),
        }

    def order_lines(self, one: BookedOrder) -> list[Record]:
        """Its lines."""
        known = self._lines.get(one.id)
        if known is None or known[0] != one.changed_at:
            known = self._lines[one.id] = (one.changed_at, self._made_lines(one))
        return known[1]

    def forget_lines(self, one: BookedOrder) -> None:
        """Its lines were written."""
        one.changed_at = self.books.now()
        self._lines.pop(one.id, None)

    def _delivered(self, one: BookedOrder) -> list[float]:
        """Units of each line that have left, the first line of a product first."""
        left: dict[str, int] = {}
        for (sku, _), each in one.allotments.items():
            left[sku] = left.get(sku, 0) + each.shipped
        found: list[float] = []
        for line in one.facts["lines"]:
            sku = self.code_of(int(line["product_id"]))
            take = min(left.get(sku, 0), int(line.get("product_uom_qty", 1)))
            left[sku] = left.get(sku, 0) - take
            found.append(float(take))
        return found

    def _made_lines(self, one: BookedOrder) -> list[Record]:
        delivered = self._delivered(one)
        return [
            {
                "id": self.lines.of(one.id, at),
                "order_id": one.id,
                "product_id": line["product_id"],
                "product_uom_qty": float(line.get("product_uom_qty", 1)),
                "price_unit": float(line.get("price_unit", 0)),
                "discount": float(line.get("discount", 0)),
                "name": line.get("name") or "",
                "route_id": line.get("route_id") or False,
                "qty_delivered": delivered[at],
                "tax_ids" if self.version >= 19 else "tax_id": [],
                **stamps(one.created_at, one.changed_at),
            }
            for at, line in enumerate(one.facts["lines"])
        ]

    def line_of(self, order: BookedOrder, sku: str) -> int | bool:
        """The sales line that sells a SKU."""
        if not order.facts.get("vals"):
            return False
        number, lines = self.product_id(sku), self.order_lines(order)
        return next((line["id"] for line in lines if line["product_id"] == number), False)

    # --- products and places -----------------------------------------------------------------------------------
    def product_id(self, code: str) -> int:
        """The id of a product; KeyError when nobody sells it."""
        return self._codes[code]

    def code_of(self, product: int) -> str:
        """The internal reference of a product."""
        return self._names[product]

    def title_of(self, product: int) -> str:
        """What Odoo shows for a product."""
        code = self._names[product]
        return f"[{code}] {self.books.products.get(code) or self.service[code]}"

    def sell(self, code: str, name: str) -> None:
        """Add a service product."""
        self.service[code] = name
        self._codes[code] = len(self._codes) + 1
        self._names[self._codes[code]] = code

    def parents(self, location: int) -> list[int]:
        """A location's ancestors."""
        found = self.one("stock.location", location)
        return [found["location_id"]] if found and found["location_id"] else []

    def currency_of(self, pricelist: int) -> str:
        """The currency of a pricelist."""
        return next(name for name, at in self.pricelists.items() if at == pricelist)

    def _currencies(self) -> Mapping[str, int]:
        return {name: at for at, name in enumerate(self.pricelists, 1)}

    def _pricelists(self) -> list[Record]:
        return [
            {"id": at, "name": f"Public ({name})", "currency_id": self._currencies()[name]}
            for name, at in self.pricelists.items()
        ]

    def _products(self) -> list[Record]:
        goods = [(code, name, True) for code, name in self.books.products.items()]
        rows = [*goods, *((code, name, False) for code, name in self.service.items())]
        return [
            {
                "id": at,
                "default_code": code,
                "name": name,
                "barcode": self.books.articles.of(code).facts.get("barcode") or False,
                "type": ("product" if stocked else "service")
                if self.version < 18
                else "consu"
                if stocked
                else "service",
                "is_storable": stocked,
                "active": not self.books.articles.of(code).facts.get("discontinued"),
                "lst_price": float(self.books.articles.of(code).facts.get("price") or 1),
                "standard_price": float(self.books.articles.of(code).facts.get("cost") or 0),
                "weight": float(self.books.articles.of(code).facts.get("weight") or 0) / 1000,
                "weight_uom_name": "kg",
                "product_tmpl_id": self.families.template(code, at),
                "product_template_variant_value_ids": self.families.values_of(code),
                **stamps(
                    0, self.books.articles.of(code).changed("barcode", "cost", "weight", "discontinued")
                ),
            }
            for at, (code, name, stocked) in enumerate(rows, 1)
        ]

    def _template_stamps(self, codes: Sequence[str]) -> Mapping[str, str]:
        return stamps(0, max(self.books.articles.of(code).changed("price", "title") for code in codes))

    # --- goods -------------------------------------------------------------------------------------------------
    def _quants(self) -> list[Record]:
        return [
            {
                "id": 1 + self.product_id(sku) * 100 + self.books.warehouses.index(code),
                "product_id": self.product_id(sku),
                "location_id": self.places.stock_location(code),
                "quantity": float(counts.on_hand),
                "reserved_quantity": float(max(0, min(counts.on_hand, counts.reserved))),
                **stamps(0, 0),
            }
            for (sku, code), counts in self.books.shelves.items()
            if counts.on_hand
        ]

    def _moves(self) -> list[Record]:
        for line in self.books.log[self._read :]:
            self._read += 1
            if line.sku is None or not line.on_hand_delta:
                continue
            order = self.books.orders.get(line.document or 0)
            inside = self.places.stock_location(str(line.warehouse))
            outside = CUSTOMERS if line.kind in ("ship", "return") else EVERYWHERE
            way = (inside, outside) if line.on_hand_delta < 0 else (outside, inside)
            number = self.moves.of("log", line.sequence)
            gone = self._move(number, order, line.sku, abs(line.on_hand_delta), way, "done", line.at)
            if order is not None and line.kind == "ship":
                gone["picking_id"] = self.pickings.of("gone", order.id, str(line.warehouse))
            self._done.append(gone)
        found = [*self._done, *(self._open_move(*key) for key in self.open_deliveries())]
        for number, order_id, sku, code, units, at in self.dead:
            order = self.books.orders[order_id]
            way = (self.places.stock_location(code), CUSTOMERS)
            found.append(self._move(number, order, sku, units, way, "cancel", at))
        for number, picking in self.waiting.items():
            found += [self._waiting_move(number, picking, move) for move in picking["moves"]]
        return found

    def open_deliveries(self) -> list[tuple[int, str, str]]:
        """(order, SKU, warehouse) of promised units that have not left; counter sales too."""
        return [
            (order.id, sku, code)
            for order in self.books.orders.values()
            for (sku, code), each in order.allotments.items()
            if each.quantity > each.shipped
            and (order.status == "open" or self.revived.get((order.id, sku, code)))
        ]

    def open_key(self, order: int, sku: str, code: str) -> tuple[object, ...]:
        """What names an open delivery: after a partial one the rest is another move."""
        return ("open", order, sku, code, self.books.orders[order].allotments[sku, code].shipped)

    def _open_move(self, number: int, sku: str, code: str) -> Record:
        order = self.books.orders[number]
        each = order.allotments[sku, code]
        move = self.moves.of(*self.open_key(number, sku, code))
        way = (self.places.stock_location(code), CUSTOMERS)
        left = self.revived.get((number, sku, code)) or each.quantity - each.shipped
        record = self._move(move, order, sku, left, way, "assigned", order.changed_at)
        record["quantity"] = float(self.picked.get(move, left))
        record["picked"] = move in self.picked
        record["picking_id"] = self.pickings.of(number, code)
        return record

    def _waiting_move(self, picking: int, made: Record, vals: Record) -> Record:
        way = (int(vals["location_id"]), int(vals["location_dest_id"]))
        order = made["order"]
        sku = self.code_of(int(vals["product_id"]))
        units = int(vals["product_uom_qty"])
        record = self._move(vals["id"], order, sku, units, way, made["state"], made["at"])
        return record | {"picking_id": picking, "quantity": float(self.picked.get(vals["id"], 0))}

    def _move(
        self,
        number: int,
        order: BookedOrder | None,
        sku: str,
        units: int,
        way: tuple[int, int],
        state: str,
        at: float,
    ) -> Record:
        return {
            "id": number,
            "name": sku,
            "product_id": self.product_id(sku),
            "product_uom_qty": float(units),
            "quantity": float(units) if state == "done" else 0.0,
            "picked": state == "done",
            "state": state,
            "location_id": way[0],
            "location_dest_id": way[1],
            "sale_line_id": self.line_of(order, sku) if order is not None else False,
            "picking_id": False,
            "date": text(at),
            "origin_returned_move_id": False,
            "to_refund": False,
            **stamps(at, at),
        }

    def _pickings(self) -> list[Record]:
        found: dict[int, Record] = {}
        for move in self._moves():
            number = move["picking_id"]
            if number:
                picking = found.setdefault(
                    number,
                    {
                        "id": number,
                        "name": f"OUT/{number:05}",
                        "picking_type_id": 12,
                        "location_id": move["location_id"],
                        "location_dest_id": move["location_dest_id"],
                        "origin": False,
                        "state": move["state"],
                        "move_ids": [],
                        "carrier_tracking_ref": self.tracked.get(number, False),
                        "date_done": False,
                        **stamps(0, 0),
                    },
                )
                picking["move_ids"].append(move["id"])
        return list(found.values())
