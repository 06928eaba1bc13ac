"""What the API tells: sales, the list of them, products, locations and what else is referred to."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters.cin7_core.sandbox.naming import guid, moment, text
from adapters.sandbox.books import BookedOrder, Books, Counts, Json


class Views:
    """Answers to questions."""

    def __init__(
        self, books: Books, services: Mapping[str, str], customers: Mapping[str, str],
        taxes: Mapping[str, Decimal], base: str,
    ) -> None:  # fmt: skip
        """`services`: name by SKU."""
        self._books, self._services = books, services
        self._customers, self._taxes, self._base = customers, taxes, base

    def sale(self, one: BookedOrder) -> Json:
        """A whole sale."""
        head, order = one.facts["head"], one.facts["order"]
        return {
            **{name: value for name, value in head.items() if name != "SaleType"},
            "ID": guid("sale", one.id),
            "CustomerID": guid("customer", head["Customer"]),
            "BaseCurrency": self._base,
            "CustomerCurrency": self._customers[head["Customer"]],
            "TaxCalculation": "Inclusive" if head.get("TaxInclusive") else "Exclusive",
            "Type": f"{head.get('SaleType', 'Simple')} Sale",
            "Status": self.status(one),
            "FulFilmentStatus": self.fulfilled(one),
            "LastModifiedOn": text(one.changed_at),
            "Quote": {"Status": "NOT AVAILABLE", "Lines": []},
            "Order": self.order(one) if order else _no_order(one),
            "Fulfilments": one.facts["fulfilments"],
            "Invoices": one.facts["invoices"],
            "CreditNotes": one.facts["credits"],
            "InventoryMovements": [],
            "Transactions": [],
        }

    def order(self, one: BookedOrder) -> Json:
        """Its order."""
        voided = one.status == "cancelled"
        return {
            "SaleID": guid("sale", one.id),
            "SaleOrderNumber": _number(one),
            "Status": "VOIDED" if voided else one.facts["order"]["Status"],
            **{
                name: one.facts["order"].get(name)
                for name in ("Memo", "Lines", "AdditionalCharges", "TotalBeforeTax", "Tax", "Total")
            },
        }

    def rows(self, asked: Mapping[str, str]) -> list[Json]:
        """The list of sales, those of the counter too."""
        since = moment(asked["UpdatedSince"]) if asked.get("UpdatedSince") else None
        found = [
            self._row(one)
            for one in self._books.orders.values()
            if since is None or one.changed_at >= since - 0.001
        ]
        for name in ("ExternalID", "Status"):
            if asked.get(name):
                found = [row for row in found if row[name] == asked[name]]
        return found

    def products(self, asked: Mapping[str, str]) -> list[Json]:
        """Products and services; a filter finds what begins with it."""
        stocked = [self._product(sku, title, "Stock") for sku, title in self._books.products.items()]
        others = [self._product(sku, name, "Service") for sku, name in self._services.items()]
        found = [*stocked, *others]
        if asked.get("IncludeDeprecated", "").lower() != "true":
            found = [row for row in found if row["Status"] == "Active"]
        if asked.get("ModifiedSince"):
            since = moment(asked["ModifiedSince"])
            found = [row for row in found if moment(row["LastModifiedOn"]) >= since - 0.001]
        for name, field in (("Sku", "SKU"), ("Name", "Name")):
            if asked.get(name):
                found = [row for row in found if str(row[field]).startswith(asked[name])]
        return found

    def locations(self) -> list[Json]:
        """Locations with their bins."""
        return [
            {
                "ID": guid("location", name),
                "Name": name,
                "IsDefault": at == 0,
                "IsDeprecated": name in self._books.closed,
                "ParentID": None,
                "Bins": [{"ID": guid("bin", name), "Name": "A-01", "IsDeprecated": False}],
            }
            for at, name in enumerate(self._books.warehouses)
        ]

    def customers(self, asked: Mapping[str, str]) -> list[Json]:
        """Customers whose name begins with what was asked for."""
        return [
            {"ID": guid("customer", name), "Name": name, "Currency": currency, "Status": "Active"}
            for name, currency in self._customers.items()
            if name.startswith(asked.get("Name", ""))
        ]

    def taxes(self, asked: Mapping[str, str]) -> list[Json]:
        """Tax rules."""
        return [
            {"ID": guid("tax", name), "Name": name, "TaxPercent": float(percent), "IsActive": True}
            for name, percent in self._taxes.items()
            if name.startswith(asked.get("Name", ""))
        ]

    def status(self, one: BookedOrder) -> str:
        """Where a sale stands."""
        if one.status == "cancelled":
            return "VOIDED"
        if one.status == "draft":
            return "ORDERING"
        if one.status == "shipped":
            return "COMPLETED" if one.facts.get("invoices") else "INVOICING"
        picked = any(each["Pick"]["Status"] == "AUTHORISED" for each in one.facts.get("fulfilments", ()))
        shelves = self._books.shelves
        short = [s for s in one.allotments if shelves[s].reserved > shelves.get(s, Counts()).on_hand]
        return "PICKED" if picked else "BACKORDERED" if short else "ORDERED"

    def fulfilled(self, one: BookedOrder) -> str:
        """How much of it has left."""
        if one.status == "shipped":
            return "FULFILLED"
        some = any(each.shipped for each in one.allotments.values())
        return "PARTIALLY FULFILLED" if some else "NOT FULFILLED"

    def _row(self, one: BookedOrder) -> Json:
        head: Any = one.facts.get("head") or {"Customer": "Walk-in"}
        return {
            "SaleID": guid("sale", one.id),
            "OrderNumber": _number(one),
            "Status": self.status(one),
            "FulFilmentStatus": self.fulfilled(one),
            "OrderDate": text(one.created_at),
            "Customer": head["Customer"],
            "CustomerReference": head.get("CustomerReference"),
            "ExternalID": head.get("ExternalID"),
            "OrderLocationID": guid("location", head["Location"]) if head.get("Location") else None,
            "Type": f"{head.get('SaleType', 'Simple')} Sale",
            "Updated": text(one.changed_at),
        }

    def _product(self, sku: str, name: str, kind: str) -> Json:
        entered = self._books.articles.of(sku)
        facts, price = entered.facts, float(entered.facts.get("price") or 0)
        return {
            "ID": guid("product", sku), "SKU": sku, "Name": facts.get("title") or name, "Type": kind, "UOM": "Item",
            "Status": "Deprecated" if facts.get("discontinued") else "Active", "Barcode": facts.get("barcode"),
            "PriceTier1": price, "PriceTier2": price / 2, "PriceTiers": {"Tier 1": price, "Tier 2": price / 2},
            "AverageCost": float(facts.get("cost") or 0), "LastModifiedOn": text(entered.changed()),
        }  # fmt: skip


def _number(one: BookedOrder) -> str:
    return f"SO-{one.id:05}"


def _no_order(one: BookedOrder) -> Json:
    status = "VOIDED" if one.status == "cancelled" else "DRAFT"
    return {
        "SaleID": guid("sale", one.id), "SaleOrderNumber": _number(one), "Status": status, "Lines": [],
        "AdditionalCharges": [], "Total": 0,
    }  # fmt: skip
