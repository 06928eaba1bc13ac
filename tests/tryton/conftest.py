"""One small Tryton for all questions of this room; every question takes a SKU of its own."""

import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.tryton.back_office import TrytonBackOffice
from adapters.tryton.rpc import Rpc
from adapters.tryton.sandbox import TrytonSandbox, start
from engine.model.clock import SystemClock
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, SalesDocument, SalesLine

SKUS = [f"T-{number:02}" for number in range(1, 121)]
WH1, WH2 = WarehouseId("WH1"), WarehouseId("WH2")


@dataclass
class Yard:
    """The sandbox, an adapter on it, and goods nobody else uses."""

    sandbox: TrytonSandbox
    office: TrytonBackOffice
    rpc: Rpc
    staff: httpx.Client
    numbers: Iterator[int]
    skus: Iterator[str]
    sku: Sku = field(init=False)
    other: Sku = field(init=False)

    def __post_init__(self) -> None:
        self.sku, self.other = Sku(next(self.skus)), Sku(next(self.skus))

    def ref(self) -> OrderId:
        """An external reference nobody else uses."""
        return OrderId(f"gid://shopify/Order/{next(self.numbers)}")

    async def shelf(self, sku: Sku, warehouse: WarehouseId) -> tuple[int, int]:
        """(on hand, reserved)"""
        found = (await self.office.stock([sku])).shelves.get((sku, warehouse))
        return (found.on_hand, found.reserved) if found else (0, 0)

    def goods(self, quantity: int, price: str, tax: str = "0", sku: Sku | None = None) -> SalesLine:
        """Goods that leave from WH1, with one tax."""
        amount = Decimal(tax)
        taxes = (("State tax", amount),) if amount else ()
        return SalesLine(
            f"gid://shopify/LineItem/{quantity}",
            LineKind.GOODS,
            sku or self.sku,
            "Some goods",
            quantity,
            Decimal(price),
            Decimal(0),
            amount,
            taxes,
            WH1,
        )

    def sale(self, *lines: SalesLine, total: str, included: bool = False) -> SalesDocument:
        """A document in US dollars."""
        amount = Decimal(total)
        return SalesDocument(
            self.ref(),
            "#2001",
            datetime.now(UTC),
            "USD",
            included,
            lines,
            amount,
            "USD",
            amount,
            (),
            "Jo Buyer",
            "jo@example.com",
            ("1 Main St", "Springfield"),
            "",
        )


@pytest.fixture(scope="session")
def sandbox() -> Iterator[TrytonSandbox]:
    """A trytond with ten units of everything in WH1 and four in WH2."""
    stock = {(sku, index): units for sku in SKUS for index, units in ((0, 10), (1, 4))}
    running = start(products=SKUS, stock=stock, transit_seconds=600)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def counters() -> tuple[Iterator[int], Iterator[str]]:
    """Order numbers and SKUs, each given out once."""
    return itertools.count(5000), iter(SKUS)


@pytest.fixture
async def yard(sandbox: TrytonSandbox, counters: tuple[Iterator[int], Iterator[str]]) -> AsyncIterator[Yard]:
    """A fresh adapter on the one sandbox."""
    access: dict[str, Any] = {
        "database": sandbox.database,
        "user": sandbox.user,
        "password": sandbox.password,
    }
    office = TrytonBackOffice(
        sandbox.url,
        **access,
        web_shop=sandbox.web_shop,
        payment_method=sandbox.payment_method,
        clock=SystemClock(),
    )
    rpc = Rpc(sandbox.url, **access, clock=SystemClock())
    with httpx.Client(base_url=sandbox.control_url, timeout=60, trust_env=False) as staff:
        yield Yard(sandbox, office, rpc, staff, *counters)
    await office.aclose()
    await rpc.aclose()
