"""The SQL sandbox as the back office: the real adapter reaches it over a wire, its staff act on it directly."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar
from weakref import ref

from adapters.sql import driver as sql_driver
from adapters.sql.back_office import SqlBackOffice
from adapters.sql.bulkhead import too_slow
from adapters.sql.driver import open_database
from adapters.sql.sandbox.statements import PRODUCT_FIELDS, STATEMENTS
from adapters.sql.sandbox.world import NotPossible, World
from engine.model.clock import Clock
from engine.model.entry import Entry
from engine.model.failure import TryLater
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, SalesDocument
from engine.model.stock import StockSnapshot
from engine.ports import Capabilities, Changes, Place, Tier
from tests.simulation.process import BEGINNING
from tests.simulation.stage import Stage
from tests.simulation.wire import BadGateway, NoAnswer, NoConnection, Wire

T = TypeVar("T")
SCHEMA = Path(sql_driver.__file__).parent / "sandbox" / "schema_sqlite.sql"
WAREHOUSES = ("WH1", "WH2")
PATIENCE = 30.0
SETTLE = 120.0
"""Longest patience, late arrival and search lag together, with a margin."""
_JULIAN_EPOCH = 2440587.5


class Erp:
    """The ERP's database and its staff."""

    def __init__(self, stage: Stage, path: Path, skus: list[str], stock: dict[tuple[str, str], int]) -> None:
        self.stage = stage
        self.url = f"sqlite:///{path}"
        module = sql_driver.sqlite_library()
        # the database keeps its functions where no collector looks: what they hold would never be let go
        seen, ahead = ref(stage.loop), stage.weather.erp_clock

        def julianday(_text: object) -> float:
            loop = seen()
            assert loop is not None
            return _julian(loop.now + ahead)

        class TimedConnection(module.Connection):  # type: ignore[name-defined, misc]
            """A connection whose database believes the simulation's time."""

            def __init__(self, *args: Any, **kw: Any) -> None:
                super().__init__(*args, **kw)
                self.create_function("julianday", 1, julianday)

        self.connect: Mapping[str, Any] = {"factory": TimedConnection}
        writes = open_database(self.url, writes=True, connections=1, connect=self.connect)
        raw = writes.raw_connection()
        raw.driver_connection.executescript(SCHEMA.read_text(encoding="utf-8"))
        raw.commit()
        raw.close()
        self._engines = (writes, open_database(self.url, writes=False, connections=1, connect=self.connect))
        self.staff = World(*self._engines, transit_seconds=0.0)
        self.staff.fill([(sku, sku) for sku in skus], list(WAREHOUSES), stock)
        self._eye = module.connect(str(path), isolation_level=None)
        """Looks at the books without being part of them."""
        self._hand = module.connect(str(path), isolation_level=None, factory=TimedConnection)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The books as they are."""
        found: list[tuple[Any, ...]] = self._eye.execute(statement, values).fetchall()
        return found

    def act(self, statement: str, *values: object) -> None:
        """Something the sandbox's staff has no verb for; raises NotPossible where the schema's own rules forbid it."""
        try:
            self._hand.execute(statement, values)
        except sql_driver.sqlite_library().IntegrityError as no:
            raise NotPossible(str(no)) from no

    def back_office(self, clock: Clock, eyes: "Eyes") -> "SqlBackOffice | Forgetful":
        """The adapter of one process."""
        tier = Tier(self.stage.weather.tier)
        inner = SqlBackOffice(
            self.url,
            STATEMENTS,
            clock=clock,
            connect=self.connect,
            patience_seconds=PATIENCE,
            settle_seconds=0.0 if tier is Tier.T0 else SETTLE,
            tier=tier,
            product_fields=PRODUCT_FIELDS if self.stage.weather.products else (),
            rooms=partial(WiredRoom, self.stage, eyes),
        )
        return inner if tier is Tier.T0 else Forgetful(inner, self)

    def close(self) -> None:
        for engine in self._engines:
            engine.dispose()
        self._eye.close()
        self._hand.close()


class Eyes(Protocol):
    """Who watches what passes between one process and the back office."""

    def booking(self, act: Callable[[], T]) -> T:
        """Carry out something that writes."""
        ...

    def read_by(self, task: "asyncio.Task[Any] | None") -> None:
        """Figures were read for this task."""
        ...

    def leaving(self, verb: str, call: Callable[[], Any]) -> str:
        """A write is about to be sent; what it is about, for the trace."""
        ...


class WiredRoom:
    """Stands where the adapter's threads would: each call travels over a wire and is one transaction there."""

    def __init__(
        self,
        stage: Stage,
        eyes: Eyes,
        name: str,
        size: int,
        *,
        patience: float,
        writes: bool,
    ) -> None:
        self._wire, self._eyes = Wire(stage, "back office"), eyes
        self._name, self._patience, self._writes = name, patience, writes

    async def run(self, call: Callable[[], T]) -> T:
        verb, task = verb_of(call), asyncio.current_task()

        def there() -> T:
            if self._writes:
                return self._eyes.booking(call)
            if verb == "stock":
                self._eyes.read_by(task)
            return call()

        about = self._eyes.leaving(verb, call) if self._writes else ""
        try:
            return await self._wire.carry(
                f"back office {verb}", there, write=self._writes, patience=self._patience, about=about
            )
        except NoAnswer as silence:
            raise too_slow(self._patience, begun=self._writes) from silence
        except BadGateway as cut:
            raise too_slow(0.0, begun=self._writes) from cut
        except NoConnection as no:
            raise TryLater(
                "The back office database is away.", "Nothing to do: it is tried again.", code="sql.busy"
            ) from no

    def close(self) -> None:
        """Nothing waits here."""


class Forgetful:
    """The same back office without a unique key: our reference is a text it does not check, found by a lagging search.

    A second document with the same reference is a second document. Inside, each bears a number after its reference.
    """

    def __init__(self, inner: SqlBackOffice, erp: Erp) -> None:
        self._inner, self._erp = inner, erp

    @property
    def capabilities(self) -> Capabilities:
        return self._inner.capabilities

    async def warehouses(self) -> tuple[Place, ...]:
        return await self._inner.warehouses()

    def products(self) -> AsyncIterator[tuple[Sku, ...]]:
        return self._inner.products()

    async def changes(self, cursor: str | None) -> Changes:
        told = await self._inner.changes(cursor)
        return replace(told, orders=frozenset(OrderId(plain(ref)) for ref in told.orders))

    async def documents(self, refs: Collection[OrderId]) -> Mapping[OrderId, Document]:
        found = await self._inner.documents([OrderId(name) for ref in refs for name in self._indexed(ref)])
        mine: dict[OrderId, Document] = {}
        for name in sorted(found, key=lambda each: int(found[each].id)):
            ref = OrderId(plain(name))
            mine.setdefault(ref, replace(found[name], ref=ref))
        return mine

    async def copies(self, refs: Collection[OrderId]) -> Mapping[OrderId, tuple[DocumentId, ...]]:
        told = await self._inner.copies([OrderId(name) for ref in refs for name in self._indexed(ref)])
        mine: dict[OrderId, tuple[DocumentId, ...]] = {}
        for name in sorted(told, key=lambda each: int(told[each][0])):
            ref = OrderId(plain(name))
            mine[ref] = (*mine.get(ref, ()), *told[name])
        return mine

    async def stock(self, skus: Collection[Sku]) -> StockSnapshot:
        told = await self._inner.stock(skus)
        shelves = {}
        for key, shelf in told.shelves.items():
            ours: dict[OrderId, int] = {}
            for name, units in shelf.reserved_for.items():
                ref = OrderId(plain(name))
                ours[ref] = ours.get(ref, 0) + units
            shelves[key] = replace(shelf, reserved_for=ours)
        return replace(told, shelves=shelves)

    async def create(self, sale: SalesDocument) -> Document:
        serial = self._erp.stage.loop.numbered()
        made = await self._inner.create(replace(sale, ref=OrderId(f"{sale.ref}~{serial}")))
        return replace(made, ref=sale.ref)

    async def amend(self, document: DocumentId, sale: SalesDocument) -> Document:
        made = await self._inner.amend(document, sale)
        return replace(made, ref=sale.ref)

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        return await self._inner.post(document, entry)

    async def bill(self, document: DocumentId) -> None:
        await self._inner.bill(document)

    async def cancel(self, document: DocumentId) -> None:
        await self._inner.cancel(document)

    async def reroute(self, document: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        await self._inner.reroute(document, moves)

    async def ship(self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int]) -> None:
        await self._inner.ship(document, units)

    async def take_back(
        self, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int], *, key: str
    ) -> None:
        await self._inner.take_back(document, units, key=key)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _indexed(self, ref: str) -> list[str]:
        """Names of the documents the search knows by now; each entered it a while after it was made."""
        stage = self._erp.stage
        lag = stage.weather.index_lag if stage.stormy else 0.0
        now = (BEGINNING + timedelta(seconds=stage.loop.now + stage.weather.erp_clock)).timestamp()
        rows = self._erp.rows(
            "SELECT ext_ref, created_at, id FROM sales_order WHERE ext_ref LIKE ?", f"{ref}~%"
        )
        return [name for name, made, number in rows if made + lag * (number * 7919 % 100) / 100 <= now]


def inside(call: Callable[..., Any]) -> dict[str, Any]:
    """What a closure holds, by name."""
    cells = (cell.cell_contents for cell in call.__closure__ or ())
    return dict(zip(call.__code__.co_freevars, cells, strict=True))


def verb_of(call: Callable[[], Any]) -> str:
    """The adapter's method a blocking call came from; a statement that is a page of something bears its own name."""
    work = inside(call)["work"]
    return str(work.keywords["name"] if isinstance(work, partial) else work.__qualname__.split(".")[1])


def plain(name: str) -> str:
    """Our reference without the number."""
    return re.sub(r"~\d+$", "", name)


def _julian(seconds: float) -> float:
    return (BEGINNING + timedelta(seconds=seconds)).timestamp() / 86400.0 + _JULIAN_EPOCH
