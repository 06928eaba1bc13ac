"""What a world leaves on disk is a configuration TrueUp accepts."""

import stat
from datetime import UTC, datetime
from pathlib import Path

from console.settings import load
from console.settings.back_offices import SqlSettings
from console.world.files import read_world, write_settings, write_world
from console.world.remotes import Remote


def test_the_written_configuration_loads_with_its_secrets(tmp_path: Path) -> None:
    shop = Remote(
        "http://127.0.0.1:1",
        lambda: None,
        settings={"kind": "shopify", "url": "http://127.0.0.1:1"},
        secrets={"shop_access_token": "t"},
    )
    statements = {"warehouses": 'SELECT \'a"b\' AS id, "name", active FROM w\nWHERE x = :x'}
    erp = Remote(
        "http://127.0.0.1:2",
        lambda: None,
        settings={"kind": "sql", "url": "sqlite:////erp.db", "statements": statements},
    )
    since = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    config = write_settings(
        tmp_path, shop, erp, port=8470, locations={"gid://shopify/Location/1": "WH1"}, since=since
    )
    settings = load(config)
    (main,) = settings.connections
    assert isinstance(main.back_office, SqlSettings)
    assert main.back_office.statements == statements
    assert main.orders_since == since
    token = settings.secrets_of("main").shop_access_token
    assert token is not None
    assert token.get_secret_value() == "t"
    assert stat.S_IMODE((tmp_path / "secrets.toml").stat().st_mode) == 0o600


def test_the_whereabouts_of_a_world_can_be_read_back(tmp_path: Path) -> None:
    assert read_world(tmp_path) is None
    write_world(tmp_path, {"control": "http://127.0.0.1:3"})
    assert read_world(tmp_path) == {"control": "http://127.0.0.1:3"}
