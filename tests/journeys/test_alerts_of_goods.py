"""What goes wrong with goods and documents, and around them: each told, told on, over."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.http import trusted
from console.running import run_engine
from console.settings import load
from console.world.world import World
from tests.alerts.receivers import Receiver, mailbox, web
from tests.hostile.authority import DAY, NOW, Authority
from tests.journeys.alerted import OUTLET, Relay, beside, draw_on, heard, over, relayed, told_by
from tests.journeys.conftest import Stage

HERE = "gid://shopify/Location/1"
DEAD = "orders/create"
STEPS = 'tell = ["hook"]\nescalate = [{ after_seconds = 0.5, tell = ["boss"] }]'
MAIN = f'{STEPS}\nconnections = ["main"]'
GOODS = {
    "oversold": f'when = "oversold"\n{MAIN}',
    "risk": f'when = "oversell_risk"\n{MAIN}',
    "doubled": f'when = "duplicate"\n{MAIN}',
    "unheard": f'when = "webhooks"\nonly = ["{DEAD}"]\n{MAIN}',
}
AROUND = {
    "late": f'when = "sync_lag"\nat_least = 3.5\n{MAIN}',
    "budget": f'when = "budget"\nbelow = 20\nonly = ["shop"]\n{MAIN}',
    "ends": f'when = "expiry"\nbelow = 7\n{STEPS}',
    "alone": f'when = "not_led"\n{STEPS}',
}


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """An authority of our own, believed by SSL_CERT_FILE."""
    authority = Authority(tmp_path, "ours")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    trusted.cache_clear()
    yield authority
    trusted.cache_clear()


def prepared(told: Callable[[World], None], relay: Relay | None = None) -> Callable[[World], None]:
    """The rules; with a relay the shop behind TLS, and an outlet that another engine serves in the shadow."""

    def before(world: World) -> None:
        text = world.config.read_text()
        for name, seconds in (("orders_poll", 0.5), ("sweep", 2.0)):
            text = re.sub(rf"{name}_seconds = [\d.]+", f"{name}_seconds = {seconds}", text)
        world.config.write_text(text)
        if relay is not None:
            surrounded(world, text, relay)
        told(world)

    return before


def surrounded(world: World, text: str, relay: Relay) -> None:
    """The shop behind TLS, and an outlet that another engine serves."""
    relay.behind = int(world.shop.control.rpartition(":")[2])
    text = text.replace(f'"{world.shop.control}"', f'"https://localhost:{relay.port}"')
    beside(world, text)
    world.config.write_text(text)


@asynccontextmanager
async def elsewhere(on: Stage) -> AsyncIterator[None]:
    """Another engine on the same database, which leads the outlet once this is entered."""
    stop = asyncio.Event()
    engine = asyncio.ensure_future(run_engine(load(on.world.config.with_name(OUTLET)), stop, listens=False))
    try:
        seen = -1
        async with asyncio.timeout(30):
            while not any(row.connection == "outlet" and row.live for row in (await on.desk.sync()).rows):
                seen = await on.store.changed_after(seen, 0.25)
        yield
    finally:
        stop.set()
        await engine


async def richest(on: Stage) -> list[tuple[str, int]]:
    """What the first location offers, the most first."""
    offered = {
        cell["sku"]: cell["available"]
        for cell in (await on.states())[0]["levels"]
        if cell["location"] == HERE
    }
    return sorted(offered.items(), key=lambda cell: -cell[1])


async def sell(on: Stage, sku: str, many: int) -> list[str]:
    """So many orders of one unit each, once every one is in the back office."""
    basket = {"location": HERE, "lines": [{"sku": sku, "quantity": 1}]}
    placed = {(await on.shop("checkout", basket))["id"] for _ in range(many)}
    await on.until(
        lambda _, erp: placed <= {one["ref"] for one in erp["documents"]}, "every order is in the back office"
    )
    return sorted(placed)


async def sold_and_told(on: Stage, sku: str) -> None:
    """Orders are placed until one was told of by its webhook and set beside the listing."""

    async def told() -> int:
        pulse = await on.desk.pulse()
        return sum(row.expected - row.missed for row in pulse.topics if row.topic == DEAD)

    before, seen = await told(), -1
    async with asyncio.timeout(40):
        while await told() <= before:
            await sell(on, sku, 1)
            seen = await on.store.changed_after(seen, 1.0)


async def late(on: Stage, boss: Receiver) -> None:
    """Every level changes while the shop takes its time; once it does not, that is forgotten."""
    await on.shop("faults", {"mode": "latency", "seconds": 5, "op": "mutation"})
    await count(on)
    await heard(boss, "late", "escalated")
    await on.shop("faults", {"mode": "none"})
    await count(on)
    await heard(boss, "late", "resolved")


async def count(on: Stage) -> None:
    """Someone finds one more of everything, and the shop shows it."""
    for cell in (await on.states())[0]["levels"]:
        found = {"sku": cell["sku"], "warehouse": on.world.places[cell["location"]], "delta": 1}
        assert await on.erp("adjust", found) is not None

    def shown(shop: dict[str, Any], erp: dict[str, Any]) -> bool:
        free = {(one["sku"], one["warehouse"]): one["on_hand"] - one["reserved"] for one in erp["shelves"]}
        return all(c["available"] == free[c["sku"], on.world.places[c["location"]]] for c in shop["levels"])

    await on.until(shown, "every level shows what was found")


async def test_goods_documents_and_webhooks_that_go_wrong_are_told_once_told_on_and_told_to_be_over(
    staged: Callable[..., Any], tmp_path: Path, quick: None
) -> None:
    async with mailbox() as mail, web() as hook, web() as boss:
        before = prepared(told_by(GOODS, mail, hook=hook, boss=boss))
        async with staged(tmp_path, "odoo", before=before) as on:
            [(plenty, _), (short, left), *_] = await richest(on)
            await sold_and_told(on, plenty)
            await on.shop("webhooks", {"silent": [DEAD]})
            [first, *_] = await sell(on, plenty, 4)
            double = await on.erp("double", {"document": first})
            assert double is not None
            await sell(on, short, 2)
            lost = {"sku": short, "warehouse": "WH1", "delta": -left}
            assert await on.erp("adjust", lost) is not None
            for rule in GOODS:
                await heard(boss, rule, "escalated")
            await on.shop("webhooks", {"silent": []})
            assert await on.erp("adjust", {**lost, "delta": left + 50}) is not None
            assert await on.erp("cancel", double) is not None
            await sold_and_told(on, plenty)
            await all_over(GOODS, boss, hook)


@pytest.mark.long
async def test_a_slow_shop_a_spent_allowance_an_engine_and_a_certificate_are_told_of_and_told_to_be_over(
    staged: Callable[..., Any],
    tmp_path: Path,
    new_postgresql: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    ours: Authority,
    quick: None,
) -> None:
    monkeypatch.setenv("TRUEUP_STORE__URL", new_postgresql())
    async with AsyncExitStack() as all_of:
        mail = await all_of.enter_async_context(mailbox())
        hook, boss = [await all_of.enter_async_context(web()) for _ in range(2)]
        relay = await all_of.enter_async_context(relayed(ours.certificate("localhost", NOW + 3 * DAY)))
        before = prepared(told_by(AROUND, mail, hook=hook, boss=boss), relay)
        on = await all_of.enter_async_context(staged(tmp_path, "odoo", before=before))
        await heard(boss, "ends", "escalated")
        relay.certificate(ours.certificate("localhost", NOW + 29 * DAY))
        async with elsewhere(on):
            pass
        await heard(boss, "alone", "escalated")
        await all_of.enter_async_context(elsewhere(on))

        await late(on, boss)
        stop = asyncio.Event()
        greedy = asyncio.ensure_future(draw_on(on.world.shop, on.store, stop))
        await heard(boss, "budget", "escalated")
        stop.set()
        await greedy
        await all_over(AROUND, boss, hook)


async def all_over(rules: Iterable[str], boss: Receiver, hook: Receiver) -> None:
    """Everything that was told is told to be over, to both."""
    for rule in rules:
        await over(boss, rule, "escalated")
        await over(hook, rule, "fired")
