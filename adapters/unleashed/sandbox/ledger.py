"""Orders, shipments and credit notes over the books, and when each shelf moved last."""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.sandbox.books import BookedOrder, Books, Json, Movement
from adapters.unleashed.sandbox.naming import Wrong, date, guid


class Ledger:
    """What the account keeps beside the books. Shipments that no call made become rows by themselves."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.shipments: dict[str, Json] = {}
        self.credits: dict[str, Json] = {}
        self.moved: dict[tuple[str, str], float] = dict.fromkeys(books.shelves, 0.0)
        self._own = False
        books.listeners.append(self._moved)

    def order(self, number: str) -> BookedOrder:
        """An order by its GUID; Wrong when there is none."""
        for one in self.books.orders.values():
            if one.facts.get("guid") == number.lower():
                return one
        raise Wrong(f"Sales order {number} was not found.", "Guid", 404)

    def numbered(self, number: object) -> BookedOrder:
        """An order by its number."""
        for one in self.books.orders.values():
            if number_of(one) == number and one.facts.get("guid"):
                return one
        raise Wrong(f"Sales order {number} was not found.", "OrderNumber")

    def touch(self, one: BookedOrder) -> None:
        """It was changed."""
        one.changed_at = self.books.now()

    def shipped(self, one: BookedOrder, number: str, units: dict[int, int], at: float) -> Json:
        """A dispatched shipment, written down."""
        lines = {line["LineNumber"]: line for line in one.facts["lines"]}
        row: Json = {
            "Guid": number,
            "ShipmentNumber": f"SS-{len(self.shipments) + 1:05}",
            "ShipmentStatus": "Dispatched",
            "OrderNumber": number_of(one),
            "OrderGuid": one.facts["guid"],
            "DispatchDate": date(at),
            "Warehouse": {"WarehouseCode": one.part},
            "SalesShipmentLines": [
                {
                    "LineNumber": place,
                    "SalesOrderLineNumber": line,
                    "Product": {"ProductCode": lines[line]["Product"]["ProductCode"]},
                    "ShipmentQty": float(count),
                }
                for place, (line, count) in enumerate(sorted(units.items()), 1)
            ],
            "LastModifiedOn": date(self.books.now()),
        }
        sent = one.facts["sent"]
        for line, count in units.items():
            sent[line] = sent.get(line, 0) + count
        self.shipments[number] = row
        return row

    def tracked(self, row: Json) -> None:
        """A shipment was given its number."""
        row["LastModifiedOn"] = date(self.books.now())

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Movements inside are told by the call that makes them."""
        self._own = True
        try:
            yield
        finally:
            self._own = False

    def _moved(self, move: Movement) -> None:
        if move.sku is not None and move.warehouse is not None:
            self.moved[move.sku, move.warehouse] = move.at
        one = self.books.orders.get(move.document or 0)
        if self._own or one is None or move.kind != "ship" or not one.facts.get("guid"):
            return
        left, units = -move.on_hand_delta, dict[int, int]()
        for line in one.facts["lines"]:
            if line["Product"]["ProductCode"] == move.sku:
                free = int(line["OrderQuantity"]) - one.facts["sent"].get(line["LineNumber"], 0)
                take = min(left, free)
                if take > 0:
                    units[line["LineNumber"]] = take
                    left -= take
        self.shipped(one, guid("staff shipment", len(self.books.log)), units, move.at)


def number_of(one: BookedOrder) -> str:
    """The number of an order."""
    return f"SO-{one.id:08}"


def status_of(one: BookedOrder) -> str:
    """Where an order stands: it is completed by a call, or when somebody completes it, not by its last shipment."""
    if one.status == "cancelled":
        return "Deleted"
    if one.facts.get("completed"):
        return "Completed"
    return "Parked" if one.status == "draft" else "Placed"
