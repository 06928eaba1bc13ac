"""A running account and adapters on it. A minute of Cin7 Core passes in a second here."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from adapters.cin7_core.back_office import Cin7CoreBackOffice
from adapters.cin7_core.sandbox import Cin7CoreSandbox, start
from adapters.cin7_core.selling import Terms
from adapters.limits import Allowance
from engine.model.clock import SystemClock
from engine.model.ids import Sku, WarehouseId
from tests.accounts import Staffed, watched

MUG, MUG_XL, BOWL = Sku("MUG"), Sku("MUG-XL"), Sku("BOWL")
WH1, WH2 = WarehouseId("WH1"), WarehouseId("WH2")


@dataclass
class Account(Staffed):
    """The sandbox, its staff, a client that speaks to its API by hand."""

    sandbox: Cin7CoreSandbox
    by_hand: httpx.Client
    calls: list[tuple[str, str]] = field(default_factory=list)
    """(method, path) of the calls an adapter made that `watched` it."""


@pytest.fixture
def account() -> Iterator[Account]:
    stock = {(MUG, 0): 10, (MUG, 1): 6, (MUG_XL, 0): 4, (BOWL, 0): 9, (BOWL, 1): 5}
    sandbox = start(skus=[MUG, MUG_XL, BOWL], stock=stock, currency="EUR", seconds=1.0)
    keys = {"api-auth-accountid": sandbox.account, "api-auth-applicationkey": sandbox.key}
    with (
        httpx.Client(base_url=sandbox.control, trust_env=False) as staff,
        httpx.Client(base_url=f"{sandbox.url}/", headers=keys, trust_env=False) as by_hand,
    ):
        yield Account(staff, sandbox, by_hand)
    sandbox.stop()


@pytest.fixture
async def office(account: Account) -> AsyncIterator[Callable[..., Cin7CoreBackOffice]]:
    made: list[Cin7CoreBackOffice] = []
    clock = SystemClock()
    shared = Allowance(clock, calls=60, seconds=1.0, longest=30.0)

    def noted(request: httpx.Request) -> None:
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
        watched(one, noted)
        made.append(one)
        return one

    yield opened
    for each in made:
        await each.aclose()
