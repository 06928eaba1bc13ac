"""What the API tells: warehouses, products, customers, stock, orders, shipments, credit notes."""

from collections.abc import Mapping, Sequence

from adapters.sandbox.books import BookedOrder, Counts, Json
from adapters.unleashed.sandbox.ledger import Ledger, number_of, status_of
from adapters.unleashed.sandbox.naming import Wrong, date, guid, read_filter

COST = 8.75
Asked = Mapping[str, str]


class Views:
    """Answers to questions."""

    def __init__(self, ledger: Ledger, services: Sequence[str], customers: Mapping[str, str]) -> None:
        self._ledger, self._books = ledger, ledger.books
        self._services, self._customers = services, customers
        self._last: tuple[tuple[str | None, str | None, int], list[Json]] | None = None
        """Stock as it was told last, kept from page to page until something moves."""

    def warehouses(self, asked: Asked) -> list[Json]:
        """All of them."""
        return [
            {
                "Guid": guid("warehouse", code),
                "WarehouseCode": code,
                "WarehouseName": code,
                "IsDefault": at == 0,
                "Obsolete": code in self._books.closed,
            }
            for at, code in enumerate(self._books.warehouses)
        ]

    def products(self, asked: Asked) -> list[Json]:
        """Products and services; `productCode` finds what begins with it."""
        goods = [(code, title, False) for code, title in self._books.products.items()]
        found = [*goods, *((code, code, True) for code in self._services)]
        rows = [
            self._product(code, title, service=service)
            for code, title, service in found
            if code.startswith(asked.get("productCode", ""))
        ]
        if asked.get("includeObsolete", "").lower() != "true":
            rows = [row for row in rows if not row["Obsolete"]]
        return _after(rows, asked)

    def _product(self, code: str, title: str, *, service: bool) -> Json:
        entered = self._books.articles.of(code)
        facts = entered.facts
        return {
            "Guid": guid("product", code), "ProductCode": code, "ProductDescription": facts.get("title") or title,
            "NeverDiminishing": service, "Obsolete": bool(facts.get("discontinued")), "Barcode": facts.get("barcode"),
            "DefaultSellPrice": None if facts.get("price") is None else float(facts["price"]),
            "AverageLandPrice": float(facts.get("cost") or 0), "LastModifiedOn": date(entered.changed()),
        }  # fmt: skip

    def customers(self, asked: Asked) -> list[Json]:
        """Customers whose code begins with what was asked for."""
        return [
            {
                "Guid": guid("customer", code),
                "CustomerCode": code,
                "CustomerName": code,
                "Currency": {"CurrencyCode": currency},
            }
            for code, currency in self._customers.items()
            if code.startswith(asked.get("customerCode", ""))
        ]

    def stock(self, asked: Asked) -> list[Json]:
        """A row for each product that ever moved in a warehouse, or the totals of all when none is named."""
        key = (asked.get("warehouseCode"), asked.get("modifiedSince"), len(self._books.log))
        if self._last is not None and self._last[0] == key:
            return self._last[1]
        place = asked.get("warehouseCode")
        if place is not None and place not in self._books.warehouses:
            raise Wrong(f"Warehouse {place} was not found.", "warehouseCode")
        after = read_filter(asked["modifiedSince"], "modifiedSince") if "modifiedSince" in asked else None
        by_sku: dict[str, list[tuple[str, str]]] = {}
        for shelf in sorted(self._ledger.moved):
            if place is None or shelf[1] == place:
                by_sku.setdefault(shelf[0], []).append(shelf)
        rows = [
            (max(self._ledger.moved[shelf] for shelf in shelves), self._stock(sku, shelves, place))
            for sku, shelves in by_sku.items()
        ]
        rows.sort(key=lambda each: -each[0])
        self._last = (key, [row for at, row in rows if after is None or at > after])
        return self._last[1]

    def everywhere(self, number: str) -> list[Json]:
        """One product in all warehouses; Wrong when it never moved."""
        sku = next((code for code in self._books.products if guid("product", code) == number.lower()), None)
        shelves = [shelf for shelf in sorted(self._ledger.moved) if shelf[0] == sku]
        if not shelves:
            raise Wrong(f"Stock on hand of product {number} was not found.", "productGuid", 404)
        return [self._stock(shelf[0], [shelf], shelf[1]) for shelf in shelves]

    def orders(self, asked: Asked) -> list[Json]:
        """Orders, the newest change first; deleted ones only when their status is asked for."""
        found = [one for one in self._books.orders.values() if one.facts.get("guid") or one.ref is None]
        if "sourceId" in asked:
            found = [one for one in found if one.name == asked["sourceId"] and status_of(one) != "Deleted"]
        else:
            states = asked["orderStatus"].split(",") if asked.get("orderStatus") else None
            found = [
                one for one in found if (status_of(one) in states if states else status_of(one) != "Deleted")
            ]
            if "modifiedSince" in asked:
                after = read_filter(asked["modifiedSince"], "modifiedSince")
                found = [one for one in found if one.changed_at > after]
        return [self.order(one) for one in sorted(found, key=lambda one: (-one.changed_at, one.id))]

    def order(self, one: BookedOrder) -> Json:
        """One order; those of the counter have no lines to tell of."""
        head = one.facts.get("head") or {"Customer": {"CustomerCode": "WALK-IN"}}
        done = one.facts.get("completed")
        return {
            **head,
            "Guid": one.facts.get("guid") or guid("counter", one.id),
            "OrderNumber": number_of(one),
            "OrderStatus": status_of(one),
            "SalesOrderLines": one.facts.get("lines", []),
            "CompletedDate": date(done) if done else None,
            "LastModifiedOn": date(one.changed_at),
        }

    def shipments(self, asked: Asked) -> list[Json]:
        """Shipments."""
        rows = list(self._ledger.shipments.values())
        if "orderNumber" in asked:
            return [row for row in rows if row["OrderNumber"] == asked["orderNumber"]]
        return _after(rows, asked)

    def credits(self, asked: Asked) -> list[Json]:
        """Credit notes."""
        return _after(list(self._ledger.credits.values()), asked)

    def _stock(self, sku: str, shelves: Sequence[tuple[str, str]], place: str | None) -> Json:
        counts = [self._books.shelves.get(shelf, Counts()) for shelf in shelves]
        on_hand, allocated = sum(c.on_hand for c in counts), sum(c.reserved for c in counts)
        return {
            "Guid": guid("product", sku),
            "ProductGuid": guid("product", sku),
            "ProductCode": sku,
            "WarehouseId": guid("warehouse", place) if place else None,
            "WarehouseCode": place,
            "Warehouse": place,
            "QtyOnHand": float(on_hand),
            "AllocatedQty": float(allocated),
            "AvailableQty": float(on_hand - allocated),
            "OnPurchase": 0.0,
            "AvgCost": COST,
            "TotalCost": on_hand * COST,
            "LastModifiedOn": date(max(self._ledger.moved[shelf] for shelf in shelves)),
        }


def _after(rows: list[Json], asked: Asked) -> list[Json]:
    if "modifiedSince" in asked:
        after = read_filter(asked["modifiedSince"], "modifiedSince") * 1000
        rows = [row for row in rows if int(row["LastModifiedOn"][6:-2]) > after]
    return sorted(rows, key=lambda row: -int(row["LastModifiedOn"][6:-2]))
