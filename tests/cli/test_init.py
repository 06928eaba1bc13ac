"""`trueup init` tries what it is told, maps only what somebody said, and writes for its owner alone."""

import os
import random
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.settings import load
from console.world import sides
from console.world.goods import articles, opening_stock


@pytest.fixture
def both() -> Iterator[tuple[Any, Any]]:
    """A shop and an Odoo on loopback."""
    chance = random.Random(7)
    goods = articles(2, chance)
    stock = opening_stock(goods, 2, chance)
    shop = sides.shop(goods, ("Lyon", "Porto"), stock, seed=7)
    office = sides.BACK_OFFICES["odoo"](sides.Wanted(Path(), goods, ("WH1", "WH2"), stock, 7))
    yield shop, office
    shop.stop()
    office.stop()


def words(both: tuple[Any, Any], *more: str) -> list[str]:
    shop, office = both
    given = {
        key: value for key, value in office.settings.items() if key not in ("kind", "products", "pricelists")
    }
    sets = [word for key, value in given.items() for word in ("--set", f"{key}={value}")]
    return ["init", "--no-input", "--shop-url", shop.settings["url"], "--back-office", "odoo", *sets, *more]


def run(folder: Path, said: list[str], **secrets: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TRUEUP_")}
    named = {f"TRUEUP_SECRETS__MAIN__{name.upper()}": value for name, value in secrets.items()}
    return subprocess.run(
        [sys.executable, "-c", "from console.main import main; main()", *said],
        cwd=folder, env=clean | named, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_configuration_is_made_tried_and_checked(tmp_path: Path, both: tuple[Any, Any]) -> None:
    shop, office = both
    tmp_path.chmod(0o700)
    names = {**shop.secrets, **office.secrets}
    locations = [
        word
        for location, warehouse in (("1", "WH1"), ("2", "WH2"))
        for word in ("--location", f"gid://shopify/Location/{location}={warehouse}")
    ]
    done = run(tmp_path, words(both, *locations), **names)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok    main: scopes" in done.stdout
    for name in ("config.toml", "secrets.toml"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    settings = load(tmp_path / "config.toml")
    assert len(settings.connections[0].locations) == 2
    again = run(tmp_path, words(both, *locations), **names)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["netsuite", "cin7_core", "unleashed", "cin7_omni"])
def test_a_configuration_of_every_kind_is_made_and_checked(tmp_path: Path, kind: str) -> None:
    tmp_path.chmod(0o700)
    chance = random.Random(7)
    goods = articles(2, chance)
    stock = opening_stock(goods, 2, chance)
    shop = sides.shop(goods, ("Lyon", "Porto"), stock, seed=7)
    office = sides.BACK_OFFICES[kind](sides.Wanted(tmp_path, goods, ("WH1", "WH2"), stock, 7))
    try:
        given = {key: value for key, value in office.settings.items() if not isinstance(value, dict)}
        sets = [w for key, value in given.items() if key != "kind" for w in ("--set", f"{key}={value}")]
        mapped = [
            word
            for number, name in (("1", "WH1"), ("2", "WH2"))
            for word in ("--location", f"gid://shopify/Location/{number}={office.warehouses.get(name, name)}")
        ]
        said = ["init", "--no-input", "--shop-url", str(shop.settings["url"]), "--back-office", kind]
        done = run(tmp_path, [*said, *sets, *mapped], **shop.secrets, **office.secrets)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "ok    main: rights" in done.stdout
        assert len(load(tmp_path / "config.toml").connections[0].locations) == 2
    finally:
        shop.stop()
        office.stop()


@pytest.mark.parametrize(
    ("wrong", "more", "code", "said"),
    [
        ({"shop_access_token": "wrong-token"}, ("--same-names",), 2, "does not accept our key"),
        ({}, (), 2, "No location is mapped"),
        ({}, ("--location", "gid://shopify/Location/1=NOWHERE"), 2, "There is no warehouse 'NOWHERE'"),
    ],
    ids=["key", "nothing mapped", "no such warehouse"],
)
def test_what_cannot_work_is_said_and_not_written(
    tmp_path: Path, both: tuple[Any, Any], wrong: dict[str, str], more: tuple[str, ...], code: int, said: str
) -> None:
    shop, office = both
    done = run(tmp_path, words(both, *more), **({**shop.secrets, **office.secrets} | wrong))
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_is_named_and_a_secret_is_never_an_option(trueup: Callable, tmp_path: Path) -> None:
    said = trueup("init", "--no-input", "--shop-url", "https://x.test", "--back-office", "odoo")
    assert (said.code, "Give --set url=…" in said.err) == (2, True)
    assert not any(word in trueup("init", "--help").out for word in ("--token", "--key", "--password"))
    sets = [word for pair in ("url=https://o.test", "database=d", "user=u") for word in ("--set", pair)]
    said = trueup("init", "--no-input", "--shop-url", "https://x.test", "--back-office", "odoo", *sets)
    assert (said.code, "Set TRUEUP_SECRETS__MAIN__SHOP_ACCESS_TOKEN" in said.err) == (2, True)


def test_an_input_that_ends_says_what_was_not_answered(trueup: Callable, tmp_path: Path) -> None:
    said = trueup("init")
    assert said.code == 2
    assert said.err.splitlines()[-2:] == [
        "trueup: The input ended before this was answered: Name of this environment; nothing was written.",
        "Answer at a terminal, or run it with --no-input and what it then asks for.",
    ]
    assert not (tmp_path / "config.toml").exists()


def test_every_kind_of_back_office_can_be_begun_with() -> None:
    from console.cli.init import KINDS
    from console.starting import OFFICE_SECRETS, kinds

    assert set(KINDS) == set(kinds()) == set(OFFICE_SECRETS)
