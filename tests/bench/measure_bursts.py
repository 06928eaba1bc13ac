"""500 orders at once into each back office, by four workers, beside the shortest time its limit allows.

Where a vendor counts calls, a minute of it passes here in a second and a half, for the sandbox and for the adapter: the
shortest time is the fewest calls an order takes at that rate, and the sandbox counts what it had to refuse. Where a
vendor counts calls at the same time, each call takes as long as over the internet, and the shortest time is that of the
fewest calls, as many at once as are allowed. Sandboxes are processes of their own.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from apart import Apart, apart
from figure import Figure
from measure_vendors import Counting, sale_of

SKUS, ORDERS, WORKERS, TARGET = 50, 500, 4, 1.2
NAMES = [f"SKU-{number:05}" for number in range(SKUS)]
GOODS: dict[str, Any] = {"skus": NAMES, "stock": {(sku, 0): 1000 for sku in NAMES}, "currency": "EUR"}
MINUTE = 1.5
"""Seconds a vendor's minute lasts here."""
AWAY = 0.08
"""Seconds a call is under way."""
Shortest = Callable[[], Awaitable[tuple[float, str]]]
"""The shortest time, in seconds, and how it is told."""


@dataclass
class Queue:
    """A back office before which the orders wait."""

    name: str
    office: Any
    sandbox: Apart
    first: str
    """Id of the first warehouse."""
    shortest: Shortest
    too_many: Callable[[], int]
    """Calls that went over its limit."""
    minute: float = 0.0
    """Seconds its minute lasts; 0 where time is not played faster."""


class Crowd(Counting):
    """Knows how many calls were under way together."""

    now = peak = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.now += 1
        self.peak = max(self.peak, self.now)
        try:
            return await super().handle_async_request(request)
        finally:
            self.now -= 1


def counted(calls: int) -> Shortest:
    """So many calls for each order, sixty a minute."""

    async def told() -> tuple[float, str]:
        return ORDERS * calls * MINUTE / 60, f"{ORDERS * calls:,} calls at 60 a minute"

    return told


def together(bare: Callable[[], Awaitable[object]], calls: int, at_once: int) -> Shortest:
    """So many calls for each order, as many at once as are allowed; how long one takes is measured."""

    async def told() -> tuple[float, str]:
        took = []
        for _ in range(40):
            began = time.perf_counter()
            await bare()
            took.append(time.perf_counter() - began)
        each = statistics.median(took)
        return ORDERS * calls * each / at_once, f"{ORDERS * calls:,} calls, {at_once} at once"

    return told


def far(url: str) -> None:
    """Let every call of a sandbox take as long as over the internet."""
    told = {"mode": "latency", "seconds": AWAY}
    assert httpx.post(f"{url}/_control/faults", json=told, trust_env=False).is_success


@contextmanager
def _cin7_core() -> Any:
    from adapters.cin7_core.back_office import Cin7CoreBackOffice
    from adapters.cin7_core.selling import Terms
    from adapters.limits import Allowance
    from engine.model.clock import SystemClock

    clock = SystemClock()
    with apart("adapters.cin7_core.sandbox", GOODS | {"seconds": MINUTE}) as box:
        office = Cin7CoreBackOffice(
            box.url, account=box.account, key=box.key, terms=Terms(box.customer), clock=clock,
            allowance=Allowance(clock, calls=60, seconds=MINUTE, longest=900.0),
        )  # fmt: skip
        yield Queue("Cin7 Core", office, box, "WH1", counted(4), lambda: int(box.refused), MINUTE)


@contextmanager
def _unleashed() -> Any:
    from adapters.limits import Allowance
    from adapters.quota import Budget, Quota
    from adapters.unleashed.back_office import UnleashedBackOffice
    from adapters.unleashed.selling import Terms
    from engine.model.clock import SystemClock

    clock = SystemClock()
    quota = Quota(clock, calls=250_000, seconds=31 * 86_400.0, who="Unleashed", remedy="Wait.")
    with apart("adapters.unleashed.sandbox", GOODS | {"seconds": MINUTE}) as box:
        office = UnleashedBackOffice(
            box.url, api_id=box.api_id, key=box.key, terms=Terms(box.customer), clock=clock,
            budget=Budget([Allowance(clock, calls=60, seconds=MINUTE, longest=900.0)], quota),
        )  # fmt: skip
        yield Queue("Unleashed", office, box, "WH1", counted(3), lambda: int(box.refused), MINUTE)


@contextmanager
def _cin7_omni() -> Any:
    from adapters.cin7_omni.back_office import OmniBackOffice
    from adapters.limits import Allowance
    from adapters.quota import Budget, Quota
    from engine.model.clock import SystemClock

    clock, limits = SystemClock(), [(3, MINUTE / 60), (60, MINUTE)]
    quota = Quota(clock, calls=5_000, seconds=86_400.0, who="Cin7 Omni", remedy="Wait.")
    paces = [Allowance(clock, calls=calls, seconds=span, longest=900.0) for calls, span in reversed(limits)]
    with apart("adapters.cin7_omni.sandbox", GOODS | {"limits": limits}) as box:
        office = OmniBackOffice(box.url, user=box.user, key=box.key, clock=clock, budget=Budget(paces, quota))
        first = str(box.branches["WH1"])
        yield Queue("Cin7 Omni", office, box, first, counted(3), lambda: int(box.refused), MINUTE)


@contextmanager
def _netsuite() -> Any:
    from adapters.netsuite.auth import Token
    from adapters.netsuite.back_office import NetSuiteBackOffice
    from engine.model.clock import SystemClock

    clock, crowd, most = SystemClock(), Crowd(), 4
    with apart("adapters.netsuite.sandbox", GOODS | {"together": most}) as box:
        signer = Token(box.account, *box.keys, clock)
        office = NetSuiteBackOffice(box.url, clock=clock, signer=signer, transport=crowd, together=most)
        far(box.url)
        bare = together(lambda: office.client.query("SELECT id FROM location"), 4, most)
        first = str(box.locations["WH1"])
        yield Queue("NetSuite", office, box, first, bare, lambda: max(0, crowd.peak - most))


@contextmanager
def _odoo() -> Any:
    from adapters.odoo.back_office import TOGETHER, OdooBackOffice
    from adapters.odoo.selling import Terms
    from engine.model.clock import SystemClock

    with apart("adapters.odoo.sandbox", GOODS) as box:
        office = OdooBackOffice(
            box.url, database=box.database, user=box.user, key=box.key, protocol="json2", terms=Terms(),
            clock=SystemClock(),
        )  # fmt: skip
        far(box.url)
        bare = together(lambda: office._client.count("res.currency", []), 7, TOGETHER)
        yield Queue("Odoo", office, box, "WH1", bare, lambda: 0)  # its pool of connections is the limit


QUEUES: tuple[Callable[[], AbstractContextManager[Queue]], ...] = (
    _cin7_core, _unleashed, _cin7_omni, _netsuite, _odoo,
)  # fmt: skip


def measure() -> list[Figure]:
    """Every back office that counts calls or bears only so many at once."""
    found: list[Figure] = []
    for queue in QUEUES:
        with queue() as one:
            found.append(asyncio.run(_measured(one)))
    return found


async def _measured(one: Queue) -> Figure:
    await one.office.create(sale_of(one.first, 0))  # names are known
    shortest, how = await one.shortest()
    waiting = [sale_of(one.first, number % SKUS, 10_000 + number) for number in range(ORDERS)]
    began = time.monotonic()

    async def work() -> None:
        while waiting:
            await one.office.create(waiting.pop())

    await asyncio.gather(*(work() for _ in range(WORKERS)))
    took = time.monotonic() - began
    made, too_many = one.sandbox.documents, one.too_many()
    await one.office.aclose()
    whole = len(made) == len(set(made)) == ORDERS + 1
    vendors = f", {took / one.minute:.1f} min of its time" if one.minute else ""
    return Figure(
        f"{one.name}: {ORDERS} orders at once, {WORKERS} workers",
        f"{took:.1f} s{vendors}, {too_many} calls too many",
        f"{shortest:.1f} s: {how}",
        f"{took / shortest:.2f}",
        f"<= {TARGET}, each once",
        whole and not too_many and took / shortest <= TARGET,
    )
