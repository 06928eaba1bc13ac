"""Warehouses of Odoo with their locations, operation types and routes, as views of the books."""

from typing import Any

from adapters.odoo.sandbox.stamps import stamps
from adapters.sandbox.books import Books

Record = dict[str, Any]
CUSTOMERS = 5
EVERYWHERE = 6
"""The location of inventory losses and of vendors, in one."""


class Places:
    """Where goods stand and go to."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def stock_location(self, code: str) -> int:
        """Where a warehouse's sellable stock stands."""
        return 101 + 10 * self._books.warehouses.index(code)

    def warehouse_at(self, location: int) -> str | None:
        """The warehouse whose stock location this is."""
        at, rest = divmod(location - 101, 10)
        return self._books.warehouses[at] if rest == 0 and 0 <= at < len(self._books.warehouses) else None

    def types(self) -> list[Record]:
        """`stock.picking.type`."""
        found: list[Record] = []
        for at, code in enumerate(self._books.warehouses, 1):
            found.append({"id": 10 * at + 1, "name": f"{code}: Receipts", "code": "incoming"})
            found.append({"id": 10 * at + 2, "name": f"{code}: Delivery Orders", "code": "outgoing"})
        return found

    def routes(self) -> list[Record]:
        """`stock.route`: one that delivers from each warehouse."""
        return [
            {"id": 50 + at, "name": f"{code}: deliver", "sale_selectable": True}
            for at, code in enumerate(self._books.warehouses, 1)
        ]

    def warehouses(self) -> list[Record]:
        """`stock.warehouse`."""
        return [
            {
                "id": at,
                "name": f"Warehouse {code}",
                "code": code,
                "active": code not in self._books.closed,
                "lot_stock_id": self.stock_location(code),
                "view_location_id": self.stock_location(code) - 1,
                "in_type_id": 10 * at + 1,
                "out_type_id": 10 * at + 2,
                "delivery_route_id": 50 + at,
                **stamps(0, 0),
            }
            for at, code in enumerate(self._books.warehouses, 1)
        ]

    def locations(self) -> list[Record]:
        """`stock.location`: of each warehouse its view, its stock and its quality control."""
        found = [
            _location(CUSTOMERS, "Customers", "customer", False, False),
            _location(EVERYWHERE, "Virtual", "inventory", False, False),
        ]
        for at, code in enumerate(self._books.warehouses, 1):
            stock = self.stock_location(code)
            found.append(_location(stock - 1, code, "view", at, False))
            found.append(_location(stock, f"{code}/Stock", "internal", at, stock - 1))
            found.append(_location(stock + 1, f"{code}/Quality Control", "internal", at, stock - 1))
        return found


def _location(number: int, name: str, usage: str, warehouse: int | bool, parent: int | bool) -> Record:
    return {
        "id": number,
        "name": name,
        "complete_name": name,
        "usage": usage,
        "warehouse_id": warehouse,
        "location_id": parent,
        "scrap_location": False,
        "active": True,
        **stamps(0, 0),
    }
