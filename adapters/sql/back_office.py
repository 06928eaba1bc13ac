"""A back office that is a database: the statements come from the configuration, the care from here."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from adapters.posting import not_billed, not_posted
from adapters.sql import wire
from adapters.sql.articles import STATEMENTS as ARTICLES
from adapters.sql.articles import article, told
from adapters.sql.booking import Booking
from adapters.sql.bulkhead import Bulkhead, Room, Rooms
from adapters.sql.driver import ask_before, only_reads, open_database
from adapters.sql.probe import probe
from adapters.sql.statements import SHAPES, Statements
from adapters.sql.trouble import said, translate
from engine.model.clock import Clock
from engine.model.entry import Entry
from engine.model.failure import Misset, Refused
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.product import OfficeProduct, ProductChanges
from engine.model.sale import Document, DocumentStatus, SalesDocument
from engine.model.stock import ShelfStock, StockSnapshot
from engine.ports import Amends, Capabilities, Changes, Place, Tier

CHUNK = 500
"""Values bound to one IN list."""
PAGE = 2000
"""Rows of one page of products or changes."""

T = TypeVar("T")


class SqlBackOffice:
    """Implements `engine.ports.BackOffice` behind any SQLAlchemy URL."""

    def __init__(
        self,
        url: str,
        statements: Mapping[str, str],
        *,
        clock: Clock,
        tier: Tier = Tier.T0,
        events: bool = False,
        settle_seconds: float = 0.0,
        connect: Mapping[str, Any] | None = None,
        readers: int = 4,
        writers: int = 2,
        wait_seconds: float = 5.0,
        patience_seconds: float = 30.0,
        rooms: Rooms = Bulkhead,
        only_available: bool = False,
        product_fields: Collection[str] = (),
        market_currencies: Mapping[str, str] | None = None,
        may_write: Callable[[], None] | None = None,
    ) -> None:
        """`only_available`: the stock statement gives what may still be promised, and reservations are not asked.

        `product_fields`: columns that the statements for articles give; `market_currencies`: of the prices of each
        market among them. With `may_write`, questions are asked in
        transactions that can only read, and no other transaction begins unless it returns.
        """
        self._statements = Statements(statements, without=("reservations",) if only_available else ())
        self._clock = clock
        amends = Amends.ANY if self._statements.amend else Amends.NOTHING
        self._currencies = dict(market_currencies or {})
        has = [name for name in ARTICLES if self._statements.has(name)]
        self._tells = told(product_fields, has, self._currencies)
        self._capabilities = Capabilities(
            "sql",
            tier,
            settle_seconds,
            events,
            readers + writers,
            amends=amends,
            posts=self._statements.posts,
            keeps_payments=True,
            reads=self._tells,
        )
        try:
            self._reads = open_database(
                url, writes=False, connections=readers, wait_seconds=wait_seconds, connect=connect
            )
            self._writes = open_database(
                url, writes=True, connections=writers, wait_seconds=wait_seconds, connect=connect
            )
            if may_write is not None:
                only_reads(self._reads)
                ask_before(self._writes, may_write)
        except (ArgumentError, ImportError) as error:
            raise Misset(
                "The database URL of the back office is not one we can open.",
                "Correct url under [connections.back_office], and install the driver it names.",
                code="sql.url",
                log=type(error).__name__,
            ) from error
        self._reading: Room = rooms("read", readers, patience=patience_seconds, writes=False)
        self._writing: Room = rooms("write", writers, patience=patience_seconds, writes=True)

    @property
    def capabilities(self) -> Capabilities:
        """What this system can do."""
        return self._capabilities

    async def warehouses(self) -> tuple[Place, ...]:
        """All warehouses, inactive ones too."""
        rows = await self._read(lambda tx: self._rows(tx, "warehouses"))
        return tuple(
            Place(
                wire.word(row, "id", "warehouses"), wire.word(row, "name", "warehouses"), bool(row["active"])
            )
            for row in rows
        )

    async def products(self) -> AsyncIterator[tuple[Sku, ...]]:
        """SKUs of every stocked product, page by page."""
        after = ""
        while True:
            values = {"after": after, "limit": PAGE}
            rows = await self._read(partial(self._rows, name="products", values=values))
            if not rows:
                return
            yield tuple(Sku(wire.word(row, "sku", "products")) for row in rows)
            after = str(rows[-1]["sku"])

    async def changes(self, cursor: str | None) -> Changes:
        """What moved since the cursor, at most one page of it."""
        if cursor is None:
            latest = await self._read(lambda tx: self._rows(tx, "latest_change"))
            start = latest[0]["sequence"] if latest else None
            return Changes(frozenset(), frozenset(), str(start or 0))
        values = {"cursor": int(cursor), "limit": PAGE}
        rows = await self._read(lambda tx: self._rows(tx, "changes", values))
        return Changes(
            frozenset(Sku(str(row["sku"]).strip()) for row in rows if row["sku"] is not None),
            frozenset(OrderId(str(row["ref"])) for row in rows if row["ref"] is not None),
            str(max((wire.number(row, "sequence", "changes") for row in rows), default=int(cursor))),
        )

    async def articles(self) -> AsyncIterator[tuple[OfficeProduct, ...]]:
        """Every article with its fields, page by page."""
        after = ""
        while True:
            values = {"after": after, "limit": PAGE}
            rows = await self._read(partial(self._rows, name="articles", values=values))
            if not rows:
                return
            yield tuple(article(row, self._tells, "articles", self._currencies) for row in rows)
            after = str(rows[-1]["sku"])

    async def read_articles(self, skus: Collection[Sku]) -> Mapping[Sku, OfficeProduct]:
        """These articles as they are now."""

        def ask(tx: Connection) -> list[OfficeProduct]:
            return [
                article(row, self._tells, "articles_named", self._currencies)
                for chunk in _chunks(skus)
                for row in self._rows(tx, "articles_named", {"skus": chunk})
            ]

        return {each.sku: each for each in await self._read(ask)}

    async def articles_changed(self, cursor: str | None) -> ProductChanges:
        """Articles in the change log after the cursor, at most one page of it."""
        if cursor is None:
            latest = await self._read(lambda tx: self._rows(tx, "latest_article_change"))
            return ProductChanges(frozenset(), str(latest[0]["sequence"] or 0 if latest else 0))
        values = {"cursor": int(cursor), "limit": PAGE}
        rows = await self._read(lambda tx: self._rows(tx, "article_changes", values))
        newest = max((wire.number(row, "sequence", "article_changes") for row in rows), default=int(cursor))
        skus = frozenset(Sku(wire.word(row, "sku", "article_changes")) for row in rows)
        return ProductChanges(skus, str(newest))

    async def documents(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        """Our documents by external reference."""
        return await self._read(lambda tx: self._documents(tx, refs))

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        """Every document of a reference that is not cancelled."""
        return await self._read(lambda tx: self._copies(tx, refs))

    async def stock(self, skus: Collection[Sku]) -> StockSnapshot:
        """Stock and reservations of these SKUs, read in one transaction."""
        taken_at = self._clock.now()
        return StockSnapshot(taken_at, await self._read(lambda tx: self._shelves(tx, skus)))

    async def create(self, sale: SalesDocument) -> Document:
        """Create the document in one transaction; one that is there already is read back instead."""
        try:
            return await self._write(lambda tx: self._book(tx).create(sale))
        except Refused as refusal:
            if isinstance(refusal.__cause__, IntegrityError):
                there = await self.documents([sale.ref])
                if sale.ref in there:
                    return there[sale.ref]
            if self._statements.has("note_refusal"):
                own = refusal.__cause__
                words = said(own) if isinstance(own, SQLAlchemyError) else refusal.cause
                note = {"ref": sale.ref, "message": words}
                await self._write(lambda tx: tx.execute(self._statements["note_refusal"], note).close())
            raise

    async def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        """Change lines, promises and amounts in one transaction, or nothing of it."""
        return await self._write(lambda tx: self._book(tx).amend(document, sale))

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Make an entry unless it is there, in one transaction, and read all of its kind back."""
        if entry.kind not in self._capabilities.posts:
            raise not_posted("this system")
        return await self._write(lambda tx: self._book(tx).post(document, entry))

    async def bill(self, document: DocumentId) -> None:
        """A system of one's own bills as it does."""
        raise not_billed()

    async def cancel(self, document: DocumentId) -> None:
        """Cancel an unshipped document."""
        await self._write(lambda tx: self._book(tx).cancel(document))

    async def reroute(self, document: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        """Let unshipped units leave from another warehouse."""
        await self._write(lambda tx: self._book(tx).reroute(document, moves))

    async def ship(self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int]) -> None:
        """Book units as left, up to the given totals."""
        await self._write(lambda tx: self._book(tx).ship(document, units))

    async def take_back(
        self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int], *, key: str
    ) -> None:
        """Book units back into stock, up to the given totals."""
        await self._write(lambda tx: self._book(tx).take_back(document, units, key))

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """Statements that the database would not carry out; nothing is written."""
        return await probe(self._statements, self._read, self._rows)

    async def aclose(self) -> None:
        """Wait for running calls and close all connections."""

        def close() -> None:
            self._reading.close()
            self._writing.close()
            self._reads.dispose()
            self._writes.dispose()

        await asyncio.to_thread(close)

    def _book(self, tx: Connection) -> Booking:
        return Booking(tx, self._statements, lambda refs: self._documents(tx, refs))

    async def _read(self, work: Callable[[Connection], T]) -> T:
        def call() -> T:
            try:
                with self._reads.connect() as tx:
                    return work(tx)
            except SQLAlchemyError as error:
                raise translate(error) from error

        return await self._reading.run(call)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        def call() -> T:
            committing = False
            try:
                with self._writes.connect() as tx:
                    answer = work(tx)
                    committing = True
                    tx.commit()
            except SQLAlchemyError as error:
                raise translate(error, committing=committing) from error
            return answer

        return await self._writing.run(call)

    def _rows(
        self, tx: Connection, name: str, values: Mapping[str, Any] | None = None
    ) -> Sequence[RowMapping]:
        answer = tx.execute(self._statements[name], values or {})
        if absent := SHAPES[name].gives - set(answer.keys()):
            raise wire.wrong(name, f"gives no column {', '.join(sorted(absent))}")
        return answer.mappings().all()

    def _documents(self, tx: Connection, refs: Collection[OrderId]) -> dict[OrderId, Document]:
        found: dict[OrderId, Document] = {}
        for chunk in _chunks(refs):
            heads = self._rows(tx, "documents", {"refs": chunk})
            lines, parcels = defaultdict(list), defaultdict[Any, list[Any]](list)
            if heads:
                ids = [head["id"] for head in heads]
                for row in self._rows(tx, "document_lines", {"documents": ids}):
                    lines[row["document"]].append(wire.document_line(row))
                if self._statements.has("parcels"):
                    for row in self._rows(tx, "parcels", {"documents": ids}):
                        parcels[row["document"]].append(row)
            for head in heads:
                boxes = wire.parcels(parcels[head["id"]])
                one = wire.document(head, lines[head["id"]], "documents", boxes)
                found[one.ref] = one
        return found

    def _copies(self, tx: Connection, refs: Collection[OrderId]) -> dict[OrderId, tuple[DocumentId, ...]]:
        found: dict[OrderId, list[Document]] = defaultdict(list)
        for chunk in _chunks(refs):
            for head in self._rows(tx, "documents", {"refs": chunk}):
                one = wire.document(head, [], "documents")
                if one.status is not DocumentStatus.CANCELLED:
                    found[one.ref].append(one)
        # numbers are numbers in most systems: the older one is the lower one
        return {
            ref: tuple(one.id for one in sorted(held, key=lambda one: (len(one.id), one.id)))
            for ref, held in found.items()
        }

    def _reservations(self, tx: Connection, skus: Sequence[Sku]) -> Sequence[RowMapping]:
        asked = self._statements.has("reservations")
        return self._rows(tx, "reservations", {"skus": skus}) if asked else ()

    def _shelves(self, tx: Connection, skus: Collection[Sku]) -> dict[tuple[Sku, WarehouseId], ShelfStock]:
        totals: dict[tuple[Sku, WarehouseId], list[int]] = {}
        ours: dict[tuple[Sku, WarehouseId], dict[OrderId, int]] = defaultdict(dict)
        for chunk in _chunks(skus):
            for row in self._rows(tx, "stock", {"skus": chunk}):
                sums = totals.setdefault(_shelf(row, "stock"), [0, 0])
                sums[0] += wire.number(row, "on_hand", "stock")
                sums[1] += wire.number(row, "reserved", "stock")
            for row in self._reservations(tx, chunk):
                promised = ours[_shelf(row, "reservations")]
                ref = OrderId(wire.word(row, "ref", "reservations"))
                promised[ref] = promised.get(ref, 0) + wire.number(row, "units", "reservations")
        shelves: dict[tuple[Sku, WarehouseId], ShelfStock] = {}
        for key in totals.keys() | ours.keys():
            promised = ours.get(key, {})
            on_hand, reserved = totals.get(key, (0, sum(promised.values())))
            shelves[key] = ShelfStock(on_hand, reserved, promised)
        return shelves


def _shelf(row: RowMapping, name: str) -> tuple[Sku, WarehouseId]:
    return Sku(wire.word(row, "sku", name)), WarehouseId(wire.word(row, "warehouse", name))


def _chunks(values: Collection[T]) -> Iterator[list[T]]:
    rest = iter(dict.fromkeys(values))
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
