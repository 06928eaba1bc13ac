"""A running account and adapters on it. A minute of Omni passes in a second here."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.cin7_omni.back_office import OmniBackOffice
from adapters.cin7_omni.budget import DAY
from adapters.cin7_omni.sandbox import OmniSandbox, start
from adapters.limits import Allowance
from adapters.quota import Budget, Quota
from engine.model.clock import SystemClock
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, SalesDocument, SalesLine

MUG, BOWL = Sku("MUG"), Sku("BOWL'S & DISH, 20%")
WH1, WH2 = WarehouseId("1"), WarehouseId("2")
REF = OrderId("gid://shopify/Order/1")


@dataclass
class Account:
    """The sandbox and its staff."""

    sandbox: OmniSandbox
    staff: httpx.Client
    requests: list[httpx.Request] = field(default_factory=list)
    """What adapters sent."""

    @property
    def calls(self) -> list[tuple[str, str]]:
        """(method, resource) of what adapters sent."""
        return [(one.method, one.url.path.split("/")[3]) for one in self.requests]

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
        place = {"1": "WH1", "2": "WH2"}[place]
        rows = [r for r in self.state()["shelves"] if (r["sku"], r["warehouse"]) == (sku, place)]
        return (rows[0]["on_hand"], rows[0]["reserved"]) if rows else (0, 0)


@pytest.fixture
def account() -> Iterator[Account]:
    stock = {(MUG, 0): 10, (MUG, 1): 6, (BOWL, 0): 9, (BOWL, 1): 5}
    sandbox = start(skus=[MUG, BOWL], stock=stock, currency="EUR", limits=[(60, 1.0)])
    with httpx.Client(base_url=sandbox.control, trust_env=False) as staff:
        yield Account(sandbox, staff)
    sandbox.stop()


def budget(clock: SystemClock, per_day: int = 5_000) -> Budget:
    """A budget whose minute is a second."""
    quota = Quota(clock, calls=per_day, seconds=DAY, who="Cin7 Omni", remedy="Wait.")
    return Budget([Allowance(clock, calls=60, seconds=1.0, longest=30.0)], quota)


@pytest.fixture
async def office(account: Account) -> AsyncIterator[Callable[..., OmniBackOffice]]:
    made: list[OmniBackOffice] = []
    clock = SystemClock()
    shared = budget(clock)

    async def noted(request: httpx.Request) -> None:
        account.requests.append(request)

    def opened(**more: Any) -> OmniBackOffice:
        one = OmniBackOffice(
            account.sandbox.url,
            user=account.sandbox.user,
            **{
                "key": account.sandbox.key,
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
