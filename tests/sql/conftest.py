"""A sandbox ERP with two products, an adapter on it, and its staff."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from adapters.sql.back_office import SqlBackOffice
from adapters.sql.sandbox import SqlSandbox, start
from engine.model.clock import SystemClock
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, SalesDocument, SalesLine


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SqlSandbox]:
    running = start(
        tmp_path, seed=1, skus=["MUG", "CUP"], stock={("MUG", 0): 5, ("MUG", 1): 3, ("CUP", 0): 2}
    )
    yield running
    running.stop()


@pytest.fixture
async def office(sandbox: SqlSandbox) -> AsyncIterator[SqlBackOffice]:
    opened = SqlBackOffice(sandbox.database_url, sandbox.statements, clock=SystemClock(), wait_seconds=0.2)
    yield opened
    await opened.aclose()


@pytest.fixture
def staff(sandbox: SqlSandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{sandbox.url}/_control/", timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
def sale() -> Callable[..., SalesDocument]:
    def one(
        ref: str, sku: str = "MUG", quantity: int = 1, warehouse: str = "WH1", **changes: str
    ) -> SalesDocument:
        price = Decimal(changes.get("price", "10.00"))
        total = Decimal(changes.get("total", str(price * quantity)))
        goods = SalesLine(
            "1",
            LineKind.GOODS,
            Sku(sku),
            "",
            quantity,
            price,
            Decimal(0),
            Decimal(0),
            (),
            WarehouseId(warehouse),
        )
        return SalesDocument(
            OrderId(ref), ref, datetime(2026, 5, 4, tzinfo=UTC), "EUR", True, (goods,), total, "EUR", total, (),
            "", "", (), "",
        )  # fmt: skip

    return one
