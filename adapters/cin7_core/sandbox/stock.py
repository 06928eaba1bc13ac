"""The shelves as Cin7 Core tells them: by location, bin and batch, and only where something is not zero."""

from dataclasses import dataclass

from adapters.cin7_core.sandbox.naming import Wrong, guid
from adapters.sandbox.books import Books, Counts, Json

BIN = "A-01"
BATCHES = {"B1": "2031-06-30T00:00:00", "B2": "2030-01-31T00:00:00"}
"""What stands in the bin is of the first batch, the rest of the second; each with its expiry."""
COST = 8.75
"""What a unit is worth, for the money that stands beside its number."""
EVERY = 3
"""Every third product is kept by batch; a third of what stands in a location is in no bin."""


@dataclass(frozen=True, slots=True)
class Heap:
    """Units of a product at one place of a location."""

    bin: str | None
    batch: str | None
    units: int


class Stock:
    """Rows of availability."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._last: tuple[int, list[Json]] | None = None
        self._place = {sku: at for at, sku in enumerate(books.products)}

    def heaps(self, sku: str, warehouse: str) -> tuple[Heap, Heap]:
        """Where the units of a product stand."""
        units = self._books.shelves.get((sku, warehouse), Counts()).on_hand
        first, second = BATCHES if self._place[sku] % EVERY == 0 else (None, None)
        loose = units // EVERY
        return Heap(BIN, first, units - loose), Heap(None, second, loose)

    def rows(self) -> list[Json]:
        """Everything, by SKU; kept from page to page until something moves."""
        if self._last is None or self._last[0] != len(self._books.log):
            self._last = (len(self._books.log), self._rows())
        return self._last[1]

    def _rows(self) -> list[Json]:
        transit: dict[tuple[str, str], int] = {}
        for one in self._books.transits:
            transit[one.sku, one.warehouse] = transit.get((one.sku, one.warehouse), 0) + one.units
        found: list[Json] = []
        for sku, warehouse in sorted(self._books.shelves.keys() | transit.keys()):
            counts = self._books.shelves.get((sku, warehouse), Counts())
            first, rest = self.heaps(sku, warehouse)
            found += [
                self._row(sku, warehouse, first, counts.reserved, 0),
                self._row(sku, warehouse, rest, 0, transit.get((sku, warehouse), 0)),
            ]
        return [row for row in found if row["OnHand"] or row["Allocated"] or row["InTransit"]]

    def take(self, sku: str, where: str, units: int, batch: str | None) -> str:
        """The location of a pick line that takes so many units from a place; Wrong when they do not stand there."""
        for warehouse in self._books.warehouses:
            for heap in self.heaps(sku, warehouse):
                if where == (f"{warehouse}: {heap.bin}" if heap.bin else warehouse):
                    if heap.batch != batch:
                        raise Wrong(f"Batch/serial number is incorrect for product {sku}")
                    if units > heap.units:
                        raise Wrong(f"Insufficient stock of {sku} in {where}: {heap.units} available")
                    return warehouse
        raise Wrong(f"Location {where} not found")

    @staticmethod
    def _row(sku: str, warehouse: str, heap: Heap, allocated: int, transit: int) -> Json:
        return {
            "ID": guid("product", sku),
            "SKU": sku,
            "Name": sku,
            "Barcode": None,
            "Location": warehouse,
            "Bin": heap.bin,
            "Batch": heap.batch,
            "ExpiryDate": BATCHES[heap.batch] if heap.batch else None,
            "OnHand": float(heap.units),
            "Allocated": float(allocated),
            "Available": float(heap.units - allocated),
            "OnOrder": 0.0,
            "StockOnHand": heap.units * COST,
            "InTransit": float(transit),
        }
