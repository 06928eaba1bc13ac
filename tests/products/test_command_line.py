"""The command line over both sandboxes: the wizard, both sides of a product, decisions."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.shopify.sandbox import SandboxSku
from adapters.sql.sandbox.statements import MARKET_FIELDS, PRODUCT_FIELDS, STATEMENTS
from console.cli.root import root
from engine.flows.commands import Commands
from engine.flows.drafting import Drafting
from engine.flows.inventory import Inventory
from engine.front import Front
from engine.store.verbs.drafts import KIND
from tests.products.ground import Ground, ground

SKUS = [
    SandboxSku("MUG", "Mug", "10.00"), SandboxSku("cup", "Cup", "8.00"), SandboxSku("DUP", "First", "1.00"),
    SandboxSku("DUP", "Second", "1.00"),
]  # fmt: skip


@dataclass
class Shell:
    """`trueup WORDS` beside an engine that does what is asked."""

    here: Ground
    config: Path

    async def alone(self, *words: str) -> Result:
        """The command with no engine to do what it asks."""
        return await asyncio.to_thread(
            CliRunner().invoke, root, [*words, "--config", str(self.config)], standalone_mode=False
        )

    async def __call__(self, *words: str) -> Result:
        said = await self.alone(*words)
        while await Commands(self.here.site, Inventory(self.here.site)).round():
            pass
        await self.here.settle()
        return said


@pytest.fixture
async def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shell]:
    monkeypatch.setenv("TRUEUP_SECRETS__MAIN__SHOP_ACCESS_TOKEN", "shpat_sandbox")
    async with ground(tmp_path, SKUS, articles=["MUG", "CUP", "DUP", "NEW"]) as here:
        await here.article("MUG", price="12", barcode="4006381333931")
        await here.article("CUP", price="8")
        await here.article("NEW", price="3", title="New")
        config = tmp_path / "config.toml"
        statements = "\n".join(f"{name} = {json.dumps(sql)}" for name, sql in STATEMENTS.items())
        config.write_text(
            f"""
[store]
url = "sqlite:///trueup.db"
[[connections]]
name = "main"
[connections.shop]
kind = "shopify"
url = "{here.shop_staff.base_url}"
[connections.back_office]
kind = "sql"
url = "sqlite:///office/erp.db"
product_fields = {json.dumps(PRODUCT_FIELDS)}
[connections.back_office.statements]
{statements}
[connections.locations]
"gid://shopify/Location/1" = "WH1"
""",
            encoding="utf-8",
        )
        yield Shell(here, config)


Say = Callable[..., Awaitable[Result]]


async def test_the_wizard_from_proposals_to_a_decided_conflict(shell: Shell) -> None:
    said = await shell("product", "adopt")
    assert said.return_value == 1 and "SKU but for case" in said.output and "also Second" in said.output
    assert "price 10.00 → 12.00, barcode – → 4006381333931" in said.output
    assert await shell.here.mutations() == 0

    said = await shell("product", "adopt", "--certain", "--sku", "CUP", "--confirm", "wrong")
    assert said.exception is not None and "Nothing is adopted" in str(said.exception)
    assert await shell.here.mutations() == 0
    said = await shell("product", "adopt", "--sku", "DUP", "--confirm", "production")
    assert "no proposal for DUP" in str(said.exception)

    said = await shell("product", "adopt", "--pair", "DUP=none", "--confirm", "production")
    assert "is no pair" in str(said.exception)
    said = await shell("product", "adopt", "--pair", "DUP=999", "--confirm", "production")
    assert "variant gid://shopify/ProductVariant/999 is not there" in str(said.exception)
    second = (await shell.here.rows_of("DUP"))[1]
    said = await shell("product", "adopt", "--pair", f"DUP={second}", "--confirm", "production")
    assert "chosen by a person" in said.output and "Asked the engine to adopt 1." in said.output
    said = await shell("product", "adopt", "--pair", f"DUP={second}", "--confirm", "production")
    assert "article DUP is adopted already" in str(said.exception)
    await shell("product", "release", "DUP")

    said = await shell("product", "adopt", "--certain", "--sku", "CUP", "--confirm", "production")
    assert "Asked the engine to adopt 2." in said.output
    rows = await shell.here.rows()
    assert (rows["MUG"]["price"], rows["CUP"]["price"]) == ("12.00", "8.00"), "the SKU follows its rule too"
    listed = await shell("product", "list", "--json")
    assert [row["sku"] for row in json.loads(listed.output)] == ["CUP", "MUG"]

    said = await shell("mapping", "diff", "product", "MUG")
    assert said.return_value == 0 and "back_office mirror" in said.output
    await shell.here.variant("MUG", price="9.00")
    said = await shell("mapping", "diff", "product", "MUG", "--json")
    assert said.return_value == 1
    [price] = [row for row in json.loads(said.output)["main"] if row["field"] == "price"]
    assert (price["office"], price["shop"], price["result"]) == ("12.00", "9.00", "differs")

    [row] = await Front(shell.here.store, environment="x", clock=shell.here.site.clock).gaps()
    assert (row.kind, row.name, row.times) == ("product", "MUG price", 1) and "shop 9.00" in row.first
    said = await shell("status")
    assert said.return_value == 1 and "products   2 adopted, 1 fields wait for a decision" in said.output
    said = await shell("conflict", "list")
    assert said.return_value == 1 and "9.00" in said.output and "12.00" in said.output
    await shell("conflict", "field", "MUG", "price", "restore")
    assert (await shell.here.rows())["MUG"]["price"] == "12.00"
    assert (await shell("conflict", "list")).return_value == 0
    said = await shell("conflict", "field", "MUG", "price", "adopt")
    assert "nothing waits for a decision" in str(said.exception)

    await shell.here.article("MUG", price="14")
    edited = shell.config.with_name("edited.toml")
    text = shell.config.read_text(encoding="utf-8")
    rule = '[[ownership.rules]]\nfields = ["price"]\nowner = "storefront"\npolicy = "alert_only"\n'
    edited.write_text(text.replace("[[connections]]", f"{rule}[[connections]]", 1), encoding="utf-8")
    said = await shell.alone("product", "rules", str(edited), "--json")
    assert said.return_value == 1 and json.loads(said.output)["products"] == 2
    changes = {row["sku"]: row for row in json.loads(said.output)["changes"]}
    assert (changes["MUG"]["now"], changes["MUG"]["then"]) == ("written", "alert")
    assert (await shell.alone("product", "rules", str(shell.config))).return_value == 0
    said = await shell.alone("product", "rules", str(edited), "--apply", "--confirm", "no")
    assert "stay as they are" in str(said.exception) and shell.config.read_text(encoding="utf-8") == text
    said = await shell.alone("product", "rules", str(edited), "--apply", "--confirm", "production")
    assert said.return_value == 0 and shell.config.read_text(encoding="utf-8") == edited.read_text(
        encoding="utf-8"
    )
    edited.write_text('environment = "another"\n' + text, encoding="utf-8")
    assert "more than the rules" in str((await shell.alone("product", "rules", str(edited))).exception)
    shell.config.write_text(text, encoding="utf-8")
    await shell.here.article("MUG", price="12")
    await shell("product", "release", "MUG")
    await shell.here.article("MUG", price="99")
    await shell.here.settle()
    assert (await shell.here.rows())["MUG"]["price"] == "12.00", "released: nothing of it is written any more"
    assert "not adopted" in str((await shell("product", "release", "MUG")).exception)

    await shell.here.variant("CUP", price="1.00")
    file = str(shell.config.with_name("plan.json"))
    said = await shell.alone("plan", "products", "--file", file)
    assert said.return_value == 0 and "1 products compared, 1 fields" in said.output
    assert (await shell.here.rows())["CUP"]["price"] == "1.00"
    said = await shell.alone("apply", file)
    assert said.return_value == 0 and "1 applied, 0 refused" in said.output
    assert (await shell.here.rows())["CUP"]["price"] == "8.00"


async def test_drafts_are_listed_asked_for_and_seen(shell: Shell) -> None:
    shell.here.site.drafts = True
    shell.here.deliver._attempts = {**shell.here.deliver._attempts, KIND: Drafting(shell.here.site).attempt}
    said = await shell("product", "draft")
    assert "does not let TrueUp make products" in str(said.exception)
    text = shell.config.read_text(encoding="utf-8")
    shell.config.write_text(
        text.replace('name = "main"', 'name = "main"\nnew_products = "draft"'), encoding="utf-8"
    )
    said = await shell("product", "draft")
    assert (
        said.return_value == 1
        and "NEW" in said.output
        and "1 articles are only in the back office" in said.output
    )
    said = await shell("product", "draft", "MUG", "--confirm", "production")
    assert "MUG is not an article that only the back office has" in str(said.exception)
    said = await shell("product", "draft", "--all", "--confirm", "wrong")
    assert "Nothing is made" in str(said.exception) and await shell.here.mutations() == 0
    said = await shell.alone("product", "draft", "--all", "--confirm", "production")
    assert "Asked the engine to make 1 drafts" in said.output
    said = await shell("product", "drafts")
    assert said.return_value == 0
    [row] = json.loads((await shell("product", "drafts", "--json")).output)
    assert (row["sku"], row["state"]) == ("NEW", "made") and "price 3.00" in row["detail"]
    assert (await shell.here.rows())["NEW"]["price"] == "3.00"


async def test_prices_of_markets_are_proposed_and_what_they_need_is_checked(shell: Shell) -> None:
    here, text = shell.here, shell.config.read_text(encoding="utf-8")
    await here.market("EU", currency="EUR")
    await here.article("MUG", price="10", price_eu="9.50", compare_at_price_eu="12", barcode=None)
    rule = '[[ownership.rules]]\nfields = ["price", "compare_at_price"]\nmarkets = ["EU", "Mars"]\n'
    shell.config.write_text(text + rule, encoding="utf-8")
    lines = json.loads((await shell.alone("check", "--json")).output)
    wrong = [
        each["detail"]
        for each in lines
        if each["name"] in ("main: ownership", "main: markets") and not each["ok"]
    ]
    for said in ("write compare_at_price@eu, which", "write price@mars, which", "Of mars no price"):
        assert any(said in each for each in wrong), said
    told = [*PRODUCT_FIELDS, *MARKET_FIELDS]
    fields = f'product_fields = {json.dumps(told)}\nmarket_currencies = {{ eu = "EUR" }}'
    fixed = text.replace(f"product_fields = {json.dumps(PRODUCT_FIELDS)}", fields)
    shell.config.write_text(fixed + rule.replace(', "Mars"', ""), encoding="utf-8")
    checked = json.loads((await shell.alone("check", "--json")).output)
    lines = {each["name"]: each for each in checked}
    assert lines["main: ownership"]["ok"] and "price@eu" in lines["main: ownership"]["detail"]
    assert lines["main: markets"]["detail"] == "price lists: eu in EUR"
    assert any("10 needed, all granted" in each["detail"] for each in checked)
    proposed = await shell("product", "adopt")
    assert "price@eu – → 9.50, compare_at_price@eu – → 12.00" in proposed.output
    assert await here.mutations() == 0
