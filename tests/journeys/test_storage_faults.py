"""The database is locked, its disk fails, a page is damaged: nothing is lost, and nobody acts on what is broken."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import resource
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg

from console.settings import load
from console.world.world import World
from engine.store.session import Store
from engine.store.sqlite import driver
from tests.journeys.conftest import PATIENCE, Stage
from tests.journeys.daemon import Daemon, to_stderr, until

LOCKED_SECONDS = 10.0
SENDER_SECONDS = 5.0
"""Shopify hangs up after that."""


async def test_ten_seconds_of_a_locked_database_harm_no_webhook_and_no_order(on: Stage) -> None:
    loop, at = asyncio.get_running_loop(), _doorbell(on.world)
    async with httpx.AsyncClient(timeout=SENDER_SECONDS) as sender:
        await _open(on, lambda: at(sender, 0))
        other = _locked(on.store)
        try:
            begun, answers = loop.time(), []
            placed = await on.shop("checkout", _basket(on.world))
            while loop.time() - begun < LOCKED_SECONDS:
                answers.append(await at(sender, len(answers) + 1))
            assert on.store.trouble is not None
            assert "locked" in on.store.trouble.cause
        finally:
            other.close()
        assert {answer.status_code for answer in answers} == {503}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
        while (again := await at(sender, 1)).status_code != 200:
            assert again.status_code == 503
            assert loop.time() - begun < 2 * LOCKED_SECONDS, "never recovered"

    def booked(_: dict[str, Any], erp: dict[str, Any]) -> bool:
        return any(document["ref"] == placed["id"] for document in erp["documents"])

    await on.until(booked, "the order placed meanwhile is in the back office")
    assert (await on.desk.failed()).rows == ()
    assert on.store.trouble is None


def test_a_daemon_whose_disk_fails_ends_and_the_next_one_carries_on(tmp_path: Path) -> None:
    world = World.start(tmp_path, orders_per_minute=0.0, webhook_faults="none", skus=6)
    try:
        to_stderr(world.config)
        with Daemon(world.config) as daemon:
            daemon.says("leading")
            # from here on no file of it may grow: write() fails as on a broken disk
            resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4096, 4096))
            placed = world.shop.ask("checkout", _basket(world))
            assert placed is not None
            assert daemon.ends() == 1
            assert "The disk under the database failed" in daemon.told
            assert "looks the database over before it acts" in daemon.told
        with Daemon(world.config) as daemon:
            daemon.says("leading")
            until(
                lambda: any(one["ref"] == placed["id"] for one in world.erp.state()["documents"]),
                "it is booked",
            )
            assert daemon.stop() == 0
        _damage(tmp_path / "trueup.db")
        with Daemon(world.config) as daemon:
            assert daemon.ends() == 1
            assert "damaged" in daemon.told
            assert "trueup restore" in daemon.told
            assert "leading" not in daemon.told
    finally:
        world.stop()


def _locked(store: Store) -> Any:
    """Another program's connection that lets everybody read and nobody write until it is closed."""
    if store.dialect == "sqlite":
        other = driver().connect(str(store.url.database), isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        return other
    address = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    server = psycopg.connect(address)
    # in the order of the engine's own writes, each of which takes its lease first and its lines of the ledger last:
    # in another order it and the engine may wait for one another, and the server ends one of the two
    server.execute("LOCK TABLE lease, inbox, work, stock, ledger IN EXCLUSIVE MODE")
    return server


async def _open(on: Stage, ring: Callable[[], Awaitable[httpx.Response]]) -> None:
    """Wait until the door takes messages; an engine that begins to lead is a reason to try again."""
    async with asyncio.timeout(PATIENCE):
        while True:
            seen = on.store.revision()
            with contextlib.suppress(httpx.ConnectError):
                assert (await ring()).status_code == 200
                return
            await on.store.changed_after(seen, 0.25)


def _doorbell(world: World) -> Callable[[httpx.AsyncClient, int], Any]:
    """Posts the n-th of some genuine webhooks to the engine's listener."""
    settings = load(world.config)
    secret = settings.secrets_of("main").shop_webhook_secret
    assert secret is not None
    key, address = secret.get_secret_value().encode(), f"{settings.listener.public_url}webhooks/shopify/main"

    def post(sender: httpx.AsyncClient, number: int) -> Any:
        body = b'{"inventory_item_id": 1, "location_id": %d}' % number
        digest = base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()
        headers = {
            "x-shopify-hmac-sha256": digest,
            "x-shopify-topic": "inventory_levels/update",
            "x-shopify-webhook-id": f"ours-{number}",
            "x-shopify-shop-domain": "shop.test",
        }
        return sender.post(address, content=body, headers=headers)

    return post


def _basket(world: World) -> dict[str, Any]:
    sku = max(world.shop.state()["levels"], key=lambda cell: (cell["available"], cell["sku"]))["sku"]
    return {
        "lines": [{"sku": sku, "quantity": 1}],
        "shipping": "4.90",
        "location": "gid://shopify/Location/1",
    }


def _damage(path: Path) -> None:
    """Overwrite the head of every second page but the first ones."""
    whole = bytearray(path.read_bytes())
    for at in range(8 * 4096, len(whole), 2 * 4096):
        whole[at : at + 64] = b"\xa5" * 64
    path.write_bytes(whole)
