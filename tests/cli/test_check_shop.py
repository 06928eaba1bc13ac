"""What is wrong at the shop's side is named with its remedy, by `trueup check` and, while it runs, by `trueup status`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.check_line import CheckLine
from console.checks import check
from console.settings import load
from console.world import World
from tests.journeys.daemon import Daemon, until

KEY = "TRUEUP_SECRETS__MAIN__SHOP_ACCESS_TOKEN"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    running = World.start(tmp_path, orders_per_minute=0.0, skus=3)
    yield running
    running.stop()


async def wrong(world: World) -> list[CheckLine]:
    return [line for line in await check(load(world.config)) if not line.ok]


async def test_a_wrong_key_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "wrong")
    (line,) = await wrong(world)
    assert (line.name, line.detail.partition(":")[0]) == ("main: shop", "The shop does not accept our key")
    assert "secrets file" in line.remedy


async def test_a_missing_scope_is_named(world: World) -> None:
    assert await wrong(world) == []
    assert world.shop.ask("rights", {"deny": ["write_inventory", "read_orders"]}) is not None
    (line,) = await wrong(world)
    assert line.detail == "The token lacks read_orders, write_inventory."
    assert "install it again" in line.remedy


async def test_a_location_nobody_mapped_and_one_that_is_not_there_are_named(world: World) -> None:
    text = world.config.read_text(encoding="utf-8")
    world.config.write_text(text.replace('"gid://shopify/Location/2"', '"gid://shopify/Location/9"'))
    (line,) = await wrong(world)
    assert line.detail == "There is no location gid://shopify/Location/9."
    assert "gid://shopify/Location/2" in line.remedy
    world.config.write_text(text.replace('"gid://shopify/Location/2" = "WH2"\n', ""))
    lines = {line.name: line for line in await check(load(world.config))}
    assert lines["main: locations"].ok
    assert "left alone: Porto" in lines["main: locations"].detail


async def test_what_is_no_encrypted_connection_is_named_before_anything_is_asked(world: World) -> None:
    text = world.config.read_text(encoding="utf-8")
    shop = str(load(world.config).connections[0].shop.url)
    world.config.write_text(text.replace(shop.rstrip("/"), shop.rstrip("/").replace("http:", "https:")))
    encrypted, *_ = await wrong(world)
    assert encrypted.name == "main: shop TLS"
    assert encrypted.detail.startswith("127.0.0.1 does not speak TLS as we do there (")
    assert "its port" in encrypted.remedy


TROUBLE = {
    "key": "The shop does not accept our key",
    "read_orders": "The shop's key may not do this",
    "write_inventory": "The shop's key may not do this",
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_running_engine_says_so_in_its_status(
    world: World, trueup: Callable, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    if trouble == "key":
        monkeypatch.setenv(KEY, "wrong")
    else:
        assert world.shop.ask("rights", {"deny": [trouble]}) is not None
    with Daemon(world.config) as daemon:
        sku = world.erp.state()["shelves"][0]["sku"]
        assert world.erp.ask("receipt", {"sku": sku, "warehouse": "WH1", "quantity": 3}) is not None
        said = until(lambda: shop(trueup, world), "the shop's trouble is shown")
        assert daemon.stop() == 0
    assert said.startswith(TROUBLE[trouble])
    if trouble != "key":
        assert f"`{trouble}`" in said
        assert said.endswith("Grant the missing access scope.")


def shop(trueup: Callable, world: World) -> str | None:
    """What `trueup status` says of the shop, once it says that it fails."""
    remotes = json.loads(trueup("status", "--json", "--config", str(world.config)).out)["remotes"]
    return next((str(each["detail"]) for each in remotes if each["state"] == "FAIL"), None)
