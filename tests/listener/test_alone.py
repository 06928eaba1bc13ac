"""The listener by itself: it takes webhooks in with nothing but the keys that sign them, and leads nothing."""

import asyncio
import base64
import hashlib
import hmac
from pathlib import Path

import httpx
import pytest

from console.assembly import open_store
from console.running import run_listener
from console.settings import load
from console.world.world import free_port
from engine.model.clock import SystemClock
from tests.cli.test_command_line import CONFIG

SECRET, BODY = "only-this-signs", b'{"id": 1}'


async def test_it_puts_webhooks_down_and_holds_no_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("TRUEUP_LISTENER__PORT", str(port))
    monkeypatch.setenv("TRUEUP_SECRETS__MAIN__SHOP_WEBHOOK_SECRET", SECRET)
    settings, stop, begun = load(tmp_path / "config.toml"), asyncio.Event(), asyncio.Event()
    running = asyncio.ensure_future(run_listener(settings, stop, started=begun.set))
    await asyncio.wait((running, asyncio.ensure_future(begun.wait())), return_when=asyncio.FIRST_COMPLETED)
    signed = base64.b64encode(hmac.new(SECRET.encode(), BODY, hashlib.sha256).digest()).decode()
    heads = {
        "X-Shopify-Hmac-Sha256": signed, "X-Shopify-Topic": "orders/create", "X-Shopify-Webhook-Id": "w-1",
        "X-Shopify-Shop-Domain": "shop.test", "Content-Type": "application/json",
    }  # fmt: skip
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as shop:
        assert (await shop.get("/readyz")).status_code == 200
        assert (await shop.post("/webhooks/shopify/main", content=BODY, headers=heads)).status_code == 200
        forged = heads | {"X-Shopify-Hmac-Sha256": signed[::-1]}
        assert (await shop.post("/webhooks/shopify/main", content=BODY, headers=forged)).status_code == 401
        assert "trueup_webhooks_total" in (await shop.get("/metrics")).text
    stop.set()
    await running
    store = await asyncio.to_thread(open_store, settings, SystemClock())
    try:
        count = "SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM lease)"
        assert tuple(await store.read(lambda tx: tx.exec_driver_sql(count).one())) == (1, 0)
    finally:
        await asyncio.to_thread(store.close)
