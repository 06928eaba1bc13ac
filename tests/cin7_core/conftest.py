"""A running account and adapters on it. A minute of Cin7 Core passes in a second here."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.cin7_core.back_office import Cin7CoreBackOffice
from adapters.cin7_core.sandbox import Cin7CoreSandbox, start
from adapters.cin7_core.selling import Terms
from adapters.limits import Allowance
from engine.model.clock import SystemClock
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, SalesDocument, SalesLine

MUG, MUG_XL, BOWL = Sku("MUG"), Sku("MUG-XL"), Sku("BOWL")
WH1, WH2 = WarehouseId("WH1"), WarehouseId("WH2")
REF = OrderId("gid://shopify/Order/1")


@dataclass
class Account:
    """The sandbox, its staff, a client that speaks to its API by hand."""

    sandbox: Cin7CoreSandbox
    staff: httpx.Client
    by_hand: httpx.Client
    calls: list[tuple[str, str]] = field(default_factory=list)
    """(method, path) of the calls an adapter made that `watched` it."""

    def do(self, verb: str, **ask: Any) -> Any:
        """Have the staff do something."""
        answer = self.staff.post(f"/_control/{verb}", json=ask)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self) -> Any:
        """The whole truth."""
        return self.staff.get("/_control/state").json()

    def shelf(self, sku: str, place: str) -> tuple[int, int]:
        """Units on hand and reserved."""
        rows = [r for r in self.state()["shelves"] if (r["sku"], r["warehouse"]) == (sku, place)]
        return rows[0]["on_hand"], rows[0]["reserved"]


@pytest.fixture
def account() -> Iterator[Account]:
    stock = {(MUG, 0): 10, (MUG, 1): 6, (MUG_XL, 0): 4, (BOWL, 0): 9, (BOWL, 1): 5}
    sandbox = start(skus=[MUG, MUG_XL, BOWL], stock=stock, currency="EUR", seconds=1.0)
    keys = {"api-auth-accountid": sandbox.account, "api-auth-applicationkey": sandbox.key}
    with (
        httpx.Client(base_url=sandbox.control, trust_env=False) as staff,
        httpx.Client(base_url=f"{sandbox.url}/", headers=keys, trust_env=False) as by_hand,
    ):
        yield Account(sandbox, staff, by_hand)
    sandbox.stop()


@pytest.fixture
async def office(account: Account) -> AsyncIterator[Callable[..., Cin7CoreBackOffice]]:
    made: list[Cin7CoreBackOffice] = []
    clock = SystemClock()
    shared = Allowance(clock, calls=60, seconds=1.0, longest=30.0)

    async def noted(request: httpx.Request) -> None:
        account.calls.append((request.method, request.url.path.partition("/v2/")[2]))

    def opened(**more: Any) -> Cin7CoreBackOffice:
        transport = httpx.AsyncHTTPTransport()
        one = Cin7CoreBackOffice(
            account.sandbox.url,
            account=account.sandbox.account,
            key=account.sandbox.key,
            **{"terms": Terms(account.sandbox.customer), "clock": clock, "allowance": shared, **more},
            transport=transport,
        )
        one._client._client.event_hooks = {"request": [noted], "response": []}
        made.append(one)
        return one

    yield opened
    for each in made:
        await each.aclose()


def sale(*goods: tuple[Sku, int, WarehouseId], **more: Any) -> SalesDocument:
    """An order for these goods at 2.50 each and 4.90 for the parcel."""
    lines = [
        SalesLine(
            f"{at}", LineKind.GOODS, sku, sku, units, Decimal("2.50"), Decimal(0), Decimal(0), (), place
        )
        for at, (sku, units, place) in enumerate(goods)
    ]
    parcel = SalesLine(
        "parcel", LineKind.SHIPPING, None, "Parcel", 1, Decimal("4.90"), Decimal(0), Decimal(0), (), None
    )
    total = sum((line.quantity * line.unit_price for line in (*lines, parcel)), Decimal(0))
    made = SalesDocument(
        ref=REF, name="#1", placed_at=datetime(2026, 5, 4, tzinfo=UTC), currency="EUR", taxes_included=False,
        lines=(*lines, parcel), total=total, presentment_currency="EUR", presentment_total=total,
        payments=(), customer="Ada", email="ada@example.com", address=("1 Long Street",), note="",
    )  # fmt: skip
    return replace(made, **more)
