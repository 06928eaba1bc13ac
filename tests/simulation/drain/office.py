"""A back office of stated latency that bears so many calls at a time, tells of every change, and doubles nothing by itself."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from engine.model.clock import Clock
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, DocumentLine, DocumentStatus, SalesDocument
from engine.model.stock import ShelfStock, StockSnapshot
from engine.ports import Capabilities, Changes, Place, Tier

WAREHOUSE = WarehouseId("WH1")
AT_ONCE = 16
"""Calls it bears; one more is an error of the engine."""
READ_SECONDS, CREATE_SECONDS, ROW_SECONDS = 0.1, 0.4, 0.0003
PAGE = 500


class Office:
    """Shelves of one warehouse and the documents that reserve on them."""

    def __init__(self, skus: Sequence[Sku], on_hand: int, clock: Clock) -> None:
        self._clock = clock
        self.on_hand = dict.fromkeys(skus, on_hand)
        self.reserved: dict[Sku, dict[OrderId, int]] = defaultdict(dict)
        self.documents_of: dict[OrderId, list[Document]] = {}
        self.created: Callable[[OrderId], None] = lambda order: None
        self._made = 0
        self._changes: list[tuple[Sku, OrderId | None]] = []
        self._calls = 0
        self.most_calls = 0

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities("made up", Tier.T2, 60.0, events=False, max_concurrency=AT_ONCE)

    def move(self, sku: Sku, units: int) -> int:
        """Staff book units in or out; what is there afterwards."""
        self.on_hand[sku] += units
        self._changes.append((sku, None))
        return self.on_hand[sku]

    async def warehouses(self) -> tuple[Place, ...]:
        with self._call():
            await asyncio.sleep(READ_SECONDS)
            return (Place(WAREHOUSE, "Here", True),)

    async def products(self) -> AsyncIterator[tuple[Sku, ...]]:
        with self._call():
            await asyncio.sleep(READ_SECONDS)
            page = tuple(self.on_hand)
        yield page

    async def changes(self, cursor: str | None) -> Changes:
        with self._call():
            await asyncio.sleep(READ_SECONDS)
            start = len(self._changes) if cursor is None else int(cursor)
            page = self._changes[start : start + PAGE]
            orders = frozenset(order for _, order in page if order is not None)
            return Changes(frozenset(sku for sku, _ in page), orders, str(start + len(page)))

    async def documents(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        with self._call():
            await asyncio.sleep(READ_SECONDS + len(refs) * ROW_SECONDS)
            return {ref: self.documents_of[ref][0] for ref in refs if ref in self.documents_of}

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        with self._call():
            await asyncio.sleep(READ_SECONDS + len(refs) * ROW_SECONDS)
            return {
                ref: tuple(each.id for each in self.documents_of[ref])
                for ref in refs
                if ref in self.documents_of
            }

    async def stock(self, skus: Collection[Sku]) -> StockSnapshot:
        with self._call():
            taken_at = self._clock.now()
            shelves = {(sku, WAREHOUSE): self._shelf(sku) for sku in skus}
            await asyncio.sleep(READ_SECONDS + len(skus) * ROW_SECONDS)
            return StockSnapshot(taken_at, shelves)

    async def create(self, sale: SalesDocument) -> Document:
        with self._call():
            await asyncio.sleep(CREATE_SECONDS)
            lines = tuple(
                DocumentLine(line.sku, WAREHOUSE, line.quantity, 0, None) for line in sale.lines if line.sku
            )
            self._made += 1
            number = DocumentId(f"SO{self._made}")
            document = Document(number, sale.ref, DocumentStatus.OPEN, sale.total, lines)
            self.documents_of.setdefault(sale.ref, []).append(document)
            for line in lines:
                self.reserved[line.sku][sale.ref] = line.quantity
                self._changes.append((line.sku, sale.ref))
            self.created(sale.ref)
            return document

    async def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        raise AssertionError("nothing is edited here")

    async def cancel(self, document: DocumentId) -> None:
        raise AssertionError("nothing is cancelled here")

    async def reroute(self, document: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        raise AssertionError("there is one warehouse")

    async def ship(self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int]) -> None:
        raise AssertionError("nothing is shipped here")

    async def take_back(
        self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int], *, key: str
    ) -> None:
        raise AssertionError("nothing comes back here")

    async def aclose(self) -> None:
        """Nothing is open."""

    def _shelf(self, sku: Sku) -> ShelfStock:
        ours = dict(self.reserved[sku])
        return ShelfStock(self.on_hand[sku], sum(ours.values()), ours)

    @contextmanager
    def _call(self) -> Iterator[None]:
        self._calls += 1
        self.most_calls = max(self.most_calls, self._calls)
        assert self._calls <= AT_ONCE, "the engine asks for more at a time than the back office bears"
        try:
            yield
        finally:
            self._calls -= 1
