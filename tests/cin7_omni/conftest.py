"""A running account and adapters on it. A minute of Omni passes in a second here."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from adapters.cin7_omni.back_office import OmniBackOffice
from adapters.cin7_omni.budget import DAY
from adapters.cin7_omni.sandbox import OmniSandbox, start
from adapters.limits import Allowance
from adapters.quota import Budget, Quota
from engine.model.clock import SystemClock
from engine.model.ids import Sku, WarehouseId
from tests.accounts import Staffed, watched

MUG, BOWL = Sku("MUG"), Sku("BOWL'S & DISH, 20%")
WH1, WH2 = WarehouseId("1"), WarehouseId("2")


@dataclass
class Account(Staffed):
    """The sandbox and its staff."""

    sandbox: OmniSandbox
    requests: list[httpx.Request] = field(default_factory=list)
    """What adapters sent."""

    @property
    def calls(self) -> list[tuple[str, str]]:
        """(method, resource) of what adapters sent."""
        return [(one.method, one.url.path.split("/")[3]) for one in self.requests]

    def shelf(self, sku: str, place: str) -> tuple[int, int]:
        """Units on hand and reserved."""
        place = {"1": "WH1", "2": "WH2"}[place]
        return super().shelf(sku, place)


@pytest.fixture
def account() -> Iterator[Account]:
    stock = {(MUG, 0): 10, (MUG, 1): 6, (BOWL, 0): 9, (BOWL, 1): 5}
    sandbox = start(skus=[MUG, BOWL], stock=stock, currency="EUR", limits=[(60, 1.0)])
    with httpx.Client(base_url=sandbox.control, trust_env=False) as staff:
        yield Account(staff, sandbox)
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
        watched(one, account.requests.append)
        made.append(one)
        return one

    yield opened
    for each in made:
        await each.aclose()
