"""A running account and adapters on it. A minute of Unleashed passes in a second here."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.limits import Allowance
from adapters.quota import Budget, Quota
from adapters.unleashed.back_office import UnleashedBackOffice
from adapters.unleashed.budget import MONTH
from adapters.unleashed.sandbox import UnleashedSandbox, start
from adapters.unleashed.selling import Terms
from engine.model.clock import SystemClock
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, SalesDocument, SalesLine

MUG, BOWL = Sku("MUG"), Sku("BOWL & DISH, 20%")
WH1, WH2 = WarehouseId("WH1"), WarehouseId("WH 2/b")
REF = OrderId("gid://shopify/Order/1")


@dataclass
class Account:
    """The sandbox and its staff."""

    sandbox: UnleashedSandbox
    staff: httpx.Client
    requests: list[httpx.Request] = field(default_factory=list)
    """What adapters sent."""

    @property
    def calls(self) -> list[tuple[str, str]]:
        """(method, resource) of what adapters sent."""
        return [(one.method, one.url.path.split("/")[1]) for one in self.requests]

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
        return (rows[0]["on_hand"], rows[0]["reserved"]) if rows else (0, 0)


@pytest.fixture
def account() -> Iterator[Account]:
    stock = {(MUG, 0): 10, (MUG, 1): 6, (BOWL, 0): 9, (BOWL, 1): 5}
    sandbox = start(skus=[MUG, BOWL], warehouses=[WH1, WH2], stock=stock, currency="EUR", seconds=1.0)
    with httpx.Client(base_url=sandbox.url, trust_env=False) as staff:
        yield Account(sandbox, staff)
    sandbox.stop()


def budget(clock: SystemClock, per_month: int = 250_000) -> Budget:
    """A budget whose minute is a second."""
    quota = Quota(clock, calls=per_month, seconds=MONTH, who="Unleashed", remedy="Wait.")
    return Budget([Allowance(clock, calls=60, seconds=1.0, longest=30.0)], quota)


@pytest.fixture
async def office(account: Account) -> AsyncIterator[Callable[..., UnleashedBackOffice]]:
    made: list[UnleashedBackOffice] = []
    clock = SystemClock()
    shared = budget(clock)

    async def noted(request: httpx.Request) -> None:
        account.requests.append(request)

    def opened(**more: Any) -> UnleashedBackOffice:
        one = UnleashedBackOffice(
            account.sandbox.url,
            api_id=account.sandbox.api_id,
            **{
                "key": account.sandbox.key,
                "terms": Terms(account.sandbox.customer),
                "clock": clock,
                "budget": shared,
                **more,
            },
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
