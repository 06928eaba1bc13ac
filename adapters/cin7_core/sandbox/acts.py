"""What the API changes: sales step by step, each only from the state the step before left."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from adapters.cin7_core.sandbox.ledger import OPEN, Ledger, place_of
from adapters.cin7_core.sandbox.naming import Wrong, guid, moment, needed, only
from adapters.cin7_core.sandbox.stock import Stock
from adapters.sandbox.books import BookedOrder, Json, NotPossible

HEAD = frozenset(
    [
        "ID", "Customer", "CustomerID", "Contact", "Phone", "Email", "DefaultAccount", "SkipQuote", "BillingAddress",
        "ShippingAddress", "ShippingNotes", "TaxRule", "TaxInclusive", "Terms", "PriceTier", "ShipBy", "Location",
        "SaleOrderDate", "Note", "CustomerReference", "Carrier", "CurrencyRate", "SalesRepresentative", "ExternalID",
        "AdditionalAttributes", "SaleType", "AutoPickPackShipMode",
    ]
)  # fmt: skip
ORDER = frozenset(
    ["SaleID", "Memo", "Status", "Lines", "AdditionalCharges", "TotalBeforeTax", "Tax", "Total", "AutoPickPackShipMode"]
)  # fmt: skip
CHARGE = frozenset(["Description", "Quantity", "Price", "Discount", "Tax", "TaxRule", "Total", "Comment"])
LINE = (CHARGE - {"Description"}) | {"ProductID", "SKU", "Name", "DropShip"}
PICK_LINE = frozenset(
    ["ProductID", "SKU", "Name", "Quantity", "Location", "LocationID", "BatchSN", "ExpiryDate", "Box"]
)
LENGTHS = {"CustomerReference": 256, "Note": 1024, "Contact": 256, "Email": 256}
CENT = Decimal("0.01")


class Acts:
    """Verbs by path."""

    def __init__(
        self,
        ledger: Ledger,
        stock: Stock,
        services: frozenset[str],
        customers: Mapping[str, str],
        taxes: Mapping[str, Decimal],
        base: str,
    ) -> None:
        """`customers`: currency by name; `taxes`: percent by name."""
        self._ledger, self._stock, self._books = ledger, stock, ledger.books
        self._services, self._customers, self._taxes, self._base = services, customers, taxes, base

    def make(self, body: Json) -> BookedOrder:
        """POST sale: a shell that promises nothing. The server lets any number bear one ExternalID."""
        only(body, HEAD, "Sale")
        name = body.get("Customer")
        if name not in self._customers and guid("customer", name) != body.get("CustomerID"):
            raise Wrong(f"Customer '{name}' not found")
        needed(body, "TaxRule", "CurrencyRate")
        self._tax(body["TaxRule"])
        for field, most in LENGTHS.items():
            if len(str(body.get(field) or "")) > most:
                raise Wrong(f"{field} is longer than {most} characters")
        if self._customers[str(name)] == self._base and Decimal(str(body["CurrencyRate"])) != 1:
            raise Wrong("CurrencyRate must be 1 for the base currency")
        if body.get("Location"):
            place_of(str(body["Location"]), self._books)
            if body["Location"] not in self._books.warehouses or body["Location"] in self._books.closed:
                raise Wrong(f"Location '{body['Location']}' not found or deprecated")
        external = str(body.get("ExternalID") or "")
        facts: Json = {"head": dict(body), "order": None, "fulfilments": [], "invoices": [], "credits": []}
        return self._books.draft(_ref(external), external, facts, part=str(body.get("Location") or ""))

    def order(self, body: Json) -> BookedOrder:
        """POST sale/order: replaces the lines, and authorises them when asked."""
        only(body, ORDER, "Sale Order")
        needed(body, "SaleID", "Status")
        one = self._ledger.sale(body["SaleID"])
        if one.status != "draft":
            raise Wrong("Sale order can be modified only in status DRAFT or NOT AVAILABLE")
        if not one.facts["head"].get("SkipQuote"):
            raise Wrong("Sale quote must be AUTHORISED first")
        if body["Status"] not in ("DRAFT", "AUTHORISED"):
            raise Wrong("Status must be DRAFT or AUTHORISED")
        total = self.priced(body)
        one.facts["order"] = dict(body)
        self._ledger.touch(one)
        if body["Status"] == "AUTHORISED":
            place = str(one.facts["head"].get("Location") or "")
            goods = [(line["SKU"], place, int(line["Quantity"])) for line in body.get("Lines") or ()]
            goods = [each for each in goods if each[0] not in self._services]
            if goods and not place:
                raise self._undone(one, "Location is required for a sale of stock items")
            currency = self._customers[one.facts["head"]["Customer"]]
            try:
                self._books.confirm(one, goods, total=total, currency=currency)
            except NotPossible as no:
                raise self._undone(one, str(no)) from no
        return one

    def void(self, asked: Mapping[str, str]) -> BookedOrder:
        """DELETE sale: only with Void=true, and nothing of it picked."""
        one = self._ledger.sale(asked.get("ID"))
        if asked.get("Void", "false").lower() != "true":
            raise Wrong("the sandbox knows no undoing, only Void=true")
        if any(each["Pick"]["Status"] == "AUTHORISED" for each in one.facts["fulfilments"]):
            raise Wrong("Sale cannot be voided: it has authorised fulfilments")
        try:
            if one.status == "draft":
                self._books.discard(one)
            elif one.status != "cancelled":
                self._books.cancel(one)
        except NotPossible as no:
            raise Wrong(str(no)) from no
        return one

    def begin(self, body: Json) -> BookedOrder:
        """POST sale/fulfilment: an empty one; an Advanced sale may have several."""
        one = self.authorised(body)
        if one.facts["head"].get("SaleType") != "Advanced" and one.facts["fulfilments"]:
            raise Wrong("Simple sale can have only one fulfilment")
        self._ledger.begun(one)
        return one

    def pick(self, body: Json, *, change: bool) -> Json:
        """POST or PUT sale/fulfilment/pick; what is authorised stays as it is."""
        one, each = self._step(body, "Pick", None)
        there = each["Pick"]["Status"] == "DRAFT"
        if there and not change:
            raise Wrong("Pick exists already, use PUT to change it")
        if change and not there:
            raise Wrong("There is no draft pick to change, use POST")
        lines = [dict(line) for line in body.get("Lines") or ()]
        for line in lines:
            only(line, PICK_LINE, "Pick line")
            needed(line, "SKU", "Quantity")
            if not line.get("Location"):
                raise Wrong("'Location' is required")
        self._fits(one, each, lines)
        if body["Status"] == "AUTHORISED":
            if not lines:
                raise Wrong("Pick has no lines")
            for (sku, where, batch), units in _together(lines).items():
                self._stock.take(sku, where, units, batch)
        else:
            for line in lines:
                place_of(line["Location"], self._books)
        each["Pick"] = {"Status": body["Status"], "Lines": lines}
        self._ledger.settle(one)
        self._ledger.touch(one)
        return {"TaskID": each["TaskID"], **each["Pick"]}

    def pack(self, body: Json) -> Json:
        """POST sale/fulfilment/pack: what was picked, no more and no less."""
        one, each = self._step(body, "Pack", "Pick")
        lines = [dict(line) for line in body.get("Lines") or ()]
        for line in lines:
            only(line, PICK_LINE, "Pack line")
            needed(line, "Location", "Box")
        if _together(lines) != _together(each["Pick"]["Lines"]):
            raise Wrong("Packed quantities differ from picked ones")
        each["Pack"] = {"Status": body["Status"], "Lines": lines}
        self._ledger.touch(one)
        return {"TaskID": each["TaskID"], **each["Pack"]}

    def ship(self, body: Json) -> Json:
        """POST sale/fulfilment/ship: here the goods leave the books."""
        one, each = self._step(body, "Ship", "Pack")
        lines = [dict(line) for line in body.get("Lines") or ()]
        for line in lines:
            needed(line, "ShipmentDate", "Box")
            moment(line["ShipmentDate"])
        if body["Status"] == "AUTHORISED" and not all(line.get("IsShipped") for line in lines):
            raise Wrong("All shipment lines must be shipped")
        if body["Status"] == "AUTHORISED":
            for (sku, where, _), units in _together(each["Pick"]["Lines"]).items():
                with self._ledger.acting():
                    self._books.ship(one, sku, place_of(where, self._books), units)
        told = [{**line, "Boxes": line["Box"]} for line in lines]
        each["Ship"] = {"Status": body["Status"], "Lines": told}
        self._ledger.touch(one)
        return {"TaskID": each["TaskID"], **each["Ship"]}

    def authorised(self, body: Json) -> BookedOrder:
        """The sale a body names, once its order is authorised."""
        needed(body, "SaleID")
        one = self._ledger.sale(body["SaleID"])
        if one.status not in ("open", "shipped"):
            raise Wrong("Sale order must be AUTHORISED")
        return one

    def _step(self, body: Json, step: str, before: str | None) -> tuple[BookedOrder, Json]:
        needed(body, "TaskID", "Status")
        one, each = self._ledger.of_task(body["TaskID"])
        if body["Status"] not in ("DRAFT", "AUTHORISED"):
            raise Wrong("Status must be DRAFT or AUTHORISED")
        if one.status == "cancelled":
            raise Wrong("Sale is VOIDED")
        if each[step]["Status"] not in OPEN:
            raise Wrong(f"{step} is {each[step]['Status']} and cannot be changed")
        if before is not None and each[before]["Status"] != "AUTHORISED":
            raise Wrong(f"{before} must be AUTHORISED first")
        return one, each

    def _fits(self, one: BookedOrder, each: Json, lines: Sequence[Json]) -> None:
        """No more is picked than was ordered, over all fulfilments."""
        left: dict[str, int] = {}
        for line in one.facts["order"]["Lines"]:
            left[line["SKU"]] = left.get(line["SKU"], 0) + int(line["Quantity"])
        others = [other for other in one.facts["fulfilments"] if other is not each]
        for line in [*lines, *(line for other in others for line in other["Pick"]["Lines"])]:
            left[line["SKU"]] = left.get(line["SKU"], 0) - int(line["Quantity"])
        for sku, units in left.items():
            if units < 0:
                raise Wrong(f"Picked quantity of {sku} exceeds the ordered quantity by {-units}")

    def priced(self, body: Json) -> Decimal:
        """The total, which must be what the lines say."""
        net = tax = Decimal(0)
        for line in body.get("Lines") or ():
            only(line, LINE, "Sale Order Line")
            needed(line, "ProductID", "SKU", "Name", "Quantity", "TaxRule")
            if line["SKU"] not in self._books.products and line["SKU"] not in self._services:
                raise Wrong(f"Product with SKU {line['SKU']} not found")
            if line["ProductID"] != guid("product", line["SKU"]):
                raise Wrong(f"Product with ID {line['ProductID']} not found")
        for line in body.get("AdditionalCharges") or ():
            only(line, CHARGE, "Additional Charge")
            needed(line, "Description", "Quantity", "TaxRule")
            if line["Description"] not in self._services:
                raise Wrong(f"Service product '{line['Description']}' not found")
        for line in [*(body.get("Lines") or ()), *(body.get("AdditionalCharges") or ())]:
            quantity, price = _number(line["Quantity"]), _number(line.get("Price", 0))
            if price != round(price, 4):
                raise Wrong("Price has more than 4 decimal places")
            made = quantity * price * (100 - _number(line.get("Discount", 0))) / 100
            due = made * self._tax(line["TaxRule"]) / 100
            if abs(made - _number(line["Total"])) > CENT or abs(due - _number(line.get("Tax", 0))) > CENT:
                raise Wrong(f"Total or Tax is incorrect for {line.get('SKU') or line['Description']}")
            net, tax = net + _number(line["Total"]), tax + _number(line.get("Tax", 0))
        for name, is_ in (("TotalBeforeTax", net), ("Tax", tax), ("Total", net + tax)):
            if abs(_number(body.get(name, 0)) - is_) > CENT:
                raise Wrong(f"{name} is incorrect: {is_} expected")
        return net + tax

    def _tax(self, name: str) -> Decimal:
        if name not in self._taxes:
            raise Wrong(f"Tax rule '{name}' not found")
        return self._taxes[name]

    def _undone(self, one: BookedOrder, why: str) -> Wrong:
        one.facts["order"] = None
        return Wrong(why)


def _number(said: Any) -> Decimal:
    return Decimal(str(said))


def _together(lines: Sequence[Json]) -> dict[tuple[str, str, str | None], int]:
    """Units by SKU, place and batch."""
    found: dict[tuple[str, str, str | None], int] = {}
    for line in lines:
        key = (line["SKU"], line["Location"], line.get("BatchSN"))
        found[key] = found.get(key, 0) + int(line["Quantity"])
    return found


def _ref(external_id: str) -> str | None:
    """The shop's order behind an external id, for the report."""
    number = external_id.rpartition("-")[2]
    return f"gid://shopify/Order/{number}" if number.isdigit() else None
