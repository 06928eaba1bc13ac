"""The record service: upserts by external id, merging of lines, transforms; each call is one transaction."""

from collections.abc import Mapping
from copy import copy
from decimal import Decimal
from typing import Any

from adapters.netsuite.sandbox.asked import Wrong, id_of, known
from adapters.netsuite.sandbox.billing import Bills
from adapters.netsuite.sandbox.ledger import Ledger, Line, Transaction, worth
from adapters.netsuite.sandbox.money import MONEY, MoneyRecords
from adapters.netsuite.sandbox.taxing import Taxes
from adapters.sandbox.books import Books, Json, NotPossible

ORDER = frozenset(
    [
        "entity", "externalId", "tranDate", "otherRefNum", "memo", "location", "subsidiary", "currency", "orderStatus",
        "shipMethod", "shippingCost", "item", "discountItem", "discountRate", "shippingAddress", "billingAddress",
    ]
)  # fmt: skip
ORDER_LINE = frozenset(
    ["line", "item", "quantity", "price", "rate", "amount", "location", "description", "isClosed"]
)
CUSTOMER = frozenset(
    ["companyName", "firstName", "lastName", "email", "isPerson", "subsidiary", "externalId", "phone"]
)
FULFILMENT = frozenset(["externalId", "shipStatus", "item", "package", "shippedDate", "memo"])
FULFILMENT_LINE = frozenset(["orderLine", "location", "quantity", "itemReceive"])
RECORDS = {
    "itemFulfillment": "ItemShip",
    "returnAuthorization": "RtnAuth",
    "itemReceipt": "ItemRcpt",
    "invoice": "CustInvc",
}


class RecordService:
    """Records by type and id."""

    def __init__(
        self,
        books: Books,
        ledger: Ledger,
        items: Mapping[str, tuple[int, str]],
        currency: str,
        taxes: Taxes | None = None,
    ) -> None:
        self._books, self._ledger, self._items, self._currency = books, ledger, items, currency
        self._names = {str(number): name for name, (number, _) in items.items()}
        self._places = {str(at): code for at, code in enumerate(books.warehouses, 1)}
        self.customers: dict[str, Json] = {}
        self._taxes = taxes or Taxes()
        self._money = MoneyRecords(books, ledger, self._line, self._taxes)
        self._bills = Bills(ledger, self._taxes)

    # --- customers ---------------------------------------------------------------------------------------------
    def put_customer(self, external_id: str, body: Json) -> str:
        """Make or change a customer; its id."""
        known(body, CUSTOMER, "")
        if not body.get("companyName") and not body.get("lastName"):
            raise Wrong("USER_ERROR", "Please enter value(s) for: Company Name")
        number = str(self.customers.get(external_id, {}).get("id", 500 + len(self.customers)))
        self.customers[external_id] = {**self.customers.get(external_id, {}), **body, "id": number}
        self._ledger.revision += 1
        return number

    # --- money -------------------------------------------------------------------------------------------------
    def put_money(self, record: str, external_id: str, body: Json) -> str:
        """Make a deposit, a credit memo or a refund."""
        return self._money.put(record, external_id, body, {str(one["id"]) for one in self.customers.values()})

    # --- sales orders ------------------------------------------------------------------------------------------
    def put_order(self, external_id: str, body: Json, *, replace: bool, replace_taxes: bool = False) -> str:
        """Make an order, or change the one with this external id."""
        kept = self._ledger.by_external_id("SalesOrd", external_id)
        if kept is not None:
            return self.patch_order(str(kept.id), body, replace=replace, replace_taxes=replace_taxes)
        known(body, ORDER | self._taxes.body, "")
        for name in ("entity", "item"):
            if not body.get(name):
                raise Wrong("USER_ERROR", f"Please enter value(s) for: {name}")
        if id_of(body["entity"]) not in {str(one["id"]) for one in self.customers.values()}:
            raise Wrong("INVALID_CONTENT", "Invalid Field Value for the following field: entity", "entity")
        if id_of(body.get("currency", {"id": "1"})) != "1":
            raise Wrong(
                "INVALID_CONTENT", "Invalid Field Value for the following field: currency", "currency"
            )
        lines = [self._line(at, each) for at, each in enumerate(body["item"]["items"], 1)]
        override, taxes = self._taxes.read(body, lines)
        order = self._books.draft(self._ref(external_id), str(body.get("otherRefNum") or external_id), {})
        total = worth(lines, taxes)
        goods = [
            (line.item, str(line.location), line.quantity) for line in lines if line.location is not None
        ]
        try:
            self._books.confirm(order, goods, total=total, currency=self._currency)
        except NotPossible as no:
            self._books.discard(order)
            raise Wrong("USER_ERROR", str(no)) from no
        made = self._ledger.add("SalesOrd", "B", external_id)
        made.lines, made.order, made.facts = lines, order, {}
        made.override, made.taxes = override, taxes if override else self._taxes.read(body, lines, made)[1]
        made.facts |= {"otherRefNum": body.get("otherRefNum"), "entity": id_of(body["entity"])}
        made.facts["subsidiary"] = id_of(body.get("subsidiary", ""))
        return str(made.id)

    def patch_order(
        self, number: str, body: Json, *, replace: bool = False, replace_taxes: bool = False
    ) -> str:
        """Merge lines by number, add those without one; with `replace` those that are not named are removed."""
        sale = self._sale(number)
        known(body, ORDER | self._taxes.body, "")
        asked = (body.get("item") or {}).get("items", [])
        named = {change.get("line") for change in asked}
        lines = [copy(line) for line in sale.lines if not replace or line.number in named]
        gone = [line for line in sale.lines if replace and line.number not in named]
        if any(line.done or line.billed for line in gone):
            raise Wrong("USER_ERROR", "You cannot remove a line that was fulfilled or billed.", "item")
        numbers = max((line.number for line in sale.lines), default=0)
        for at, change in enumerate(asked):
            path = f"item.items[{at}]"
            known(change, ORDER_LINE | self._taxes.line, path)
            if "line" in change:
                old = next((line for line in lines if line.number == change["line"]), None)
                if old is None:
                    raise Wrong("INVALID_CONTENT", f"Invalid line {change['line']}", path)
                self._merge(old, change, path)
            else:
                numbers += 1
                lines.append(self._line(numbers, change))
        override, taxes = self._taxes.read(body, lines, sale, replace=replace_taxes)
        self._book(sale, lines, worth(lines, taxes))
        sale.lines, sale.override, sale.taxes = lines, override, taxes
        self._ledger.touch(sale)
        return str(sale.id)

    def order(self, number: str) -> Json:
        """A sales order with its lines."""
        sale = self._sale(number)
        items = [
            {
                "line": line.number,
                "item": {"id": str(self._items[line.item][0]), "refName": line.item},
                "quantity": float(line.quantity),
                "rate": float(line.rate),
                "amount": float(line.amount),
                "description": line.description,
                "location": {"id": self._place_id(line.location)} if line.location else None,
                "isClosed": line.closed,
                "quantityFulfilled": float(line.done),
                **self._taxes.shown_of(sale, line),
            }
            for line in sale.lines
        ]
        return {
            "id": str(sale.id),
            "externalId": sale.external_id,
            "status": {"id": self._ledger.status_of(sale)},
            "item": {"items": items, "totalResults": len(items)},
            "total": float(sale.worth),
            **self._taxes.shown(sale),
        }

    # --- transforms --------------------------------------------------------------------------------------------
    def fulfil(self, number: str, body: Json) -> str:
        """Ship lines of an order; a line that is not named goes in full."""
        sale = self._sale(number)
        self._free_key("ItemShip", body)
        known(body, FULFILMENT, "")
        chosen = self._chosen(sale, body)
        if id_of(body.get("shipStatus", {"id": "A"})) != "C":
            raise Wrong("USER_ERROR", "the sandbox's NetSuite only takes fulfilments that are shipped")
        if not chosen:
            raise Wrong("USER_ERROR", "You must have at least one line to fulfil.")
        for line, units in chosen:
            counts = self._books.shelves.get((line.item, str(line.location)))
            if counts is None or counts.on_hand < units:
                raise Wrong("USER_ERROR", f"Item {line.item} is not available at this location")
        made = self._ledger.add("ItemShip", "C", body.get("externalId"), sale.id)
        assert sale.order is not None
        with self._ledger.making(made):
            for line, units in chosen:
                self._books.ship(sale.order, line.item, str(line.location), units)
                line.done += units
                made.lines.append(Line(len(made.lines) + 1, line.item, units, location=line.location))
        return str(made.id)

    def invoice(self, number: str, body: Json) -> str:
        """Bill an order, as far as it can be billed."""
        sale = self._sale(number)
        self._free_key("CustInvc", body)
        return str(self._bills.invoice(sale, body).id)

    def authorise_return(self, number: str, body: Json) -> str:
        """Announce a return of lines of an order."""
        sale = self._sale(number)
        self._free_key("RtnAuth", body)
        chosen: list[tuple[Line, int, str]] = []
        for at, asked in enumerate((body.get("item") or {}).get("items", [])):
            known(asked, FULFILMENT_LINE, f"item.items[{at}]")
            line = sale.line(asked.get("orderLine", 0))
            if line is None:
                raise Wrong("INVALID_CONTENT", "Invalid orderLine", f"item.items[{at}].orderLine")
            if asked.get("itemReceive") is not False:
                place = self._place(asked.get("location"), f"item.items[{at}].location")
                chosen.append((line, int(asked.get("quantity", line.quantity)), place))
        out = {
            line.item: sum(each.done for each in sale.lines if each.item == line.item) for line, *_ in chosen
        }
        for line, units, _ in chosen:
            if units > out[line.item]:
                raise Wrong("USER_ERROR", "You cannot return more than was fulfilled.")
        made = self._ledger.add("RtnAuth", "B", body.get("externalId"), sale.id)
        for at, (line, units, place) in enumerate(chosen, 1):
            made.lines.append(Line(at, line.item, units, location=place))
        return str(made.id)

    def receive(self, number: str, body: Json) -> str:
        """Take announced returns into stock."""
        returned = self._ledger.transactions.get(int(number)) if number.isdigit() else None
        if returned is None or returned.type != "RtnAuth" or returned.previous is None:
            raise Wrong(
                "NONEXISTENT_ID",
                f"The record instance does not exist. Provide a valid record ID. {number}",
                status=404,
            )
        self._free_key("ItemRcpt", body)
        sale = self._ledger.transactions[returned.previous]
        made = self._ledger.add("ItemRcpt", "C", body.get("externalId"), returned.id)
        assert sale.order is not None
        try:
            with self._ledger.making(made):
                for line in returned.lines:
                    units = line.quantity - line.done
                    if units:
                        self._books.take_back(sale.order, line.item, str(line.location), units)
                        line.done += units
                        made.lines.append(Line(line.number, line.item, units, location=line.location))
        except NotPossible as no:
            del self._ledger.transactions[made.id]
            raise Wrong("USER_ERROR", str(no)) from no
        self._ledger.touch(returned)
        return str(made.id)

    def find(self, record: str, number: str) -> Json:
        """A record by internal or external id."""
        if record == "customer":
            found = self.customers.get(number.removeprefix("eid:"))
            if found is not None:
                return found
        elif record == "salesOrder":
            return self.order(number)
        elif record == "salesTaxItem":
            return self._taxes.tax_code(number)
        elif record in MONEY:
            held = self._money.find(record, number)
            if held is not None:
                return held
        elif record in RECORDS:
            kind = RECORDS[record]
            one = self._ledger.by_external_id(kind, number.removeprefix("eid:"))
            one = one or (self._ledger.transactions.get(int(number)) if number.isdigit() else None)
            if one is not None and one.type == kind:
                return (
                    self._bills.row(one)
                    if record == "invoice"
                    else {"id": str(one.id), "externalId": one.external_id}
                )
        raise Wrong(
            "NONEXISTENT_ID",
            f"The record instance does not exist. Provide a valid record ID. {number}",
            status=404,
        )

    # --- parts -------------------------------------------------------------------------------------------------
    def _chosen(self, sale: Transaction, body: Json) -> list[tuple[Line, int]]:
        asked = {each.get("orderLine"): each for each in (body.get("item") or {}).get("items", [])}
        for number, each in asked.items():
            known(each, FULFILMENT_LINE, "item.items")
            if sale.line(number or 0) is None:
                raise Wrong("INVALID_CONTENT", f"Invalid orderLine {number}", "item.items.orderLine")
        found: list[tuple[Line, int]] = []
        for line in sale.lines:
            left = line.quantity - line.done
            each = asked.get(line.number, {})
            if line.location is None or line.closed or left <= 0 or each.get("itemReceive") is False:
                continue
            if each.get("location") and self._place(each["location"], "location") != line.location:
                raise Wrong(
                    "INVALID_CONTENT", "Invalid location reference key for this line", "item.items.location"
                )
            units = int(each.get("quantity", left))
            if not 0 < units <= left:
                raise Wrong("USER_ERROR", f"Line {line.number} has only {left} left to fulfil.")
            found.append((line, units))
        return found

    def _line(self, number: int, body: Json) -> Line:
        path = f"item.items[{number - 1}]"
        known(body, ORDER_LINE | self._taxes.line, path)
        name = self._names.get(id_of(body.get("item", {})))
        if name is None:
            raise Wrong(
                "INVALID_CONTENT",
                f"Invalid Field Value {id_of(body.get('item', {}))} for the following field: item",
                f"{path}.item",
            )
        stocked = name in self._books.products
        place = self._place(body["location"], f"{path}.location") if body.get("location") else None
        if stocked and place is None:
            raise Wrong("USER_ERROR", "Please enter value(s) for: Location", f"{path}.location")
        quantity, rate = int(body.get("quantity", 1)), Decimal(str(body.get("rate", 0)))
        amount = Decimal(str(body.get("amount", rate * quantity)))
        if amount != rate * quantity:
            raise Wrong("INVALID_CONTENT", "Invalid amount for quantity and rate", f"{path}.amount")
        return Line(
            number, name, quantity, rate, amount, place if stocked else None,
            bool(body.get("isClosed", False)), description=str(body.get("description", "")),
            reference=str(body.get("taxDetailsReference", "")),
        )  # fmt: skip

    def _merge(self, line: Line, change: Json, path: str) -> None:
        if change.get("location"):
            place = self._place(change["location"], f"{path}.location")
            if line.done and place != line.location:
                raise Wrong(
                    "USER_ERROR", "You cannot change the location of a line that was fulfilled.", path
                )
            line.location = place
        if "quantity" in change:
            if int(change["quantity"]) < line.billed:
                raise Wrong("USER_ERROR", "The quantity cannot be less than what was billed.", path)
            if int(change["quantity"]) < line.done:
                raise Wrong("USER_ERROR", "The quantity cannot be less than what was fulfilled.", path)
            line.quantity = int(change["quantity"])
        if "rate" in change:
            if line.billed and Decimal(str(change["rate"])) != line.rate:
                raise Wrong("USER_ERROR", "You cannot change the rate of a line that was billed.", path)
            line.rate = Decimal(str(change["rate"]))
        if "quantity" in change or "rate" in change or "amount" in change:
            line.amount = line.rate * line.quantity
            if Decimal(str(change.get("amount", line.amount))) != line.amount:
                raise Wrong("INVALID_CONTENT", "Invalid amount for quantity and rate", f"{path}.amount")
        line.description = str(change.get("description", line.description))
        line.reference = str(change.get("taxDetailsReference", line.reference))
        if "isClosed" in change:
            line.closed = bool(change["isClosed"])

    def _book(self, sale: Transaction, lines: list[Line], total: Decimal) -> None:
        """Let the books hold what the lines say, for what they are worth with their taxes."""
        order = sale.order
        assert order is not None
        goods = [
            (line.item, str(line.location), line.done if line.closed else line.quantity)
            for line in lines
            if line.location
        ]
        goods = [each for each in goods if each[2]]
        closed = all(line.closed for line in lines)
        try:
            if closed and order.status == "open" and not any(line.done for line in lines):
                self._books.cancel(order)
            elif not closed:
                if order.status == "cancelled":
                    self._books.reopen(order)
                if order.status in ("open", "shipped"):
                    self._books.amend(order, goods, total=total)
        except NotPossible as no:
            raise Wrong("USER_ERROR", str(no)) from no

    def _sale(self, number: str) -> Transaction:
        if number.startswith("eid:"):
            found = self._ledger.by_external_id("SalesOrd", number.removeprefix("eid:"))
        else:
            found = self._ledger.transactions.get(int(number)) if number.isdigit() else None
        if found is None or found.type != "SalesOrd":
            raise Wrong(
                "NONEXISTENT_ID",
                f"The record instance does not exist. Provide a valid record ID. {number}",
                status=404,
            )
        return found

    def _free_key(self, kind: str, body: Json) -> None:
        key = body.get("externalId")
        if key and self._ledger.by_external_id(kind, key):
            raise Wrong("DUP_RCRD", "This record already exists")

    def _place(self, reference: Any, path: str) -> str:
        code = self._places.get(id_of(reference))
        if code is None or code in self._books.closed:
            raise Wrong(
                "INVALID_CONTENT",
                f"Invalid Field Value {id_of(reference)} for the following field: location",
                path,
            )
        return code

    def _place_id(self, code: str) -> str:
        return next(number for number, name in self._places.items() if name == code)

    @staticmethod
    def _ref(external_id: str) -> str | None:
        """The shop's order behind an external id of ours, for the report; the sandbox knows our prefix from its start."""
        number = external_id.rpartition("-")[2]
        return f"gid://shopify/Order/{number}" if number.isdigit() else None
