"""A running account and adapters on it. A minute of Unleashed passes in a second here."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
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
from engine.model.ids import Sku, WarehouseId
from tests.accounts import Staffed, watched

MUG, BOWL = Sku("MUG"), Sku("BOWL & DISH, 20%")
WH1, WH2 = WarehouseId("WH1"), WarehouseId("WH 2/b")


@dataclass
class Account(Staffed):
    """The sandbox and its staff."""

    sandbox: UnleashedSandbox
    requests: list[httpx.Request] = field(default_factory=list)
    """What adapters sent."""

    @property
    def calls(self) -> list[tuple[str, str]]:
        """(method, resource) of what adapters sent."""
        return [(one.method, one.url.path.split("/")[1]) for one in self.requests]


@pytest.fixture
def account() -> Iterator[Account]:
    stock = {(MUG, 0): 10, (MUG, 1): 6, (BOWL, 0): 9, (BOWL, 1): 5}
    sandbox = start(skus=[MUG, BOWL], warehouses=[WH1, WH2], stock=stock, currency="EUR", seconds=1.0)
    with httpx.Client(base_url=sandbox.url, trust_env=False) as staff:
        yield Account(staff, sandbox)
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
        watched(one, account.requests.append)
        made.append(one)
        return one

    yield opened
    for each in made:
        await each.aclose()
