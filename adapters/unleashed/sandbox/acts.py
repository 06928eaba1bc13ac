"""What the API changes: orders under GUIDs of the caller, shipments, free credit notes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters.sandbox.books import BookedOrder, Json
from adapters.unleashed.sandbox.ledger import Ledger, number_of, status_of
from adapters.unleashed.sandbox.naming import Wrong, date, guid, inside, is_guid, needed, only, read_date

HEAD = frozenset(
    [
        "Guid", "OrderNumber", "OrderStatus", "OrderDate", "RequiredDate", "Customer", "CustomerRef", "Warehouse",
        "Currency", "ExchangeRate", "Tax", "TaxRate", "SourceId", "DiscountRate", "SubTotal", "TaxTotal", "Total",
        "SalesOrderLines", "Comments", "AllocateProduct", "DeliveryName", "DeliveryStreetAddress", "DeliveryCity",
        "DeliveryPostCode", "DeliveryCountry", "DeliveryInstruction",
    ]
)  # fmt: skip
LINE = frozenset(
    [
        "Guid", "LineNumber", "LineType", "Product", "OrderQuantity", "UnitPrice", "DiscountRate", "LineTotal", "TaxRate",
        "LineTax", "Comments", "DueDate",
    ]
)  # fmt: skip
CREDIT = frozenset(
    [
        "Guid", "Reference", "Comments", "CreditDate", "Customer", "Currency", "Warehouse", "Tax", "CreditLines",
        "SubTotal", "TaxTotal", "Total",
    ]
)  # fmt: skip
CREDIT_LINE = frozenset(
    [
        "LineNumber",
        "Product",
        "CreditQuantity",
        "CreditPrice",
        "LineTotal",
        "LineTax",
        "ReturnToStock",
        "Comments",
    ]
)
SHIPMENT = frozenset(
    [
        "Guid", "OrderNumber", "ShipmentStatus", "DispatchDate", "SalesShipmentLines", "ShippingCompany",
        "TrackingNumber", "Comments",
    ]
)  # fmt: skip
SHIPMENT_LINE = frozenset(["Guid", "SalesOrderLineNumber", "Product", "ShipmentQty"])
LENGTHS = {
    "Comments": 2048, "CustomerRef": 50, "SourceId": 50, "DeliveryName": 100, "DeliveryStreetAddress": 500,
    "OrderNumber": 20,
}  # fmt: skip
CENT = Decimal("0.005")


class Acts:
    """Verbs of the API."""

    def __init__(
        self,
        ledger: Ledger,
        services: frozenset[str],
        customers: Mapping[str, str],
        taxes: Mapping[str, Decimal],
    ) -> None:
        """`customers`: currency by code; `taxes`: rate by code."""
        self._ledger, self._books = ledger, ledger.books
        self._services, self._customers, self._taxes = services, customers, taxes

    def make(self, number: str | None, body: Json) -> BookedOrder:
        """POST SalesOrders/{guid}; a GUID that is taken is declined."""
        mine = (number or str(body.get("Guid") or "")).lower()
        if mine and not is_guid(mine):
            raise Wrong(f"'{mine}' is not a valid GUID.", "Guid")
        mine = mine or guid("order", len(self._books.orders) + 1)
        if str(body.get("Guid") or mine).lower() != mine:
            raise Wrong("The Guid of the body differs from that of the address.", "Guid")
        if any(one.facts.get("guid") == mine for one in self._books.orders.values()):
            raise Wrong(f"A sales order with Guid {mine} exists already.", "Guid")
        total = self._checked(body, None)
        source = str(body.get("SourceId") or "")
        facts: Json = {"guid": mine, "head": {}, "lines": [], "sent": {}}
        one = self._books.draft(
            _ref(source), source, facts, part=str(inside(body, "Warehouse", "WarehouseCode"))
        )
        self._write(one, body)
        if body["OrderStatus"] == "Placed":
            try:
                with self._ledger.acting():
                    self._books.confirm(
                        one, self._goods(one), total=total, currency=self._customers[self._customer(body)]
                    )
            except Exception:
                self._books.discard(one)
                one.facts["guid"] = ""
                raise
        return one

    def replace(self, number: str, body: Json) -> BookedOrder:
        """PUT SalesOrders/{guid}: the order is what the body says, and nothing besides."""
        one = self._ledger.order(number)
        if str(body.get("Guid") or number).lower() != number.lower():
            raise Wrong("The Guid of the body differs from that of the address.", "Guid")
        if status_of(one) in ("Completed", "Deleted"):
            raise Wrong(
                f"Sales order {number_of(one)} is {status_of(one)} and cannot be changed.", "OrderStatus"
            )
        total = self._checked(body, one)
        place = str(inside(body, "Warehouse", "WarehouseCode"))
        if one.facts["sent"] and place != one.part:
            raise Wrong(
                "The warehouse of an order that was partly dispatched cannot be changed.", "Warehouse"
            )
        self._still_there(one, body)
        self._write(one, body)
        one.part = place
        with self._ledger.acting():
            if one.status == "draft" and body["OrderStatus"] == "Placed":
                currency = self._customers[self._customer(body)]
                self._books.confirm(one, self._goods(one), total=total, currency=currency)
            elif one.status != "draft":
                self._books.amend(one, self._goods(one), total=total)
        self._ledger.touch(one)
        return one

    def delete(self, number: str) -> BookedOrder:
        """DELETE SalesOrders/{guid}: nothing of it may have left."""
        one = self._ledger.order(number)
        if one.status == "draft":
            self._books.discard(one)
        elif one.status != "cancelled":
            self._books.cancel(one)
        return one

    def complete(self, number: str) -> BookedOrder:
        """POST SalesOrders/{guid}/Complete: whatever has not left leaves now."""
        one = self._ledger.order(number)
        if status_of(one) not in ("Placed", "Backordered"):
            raise Wrong(
                f"Sales order {number_of(one)} is {status_of(one)} and cannot be completed.", "OrderStatus"
            )
        left = {
            line["LineNumber"]: units
            for line in one.facts["lines"]
            if self._is_goods(line)
            and (units := int(line["OrderQuantity"]) - one.facts["sent"].get(line["LineNumber"], 0)) > 0
        }
        if left:
            self._leave(one, guid("shipment", len(self._ledger.shipments)), left, self._books.now())
        one.facts["completed"] = self._books.now()
        self._ledger.touch(one)
        return one

    def ship(self, body: Json) -> Json:
        """POST SalesShipments."""
        only(body, SHIPMENT, "SalesShipment")
        needed(body, "OrderNumber", "ShipmentStatus", "SalesShipmentLines")
        mine = str(body.get("Guid") or guid("shipment", len(self._ledger.shipments))).lower()
        if mine in self._ledger.shipments:
            raise Wrong(f"A sales shipment with Guid {mine} exists already.", "Guid")
        if body["ShipmentStatus"] != "Dispatched":
            raise Wrong("the sandbox knows no shipment that is not dispatched", "ShipmentStatus")
        one = self._ledger.numbered(body["OrderNumber"])
        if status_of(one) not in ("Placed", "Backordered"):
            raise Wrong(
                f"Sales order {number_of(one)} is {status_of(one)} and cannot be shipped.", "OrderNumber"
            )
        lines = {line["LineNumber"]: line for line in one.facts["lines"]}
        units: dict[int, int] = {}
        for line in body["SalesShipmentLines"]:
            only(line, SHIPMENT_LINE, "SalesShipmentLine")
            needed(line, "SalesOrderLineNumber", "ShipmentQty")
            number, count = int(line["SalesOrderLineNumber"]), int(line["ShipmentQty"])
            sold = lines.get(number)
            if sold is None or inside(line, "Product", "ProductCode") != sold["Product"]["ProductCode"]:
                raise Wrong(f"The order has no such line {number}.", "SalesOrderLineNumber")
            units[number] = units.get(number, 0) + count
            if count < 1 or one.facts["sent"].get(number, 0) + units[number] > int(sold["OrderQuantity"]):
                raise Wrong("Shipment quantity exceeds the quantity left on the order line.", "ShipmentQty")
        at = (
            read_date(body["DispatchDate"], "DispatchDate") if body.get("DispatchDate") else self._books.now()
        )
        return self._leave(one, mine, units, at)

    def credit(self, body: Json) -> Json:
        """POST CreditNotes/FreeCredit: parked until it is completed."""
        only(body, CREDIT, "CreditNote")
        needed(body, "Customer", "Warehouse", "CreditLines")
        mine = str(body.get("Guid") or guid("credit", len(self._ledger.credits))).lower()
        if mine in self._ledger.credits:
            raise Wrong(f"A credit note with Guid {mine} exists already.", "Guid")
        self._customer(body)
        self._open_warehouse(inside(body, "Warehouse", "WarehouseCode"))
        for line in body["CreditLines"]:
            only(line, CREDIT_LINE, "CreditLine")
            needed(line, "Product", "CreditQuantity")
            code = inside(line, "Product", "ProductCode")
            if code not in self._books.products and code not in self._services:
                raise Wrong(f"Product {code} was not found.", "ProductCode")
            if code in self._services and line.get("ReturnToStock"):
                raise Wrong(f"Product {code} is not stocked.", "ReturnToStock")
            price = Decimal(str(line.get("CreditPrice", 0)))
            if price < 0 or Decimal(str(line["CreditQuantity"])) <= 0:
                raise Wrong("CreditQuantity must be positive and CreditPrice not negative.", "CreditLines")
            if (
                abs(Decimal(str(line["CreditQuantity"])) * price - Decimal(str(line.get("LineTotal", 0))))
                > CENT
            ):
                raise Wrong("LineTotal is not quantity times price.", "LineTotal")
        total = sum((Decimal(str(line.get("LineTotal", 0))) for line in body["CreditLines"]), Decimal(0))
        if abs(total - Decimal(str(body.get("Total", 0)))) > CENT:
            raise Wrong("Total is not the sum of the lines.", "Total")
        row = {**body, "Guid": mine, "Status": "Parked", "LastModifiedOn": date(self._books.now())}
        row["CreditNoteNumber"] = f"CR-{len(self._ledger.credits) + 1:05}"
        self._ledger.credits[mine] = row
        return row

    def complete_credit(self, number: str) -> Json:
        """POST CreditNotes/{guid}/Complete: what is returned to stock stands there again."""
        row = self._ledger.credits.get(number.lower())
        if row is None:
            raise Wrong(f"Credit note {number} was not found.", "Guid", 404)
        if row["Status"] != "Parked":
            raise Wrong("Only a parked credit note can be completed.", "Status")
        place = row["Warehouse"]["WarehouseCode"]
        back = [
            (line["Product"]["ProductCode"], int(line["CreditQuantity"]))
            for line in row["CreditLines"]
            if line.get("ReturnToStock")
        ]
        for sku, units in back:
            self._restock(str(row.get("Reference") or ""), sku, place, units)
        row["Status"], row["LastModifiedOn"] = "Completed", date(self._books.now())
        return row

    def _restock(self, reference: str, sku: str, place: str, units: int) -> None:
        """A free credit knows no order: its reference is all that ties it to one, for the report."""
        sold = (one for one in self._books.orders.values() if one.name == reference and reference)
        for one in sold:
            out = sum(e.shipped - e.returned for shelf, e in one.allotments.items() if shelf[0] == sku)
            take = min(units, out)
            if take > 0:
                self._books.take_back(one, sku, place, take)
                units -= take
        if units:
            self._books.enter(sku, place, "return", units)

    def _leave(self, one: BookedOrder, number: str, units: dict[int, int], at: float) -> Json:
        lines = {line["LineNumber"]: line for line in one.facts["lines"]}
        by_sku: dict[str, int] = {}
        for line, count in units.items():
            code = lines[line]["Product"]["ProductCode"]
            by_sku[code] = by_sku.get(code, 0) + count
        with self._ledger.acting():
            for sku, count in by_sku.items():
                self._books.ship(one, sku, one.part, count)
        row = self._ledger.shipped(one, number, units, at)
        self._ledger.touch(one)
        return row

    def _checked(self, body: Json, one: BookedOrder | None) -> Decimal:
        """The total of an order that may be written as it is."""
        only(body, HEAD, "SalesOrder")
        needed(body, "OrderStatus", "Customer", "Warehouse", "SalesOrderLines", "Tax")
        if body["OrderStatus"] not in ("Parked", "Placed"):
            raise Wrong(f"OrderStatus {body['OrderStatus']} cannot be set.", "OrderStatus")
        for name, most in LENGTHS.items():
            if len(str(body.get(name) or "")) > most:
                raise Wrong(f"{name} must not be longer than {most} characters.", name)
        for name in ("OrderDate", "RequiredDate"):
            if body.get(name) is not None:
                read_date(body[name], name)
        currency = self._customers[self._customer(body)]
        if inside(body, "Currency", "CurrencyCode") not in (None, currency):
            raise Wrong(f"The customer's currency is {currency}.", "Currency")
        self._open_warehouse(inside(body, "Warehouse", "WarehouseCode"))
        tax = inside(body, "Tax", "TaxCode")
        if tax not in self._taxes:
            raise Wrong(f"Tax {tax} was not found.", "TaxCode")
        if _number(body.get("TaxRate", self._taxes[tax])) != self._taxes[tax]:
            raise Wrong(f"The rate of tax {tax} is {self._taxes[tax]}.", "TaxRate")
        return self._priced(body, self._taxes[tax])

    def _priced(self, body: Json, rate: Decimal) -> Decimal:
        net = tax = Decimal(0)
        numbers: set[int] = set()
        for line in body["SalesOrderLines"]:
            only(line, LINE, "SalesOrderLine")
            needed(line, "LineNumber", "Product", "OrderQuantity")
            code, quantity = inside(line, "Product", "ProductCode"), _number(line["OrderQuantity"])
            if code not in self._books.products and code not in self._services:
                raise Wrong(f"Product {code} was not found.", "ProductCode")
            if line.get("LineType") not in (None, "", "Charge"):
                raise Wrong(f"LineType {line['LineType']} is not known.", "LineType")
            if (line.get("LineType") == "Charge") != (code in self._services):
                raise Wrong(f"{code} cannot be sold on a line of this type.", "LineType")
            if quantity <= 0 or _number(line["UnitPrice"]) < 0:
                raise Wrong("Quantity and price must be positive.", "OrderQuantity")
            if int(line["LineNumber"]) in numbers:
                raise Wrong("LineNumber must be unique.", "LineNumber")
            numbers.add(int(line["LineNumber"]))
            made = quantity * _number(line["UnitPrice"]) * (1 - _number(line.get("DiscountRate", 0)))
            due = made * _number(line.get("TaxRate", rate))
            if (
                abs(made - _number(line["LineTotal"])) > CENT
                or abs(due - _number(line.get("LineTax", 0))) > CENT
            ):
                raise Wrong(f"LineTotal or LineTax of {code} is wrong.", "LineTotal")
            net, tax = net + _number(line["LineTotal"]), tax + _number(line.get("LineTax", 0))
        for name, due in (("SubTotal", net), ("TaxTotal", tax), ("Total", net + tax)):
            if abs(_number(body.get(name, 0)) - due) > CENT:
                raise Wrong(f"{name} must be {due}.", name)
        return net + tax

    def _still_there(self, one: BookedOrder, body: Json) -> None:
        """Lines of which units were dispatched stay, with at least as many."""
        now = {int(line["LineNumber"]): line for line in body["SalesOrderLines"]}
        sold = {line["LineNumber"]: line["Product"]["ProductCode"] for line in one.facts["lines"]}
        for number, sent in one.facts["sent"].items():
            line = now.get(number)
            same = line is not None and inside(line, "Product", "ProductCode") == sold[number]
            if line is None or not same or int(line["OrderQuantity"]) < sent:
                raise Wrong(
                    "Units of an order line that were dispatched cannot be taken out.", "OrderQuantity"
                )

    def _write(self, one: BookedOrder, body: Json) -> None:
        one.facts["head"] = {name: value for name, value in body.items() if name != "SalesOrderLines"}
        one.facts["lines"] = [
            {
                **line,
                "LineNumber": int(line["LineNumber"]),
                "Guid": guid("line", f"{one.id} {line['LineNumber']}"),
            }
            for line in body["SalesOrderLines"]
        ]

    def _goods(self, one: BookedOrder) -> list[tuple[str, str, int]]:
        place = str(inside(one.facts["head"], "Warehouse", "WarehouseCode"))
        return [
            (line["Product"]["ProductCode"], place, int(line["OrderQuantity"]))
            for line in one.facts["lines"]
            if self._is_goods(line)
        ]

    def _is_goods(self, line: Json) -> bool:
        return line["Product"]["ProductCode"] not in self._services

    def _customer(self, body: Json) -> str:
        code = inside(body, "Customer", "CustomerCode")
        if code not in self._customers:
            raise Wrong(f"Customer {code} was not found.", "CustomerCode")
        return str(code)

    def _open_warehouse(self, code: object) -> None:
        if code not in self._books.warehouses or code in self._books.closed:
            raise Wrong(f"Warehouse {code} was not found or is obsolete.", "WarehouseCode")


def _number(said: Any) -> Decimal:
    return Decimal(str(said))


def _ref(source: str) -> str | None:
    """The shop's order behind a SourceId, for the report."""
    number = source.rpartition("-")[2]
    return f"gid://shopify/Order/{number}" if number.isdigit() else None
