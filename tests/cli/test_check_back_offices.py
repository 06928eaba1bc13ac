"""`trueup check` against each back office: what is wrong is named with its remedy, all of it at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.tryton.rpc import Rpc
from console.check_line import CheckLine
from console.checks import check
from console.settings import load
from console.world import World
from engine.model.clock import SystemClock
from tests.journeys.between import netsuite_with_suite_tax

KINDS = ("odoo", "netsuite", "cin7_core", "unleashed", "cin7_omni")
WRONG_KEY = {
    "odoo": "BACK_OFFICE_KEY",
    "netsuite": "BACK_OFFICE_TOKEN_SECRET",
    "cin7_core": "BACK_OFFICE_KEY",
    "unleashed": "BACK_OFFICE_KEY",
    "cin7_omni": "BACK_OFFICE_KEY",
}
DENIED = {
    "odoo": ["stock.picking", "sale.order"],
    "netsuite": ["salesOrder", "itemReceipt", "invoice"],
    "cin7_core": ["ref/productavailability", "saleList"],
    "unleashed": ["SalesShipments", "CreditNotes"],
    "cin7_omni": ["SalesOrders", "Stock"],
}
CHARGE = {
    "odoo": 'products = { shipping = "PARCEL" }',
    "netsuite": 'items = { shipping = "PARCEL" }',
    "cin7_core": 'products = { shipping = "PARCEL" }',
    "unleashed": 'products = { shipping = "PARCEL" }',
    "cin7_omni": 'products = { shipping = "PARCEL" }',
}


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, World]]:
    running = World.start(tmp_path, back_office=request.param, orders_per_minute=0.0, skus=3)
    yield request.param, running
    running.stop()


async def wrong(world: World) -> list[CheckLine]:
    """The lines that do not hold, of the configuration as it stands."""
    return [line for line in await check(load(world.config)) if not line.ok]


MONEY = {
    "odoo": "TrueUp enters payments, credit memos, refunds",
    "netsuite": "TrueUp enters payments, credit memos, refunds; invoices what has left",
    "cin7_core": "a person enters payments, credit memos, refunds",
    "unleashed": "a person enters payments, credit memos, refunds",
    "cin7_omni": "a person enters payments, credit memos, refunds",
}
"""What is said of money that moves later, as the worlds are set up."""


async def test_all_that_is_needed_is_there(world: tuple[str, World]) -> None:
    kind, running = world
    lines = await check(load(running.config))
    assert [line for line in lines if not line.ok] == []
    [money] = (line.detail for line in lines if line.name.endswith(": money"))
    assert money == MONEY[kind]


async def test_a_wrong_key_is_named(world: tuple[str, World], monkeypatch: pytest.MonkeyPatch) -> None:
    kind, running = world
    (connection,) = load(running.config).connections
    monkeypatch.setenv(f"TRUEUP_SECRETS__{connection.name.upper()}__{WRONG_KEY[kind]}", "wrong")
    (line,) = await wrong(running)
    assert "key" in line.detail
    assert line.remedy


async def test_rights_a_location_and_a_charge_item_that_are_missing_are_all_named(
    world: tuple[str, World],
) -> None:
    kind, running = world
    text = running.config.read_text(encoding="utf-8")
    (connection,) = load(running.config).connections
    ((mapped,), *_) = connection.locations.values()
    changed = text.replace(f'= "{mapped}"', '= "NOWHERE"', 1).replace(f'= ["{mapped}"]', '= ["NOWHERE"]', 1)
    running.config.write_text(changed, encoding="utf-8")
    assert running.erp.ask("rights", {"deny": DENIED[kind]}) is not None
    lines = await wrong(running)
    said = [line.detail for line in lines]
    assert any("NOWHERE" in each for each in said)
    for right in DENIED[kind]:
        assert any(right in each for each in said), said
    assert all(line.remedy for line in lines)
    running.erp.ask("rights", {"deny": []})
    if kind == "cin7_omni":  # a look at everything takes a third of its minute
        assert running.erp.ask("quota", {"rested": True}) is not None
    running.config.write_text(
        text.replace(f'kind = "{kind}"', f'kind = "{kind}"\n{CHARGE[kind]}', 1), encoding="utf-8"
    )
    (line,) = await wrong(running)
    assert "PARCEL" in line.detail


SLOW: tuple[str, dict[str, object]] = ("faults", {"mode": "429", "seconds": 40})
SPENT: tuple[str, dict[str, object]] = ("quota", {"left": 0})


@pytest.mark.parametrize(
    ("kind", "trouble", "cause", "remedy"),
    [
        ("cin7_core", SLOW, "allowance of calls is used up", "calls_per_minute"),
        ("netsuite", SLOW, "too many calls at once", "lower concurrency"),
        ("odoo", SLOW, "asks us to slow down", "quieten other integrations"),
        ("unleashed", SPENT, "in a month are used up", "calls_per_month"),
        ("cin7_omni", SPENT, "of the day are used up", "calls_per_day"),
    ],
)
async def test_calls_that_are_used_up_are_named(
    tmp_path: Path, kind: str, trouble: tuple[str, dict[str, object]], cause: str, remedy: str
) -> None:
    running = World.start(tmp_path, back_office=kind, orders_per_minute=0.0, skus=3)
    assert running.erp.ask(*trouble) is not None
    (line,) = await wrong(running)
    running.stop()
    assert cause in line.detail
    assert remedy in line.remedy


async def test_a_customer_and_a_tax_rule_that_are_not_there_are_named(tmp_path: Path) -> None:
    running = World.start(tmp_path, back_office="cin7_core", orders_per_minute=0.0, skus=3)
    text = running.config.read_text(encoding="utf-8")
    running.config.write_text(
        text.replace('customer = "Shopify"', 'customer = "Nobody"\ntax_rule = "Tax on Sales"'),
        encoding="utf-8",
    )
    lines = await wrong(running)
    running.stop()
    assert [("Nobody" in one.detail, "0 %" in one.detail) for one in lines] == [(True, False), (False, True)]
    assert all(one.remedy for one in lines)


@pytest.mark.long
@pytest.mark.tryton
async def test_what_a_real_tryton_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = World.start(tmp_path, back_office="tryton", orders_per_minute=0.0, skus=3)
    try:
        text = running.config.read_text(encoding="utf-8")
        paid = text.replace('web_shop = "Shopify"', 'web_shop = "Shopify"\npayment_method = "Shopify"')
        running.config.write_text(paid, encoding="utf-8")
        assert await wrong(running) == []
        (connection,) = load(running.config).connections
        ((mapped,), *_) = connection.locations.values()
        changed = paid.replace(f'"{mapped}"', '"NOWHERE"')
        running.config.write_text(
            f'{changed}\n[connections.payments]\n"gift_card" = "Vouchers"\n', encoding="utf-8"
        )
        lines = await wrong(running)
        said = " ".join(line.detail for line in lines)
        assert all(name in said for name in ("NOWHERE", "payment method named Vouchers"))
        assert all(line.remedy for line in lines)
        running.config.write_text(paid, encoding="utf-8")
        await regrouped(running, "remove")
        lines = await wrong(running)
        assert any("may not read, write, create sale.sale" in line.detail for line in lines)
        assert all("docs/back-offices/tryton.md" in line.remedy for line in lines)
        await regrouped(running, "add")
        assert await wrong(running) == []
        monkeypatch.setenv(f"TRUEUP_SECRETS__{connection.name.upper()}__BACK_OFFICE_PASSWORD", "wrong")
        (line,) = await wrong(running)
        assert "password" in line.detail
        assert line.remedy
    finally:
        running.stop()


async def regrouped(world: World, how: str) -> None:
    """Let an administrator `add` all groups to the user of TrueUp, or `remove` them; all but the administrators'."""
    told = world.erp.settings
    access = {"database": str(told["database"]), "user": "admin", "password": "admin-sandbox"}
    rpc = Rpc(str(told["url"]), **access, clock=SystemClock())
    try:
        rows = await rpc.rows("res.group", [["name", "!=", "Administration"]], ["name"])
        [user] = await rpc.rows("res.user", [["login", "=", world.erp.settings["user"]]], ["login"])
        values = {"groups": [[how, [row["id"] for row in rows]]]}
        await rpc.model("res.user", "write", [user["id"]], values)
    finally:
        await rpc.aclose()


async def test_tax_items_of_netsuite_that_cannot_be_used_are_named_wherever_they_are_given(
    tmp_path: Path,
) -> None:
    running = World.start(tmp_path, back_office=netsuite_with_suite_tax, orders_per_minute=0.0, skus=3)
    text = running.config.read_text(encoding="utf-8")
    assert await wrong(running) == []
    named = text.replace('tax_code = "902"', 'tax_code = "777"') + '\n[connections.taxes]\n"VAT" = "909"\n'
    running.config.write_text(named, encoding="utf-8")
    lines = await wrong(running)
    running.stop()
    assert [line.detail for line in lines] == [
        "NetSuite has no sales tax item with internal id 777.",
        "Sales tax item 909 of NetSuite is inactive.",
    ]
    assert all("[connections.taxes] or tax_code" in line.remedy for line in lines)
