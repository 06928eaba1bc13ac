"""What an operator sees when the configuration is right, and when it is not."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from console.alerting import subscribers
from console.assembly import neighbours, sisters
from console.settings import SettingsTrouble, load
from console.settings.alerts import (
    AlertSettings,
    ChannelSettings,
    EscalationSettings,
    MaintenanceSettings,
    WatchSettings,
)
from console.settings.back_offices import (
    Cin7CoreSettings,
    NetSuiteSettings,
    OdooSettings,
    SqlSettings,
    TrytonSettings,
)
from console.settings.connection import ConnectionSettings, ShopSettings
from console.settings.model import (
    EngineSettings,
    ListenerSettings,
    LogSettings,
    Settings,
    StoreSettings,
    TracingSettings,
)
from console.settings.ownership import OwnershipRuleSettings, OwnershipSettings
from console.settings.secrets import ConnectionSecrets
from console.value_maps import value_maps
from engine.model.clock import SystemClock
from engine.orders.values import Kind

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
PARTS = (
    Settings,
    StoreSettings,
    ListenerSettings,
    EngineSettings,
    LogSettings,
    TracingSettings,
    ConnectionSettings,
    ShopSettings,
    SqlSettings,
    TrytonSettings,
    OdooSettings,
    NetSuiteSettings,
    Cin7CoreSettings,
    OwnershipSettings,
    OwnershipRuleSettings,
    WatchSettings,
    ChannelSettings,
    AlertSettings,
    EscalationSettings,
    MaintenanceSettings,
    ConnectionSecrets,
)
SMALL = """
[[connections]]
name = "main"
[connections.shop]
kind = "shopify"
url = "https://brand.myshopify.com"
[connections.back_office]
kind = "sql"
url = "sqlite:///erp.db"
[connections.back_office.statements]
warehouses = "select 1"
[connections.locations]
"gid://shopify/Location/1" = "WH1"
"""


@pytest.fixture(autouse=True)
def _no_variables_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("TRUEUP_")]:
        monkeypatch.delenv(name)


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def trouble(folder: Path, text: str) -> SettingsTrouble:
    with pytest.raises(SettingsTrouble) as caught:
        load(written(folder, text))
    return caught.value


def test_the_example_loads() -> None:
    settings = load(EXAMPLE)
    assert [one.name for one in settings.connections] == ["main", "outlet"]
    assert settings.connections[0].locations["gid://shopify/Location/2"] == ("WH2", "WH3")


def test_the_example_names_every_field() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    missing = [f"{part.__name__}.{name}" for part in PARTS for name in part.model_fields if name not in text]
    assert missing == []


def test_the_example_shows_the_defaults_it_comments_on() -> None:
    raw = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert EngineSettings(**raw["engine"]) == EngineSettings()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_field_is_described(part: type[BaseModel]) -> None:
    assert [name for name, field in part.model_fields.items() if not field.description] == []


def test_relative_paths_start_beside_the_file(tmp_path: Path) -> None:
    settings = load(written(tmp_path, SMALL + '\n[log]\nfile = "x.log"\n'))
    assert settings.store.url == f"sqlite:///{tmp_path}/trueup.db"
    assert settings.connections[0].back_office.url == f"sqlite:///{tmp_path}/erp.db"
    assert settings.log.file == tmp_path / "x.log"


@pytest.mark.parametrize(
    ("text", "cause", "remedy"),
    [
        ('enviroment = "x"\n' + SMALL, "enviroment", "environment"),
        (SMALL + "\n[engine]\nsweep_secs = 1\n", "engine.sweep_secs", "sweep_seconds"),
        (SMALL.replace("url =", "adress =", 1) + "", "connections[1].shop.adress", ""),
        (SMALL.replace('kind = "sql"\nurl', 'kind = "sql"\nurll'), "back_office", "url"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_name(
    tmp_path: Path, text: str, cause: str, remedy: str
) -> None:
    said = trouble(tmp_path, text)
    assert cause in said.cause
    assert remedy in said.remedy


@pytest.mark.parametrize(
    "text",
    [
        SMALL.replace('kind = "shopify"', 'kind = "shopify"\naccess_token = "shpat_1"'),
        SMALL.replace("sqlite:///erp.db", "postgresql+psycopg://me:hush@db/erp"),
        SMALL + '\n[store]\nurl = "postgresql+psycopg://me:hush@db/trueup"\n',
        SMALL + '\n[secrets.main]\nshop_access_token = "shpat_1"\n',
    ],
    ids=["token", "back office password in a URL", "store password in a URL", "secrets table"],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    said = trouble(tmp_path, text)
    assert "secret" in said.cause
    assert "shpat_1" not in str(said)
    assert "hush" not in str(said)


def test_secrets_come_from_an_owner_only_file_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        '[main]\nshop_access_token = "from-file"\nshop_webhook_secret = "hook"\n', encoding="utf-8"
    )
    secrets.chmod(0o600)
    monkeypatch.setenv("TRUEUP_SECRETS__MAIN__SHOP_ACCESS_TOKEN", "from-environment")
    settings = load(written(tmp_path, 'secrets_file = "secrets.toml"\n' + SMALL))
    main = settings.secrets_of("main")
    assert main.shop_access_token is not None
    assert main.shop_access_token.get_secret_value() == "from-environment"
    assert main.shop_webhook_secret is not None
    assert main.shop_webhook_secret.get_secret_value() == "hook"
    assert "from-environment" not in repr(settings) + str(settings)


def test_a_secrets_file_others_can_read_is_refused(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("[main]\n", encoding="utf-8")
    secrets.chmod(0o640)
    said = trouble(tmp_path, 'secrets_file = "secrets.toml"\n' + SMALL)
    assert "0640" in said.cause
    assert "chmod 600" in said.remedy


def test_secrets_for_a_connection_that_does_not_exist_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUEUP_SECRETS__MIAN__SHOP_ACCESS_TOKEN", "x")
    assert "mian" in trouble(tmp_path, SMALL).cause


def test_a_variable_nobody_reads_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUEUP_LISTNER__PORT", "9")
    assert "TRUEUP_LISTNER__PORT" in trouble(tmp_path, SMALL).cause


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUEUP_LISTENER__PORT", "9123")
    assert load(written(tmp_path, SMALL + "\n[listener]\nport = 1\n")).listener.port == 9123


def test_the_password_of_the_store_is_put_into_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUEUP_SECRETS__STORE__PASSWORD", "h@sh")
    settings = load(written(tmp_path, SMALL + '\n[store]\nurl = "postgresql+psycopg://me@db/trueup"\n'))
    assert settings.store.url == "postgresql+psycopg://me:h%40sh@db/trueup"


def defects() -> Iterator[tuple[str, str]]:
    yield SMALL.replace("WH1", "WH1").replace('"WH1"', '["WH1", "WH1"]'), "more than one location"
    yield "", "connections"
    yield SMALL.replace('"main"', '"Main Shop"'), "name"
    yield "environment = [", "not valid TOML"
    yield SMALL + "\n[listener]\nport = 99999\n", "listener.port"


@pytest.mark.parametrize(("text", "cause"), list(defects()))
def test_other_defects_name_the_key(tmp_path: Path, text: str, cause: str) -> None:
    said = trouble(tmp_path, text)
    assert cause in said.cause
    assert said.remedy


def test_a_missing_file_says_what_to_copy(tmp_path: Path) -> None:
    with pytest.raises(SettingsTrouble, match=r"config\.example\.toml"):
        load(tmp_path / "nowhere.toml")


def test_a_sql_back_office_says_how_it_is_reached_and_how_sure_it_is(tmp_path: Path) -> None:
    more = 'tier = "T2"\nsettle_seconds = 30\nwait_seconds = 1.5\nconnect = { sslmode = "verify-full" }\n'
    head, mark, rest = SMALL.partition("[connections.back_office.statements]")
    described = load(written(tmp_path, head + more + mark + rest)).connections[0].back_office
    assert isinstance(described, SqlSettings)
    assert (described.tier, described.settle_seconds, described.wait_seconds) == ("T2", 30.0, 1.5)
    assert described.connect == {"sslmode": "verify-full"}


@pytest.mark.parametrize("wrong", ['tier = "T1"', "settle_seconds = -1", 'connect = { password = "x" }'])
def test_a_sql_back_office_that_is_wrongly_described_is_refused(tmp_path: Path, wrong: str) -> None:
    head, mark, rest = SMALL.partition("[connections.back_office.statements]")
    assert wrong.split()[0] in trouble(tmp_path, f"{head}{wrong}\n{mark}{rest}").cause


def test_a_sql_statement_that_asks_for_names_makes_their_table_necessary(tmp_path: Path) -> None:
    one = load(written(tmp_path, SMALL)).connections[0]
    assert value_maps(one) == {}
    asking = {**one.back_office.statements, "create_payment": "insert into p values (:document, :account)"}  # type: ignore[union-attr]
    office = one.back_office.model_copy(update={"statements": asking})
    assert value_maps(one.model_copy(update={"back_office": office})) == {Kind.PAYMENT: {}}
    given = one.model_copy(update={"back_office": office, "payments": {"card": "1210"}})
    assert value_maps(given) == {Kind.PAYMENT: {"card": "1210"}}


def test_subsidiaries_where_orders_have_none_are_refused() -> None:
    example = load(EXAMPLE).connections[0]
    with pytest.raises(ValueError, match="orders in tryton name no subsidiary"):
        ConnectionSettings(**{**example.model_dump(), "subsidiaries": {"AT": "1"}})


def test_tax_details_of_netsuite_have_a_code_and_name_sales_tax_items_by_internal_id() -> None:
    example = load(EXAMPLE).connections[0].model_dump()
    office = {"kind": "netsuite", "account": "1234567", "taxes_as": "details"}
    with pytest.raises(ValueError, match="tax details need tax_code"):
        ConnectionSettings(**{**example, "back_office": office})
    with pytest.raises(ValueError, match="'VAT20' is none"):
        ConnectionSettings(**{**example, "back_office": {**office, "tax_code": "901"}})
    given = ConnectionSettings(
        **{**example, "back_office": {**office, "tax_code": "901"}, "taxes": {"VAT": "-8"}}
    )
    assert given.taxes == {"VAT": "-8"}


def test_rules_for_fields_of_products_are_checked_before_anything_starts(tmp_path: Path) -> None:
    rule = '[[ownership.rules]]\nfields = ["price"]\nowner = "storefront"\n'
    settings = load(written(tmp_path, rule + SMALL))
    assert [each.text for each in settings.ownership.plain] == ["storefront mirror"]
    assert "two owners" in trouble(tmp_path, rule + rule.replace("storefront", "cms") + SMALL).cause
    assert "'colour'" in trouble(tmp_path, rule.replace("price", "colour") + SMALL).cause
    assert "'outlet'" in trouble(tmp_path, rule + 'shops = ["outlet"]\n' + SMALL).cause
    assert "field" in trouble(tmp_path, rule.replace("fields", "field") + SMALL).cause


def test_a_location_of_one_shop_belongs_to_one_back_office(tmp_path: Path) -> None:
    second = SMALL.replace('name = "main"', 'name = "second"')
    assert "is in two connections, main and second" in trouble(tmp_path, SMALL + second).cause
    other = second.replace("brand.myshopify.com", "outlet.myshopify.com")
    settings = load(written(tmp_path, SMALL + other))
    one, two = settings.connections
    assert [each.name for each in sisters(settings, one)] == ["second"] and neighbours(settings, one) == ()
    apart = second.replace("Location/1", "Location/2").replace("sqlite:///", "sqlite:///other-")
    settings = load(written(tmp_path, SMALL + apart))
    one, two = settings.connections
    assert sisters(settings, one) == ()
    assert [(each.name, each.earlier) for each in neighbours(settings, one)] == [("second", False)]
    assert [(each.name, each.earlier) for each in neighbours(settings, two)] == [("main", True)]


def test_events_go_to_webhook_channels_alone(tmp_path: Path) -> None:
    config, secrets = tmp_path / "c.toml", tmp_path / "secrets.toml"
    channels = '[[channels]]\nname = "mail"\n[[channels]]\nname = "hook"\nkind = "webhook"\n'
    told = SMALL.replace('name = "main"', 'name = "main"\nevents = ["mail"]', 1)
    config.write_text(channels + told, encoding="utf-8")
    with pytest.raises(SettingsTrouble, match=f"^{config} is not usable: .*no channel of kind webhook"):
        load(config)
    config.write_text(
        f'secrets_file = "{secrets}"\n{channels}{told.replace("mail", "hook")}', encoding="utf-8"
    )
    secrets.write_text('[targets]\nhook = "https://ipaas.example.com/in"\n', encoding="utf-8")
    secrets.chmod(0o600)
    settings = load(config)
    (one,) = settings.connections
    with pytest.raises(SettingsTrouble, match="has no key to sign with"):
        subscribers(settings, one, SystemClock())
    assert subscribers(settings, one.model_copy(update={"shadow": True}), SystemClock()) == {}
