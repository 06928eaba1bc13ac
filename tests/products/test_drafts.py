"""Articles that the shop lacks become draft products: where a rule lets them, asked for by a person, and each once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapters.shopify.sandbox import SandboxSku
from engine.desk.gaps import DRAFT as DRAFT_ROW
from engine.desk.listing import Look
from engine.flows import product_commands
from engine.flows.adopting import lacking
from engine.flows.drafting import OP, Drafting
from engine.flows.product_commands import DRAFT
from engine.flows.product_plan import ProductPlans
from engine.model.failure import Refused, TryLater
from engine.model.ids import Sku, WorkId
from engine.model.product import OfficeProduct, ProductId
from engine.products.guard import Birth, BornVariant, born, born_into, handle_of
from engine.products.matching import How
from engine.products.ownership import BACK_OFFICE, STOREFRONT, Policy, Rule, ownership
from engine.store.queries.drafts import waiting_drafts
from engine.store.queries.failed import failed_page
from engine.store.queries.plans import read_plan
from engine.store.queries.trail import trail_page
from engine.store.rows import Command, Work
from engine.store.verbs.drafts import KIND
from engine.store.verbs.effect import open_effects
from tests.products.ground import Ground, ground
from tests.products.made import variant

SKUS = [SandboxSku("MUG", "Mug", "10.00")]
NEW = Sku("BOWL Blau/2")
HERE = ["MUG", NEW, "PLATE"]
NAME = "main"
PATIENCE = 30.0


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Ground]:
    async with ground(tmp_path, SKUS, articles=HERE) as opened:
        allow_drafts(opened)
        await opened.article("MUG", price="10")
        await opened.article(
            NEW, price="14.5", barcode="4006381333931", weight="420", origin="PT", title="Blue bowl"
        )
        yield opened


def allow_drafts(here: Ground) -> None:
    here.site.drafts = True
    here.deliver._attempts = {**here.deliver._attempts, KIND: Drafting(here.site).attempt}


async def asked(here: Ground, *skus: str) -> str:
    """An operator asks for drafts of these, and the engine acts on it."""
    body = orjson.dumps({"skus": skus}).decode()
    said = await product_commands.do(here.site, Command(1, NAME, DRAFT, body, "ada", here.site.now()))
    await here.act()
    return said


async def failed(here: Ground) -> list[Any]:
    """Records of drafts that wait for a person."""
    page = await here.store.read(failed_page, filter="", limit=10, now=here.site.now())
    return [row for row in page.rows if row.kind == KIND]


async def drafts(here: Ground) -> list[dict[str, Any]]:
    """Products of the shop beside the one that was there."""
    return (await here.catalogue_of_shop())[1:]


async def test_an_article_the_shop_lacks_becomes_a_draft_with_what_the_back_office_owns(here: Ground) -> None:
    await here.adopt_all()
    assert await asked(here, NEW) == "1 to be made"
    [made] = await drafts(here)
    assert (made["content"]["title"], made["content"]["status"]) == ("Blue bowl", "DRAFT")
    assert made["content"]["handle"] == handle_of(NEW) and made["content"]["description_html"] == ""
    [row] = made["variants"]
    assert (row["sku"], row["price"], row["barcode"], row["origin"]) == (NEW, "14.50", "4006381333931", "PT")
    assert row["tracked"] is True and row["weight"] == "420.0"
    await here.settle()
    calls = (await here.api())["mutations"]
    assert calls == {"productCreate": 1, "productVariantsBulkUpdate": 1}, (
        "born with all of it, and nothing to mend"
    )
    assert (await here.fields(NEW))["price"].state == "same"
    await here.article(NEW, price="15")
    await here.settle()
    assert (await here.rows())[NEW]["price"] == "15.00", "it is kept in agreement from now on"
    look = Look(filter=f"product:{NEW}", limit=50)
    page = await here.store.read(trail_page, look, people=False, now=here.site.now())
    told = [(row.action, row.detail) for row in page.rows if row.action.startswith("draft")]
    assert [what for what, _ in told] == ["drafted", "draft asked for"]
    assert "price 14.50" in told[0][1] and "gid://shopify/Product/" in told[0][1]


async def test_a_plan_shows_what_the_shop_lacks_and_makes_none_of_it(here: Ground) -> None:
    await here.adopted()
    await here.article("PLATE", discontinued=True)
    plans = ProductPlans(here.site)
    plan = await here.store.read(read_plan, await plans.make("ada"))
    assert plan is not None and plan.compared == 1
    [row] = plan.fields
    assert (row.sku, row.field, row.before, row.after, row.cause, row.state) == (
        NEW, "product", None, "Blue bowl", "draft", "shown",
    )  # fmt: skip
    assert f"trueup product draft {NEW}" in row.note
    await plans.run(plan, "ada", None)
    assert len(await here.catalogue_of_shop()) == 1, "having them made is asked for by another command"
    here.site.drafts = False
    plan = await here.store.read(read_plan, await plans.make("ada"))
    assert plan is not None and plan.fields == ()


async def test_what_the_shop_lacks_is_what_the_wizard_finds_only_in_the_back_office(here: Ground) -> None:
    await here.variant("MUG", barcode="4006381333931")
    called = "MUG"
    for sku, wanted in (("MUG", {"PLATE", NEW}), ("UNKNOWN", {"MUG", "PLATE"}), ("plate", {"MUG", NEW})):
        await here.variant(called, sku=sku)
        called = sku
        found = [each for each in await here.propose() if each.how is How.ONLY_OFFICE and each.article]
        lacks = {each.sku for each in await lacking(here.site)}
        assert lacks == {each.article.sku for each in found if each.article} == wanted


async def test_asked_again_or_by_two_it_is_made_once(here: Ground) -> None:
    await asked(here, NEW)
    await asked(here, NEW, "PLATE")
    assert len(await drafts(here)) == 2 and (await here.api())["mutations"]["productCreate"] == 2


async def test_without_a_rule_nothing_is_made_whoever_asks(here: Ground) -> None:
    here.site.drafts = False
    assert "does not let" in await asked(here, NEW)
    assert await drafts(here) == []
    article = OfficeProduct(NEW, {})
    with pytest.raises(Refused, match="does not let"):
        born(ownership(), NAME, article, allowed=False)
    theirs = ownership([Rule(frozenset({"sku"}), STOREFRONT)])
    with pytest.raises(Refused, match="could not be told apart"):
        born(theirs, NAME, article, allowed=True)
    with pytest.raises(TypeError):
        Birth(NEW, "Mine", "mine", {})


@pytest.mark.parametrize("op", ["productCreate", "productVariantsBulkUpdate"])
@pytest.mark.parametrize("mode", ["apply_then_timeout", "late_apply", "5xx", "cut"])
async def test_a_lost_answer_makes_no_second_one_and_loses_none(here: Ground, op: str, mode: str) -> None:
    await here.trouble(mode=mode, op=op, seconds=0.05, count=1)
    assert await lost_until_made(here, work()), "the answer was lost"
    await here.act()
    [made] = await drafts(here)
    assert (made["variants"][0]["sku"], made["variants"][0]["price"]) == (NEW, "14.50")
    assert await here.store.read(open_effects, NAME, "shop", OP) == []


async def lost_until_made(ground: Ground, one: Work) -> int:
    """Attempt it, as an engine that retries and one that starts anew do, until it is made, and twice more; how often it was put off."""
    lost, made = 0, 0
    async with asyncio.timeout(PATIENCE):
        while made < 3:
            try:
                await Drafting(ground.site).attempt(one)
                made += 1
            except TryLater:
                lost += 1
    return lost


def work(sku: str = NEW) -> Work:
    """The record of one draft, as it is claimed."""
    now = datetime(2026, 11, 29, tzinfo=UTC)
    return Work(WorkId(1), NAME, KIND, sku, 3, 0, 1, "asked for by ada", now, probing=False)


async def test_one_that_waits_is_on_the_screen_until_it_is_made(here: Ground) -> None:
    await here.trouble(mode="5xx", op="productCreate", seconds=0.1, count=1)
    await asked(here, NEW)
    [row] = await here.store.read(waiting_drafts, [NAME])
    assert (row.connection, row.kind, row.name, row.times) == (NAME, DRAFT_ROW, NEW, 1)
    await here.trouble(mode="none")
    await asked(here, NEW)
    assert await here.store.read(waiting_drafts, [NAME]) == ()


async def test_a_product_with_the_sku_is_adopted_by_a_person_and_not_made_again(here: Ground) -> None:
    await asked(here, "MUG")
    assert await drafts(here) == []
    [row] = await failed(here)
    assert "has MUG already" in row.cause and "trueup product adopt --pair MUG=" in row.remedy


async def test_a_handle_of_another_product_is_never_taken_for_ours(here: Ground) -> None:
    await here.content("MUG", handle=handle_of(NEW))
    await asked(here, NEW)
    assert await drafts(here) == [] and (await here.rows())["MUG"]["price"] == "10.00"
    [row] = await failed(here)
    assert "was not made of" in row.cause


async def test_what_the_rules_leave_to_others_is_not_set_at_birth_either(tmp_path: Path) -> None:
    rules = ownership([Rule(frozenset({"price", "barcode"}), STOREFRONT, Policy.IGNORE)])
    async with ground(tmp_path, SKUS, articles=HERE, rules=rules) as here:
        allow_drafts(here)
        await here.article(NEW, price="14.5", barcode="4006381333931", cost="3", title="Blue bowl")
        await asked(here, NEW)
        [row] = (await drafts(here))[0]["variants"]
        assert (row["price"], row["barcode"], row["cost"]) == ("0.00", None, "3.00")


async def test_an_article_that_is_gone_or_not_sold_any_more_is_not_made(here: Ground) -> None:
    await here.article("PLATE", discontinued=True)
    await asked(here, "PLATE", "NOBODY-HAS-THIS")
    assert await drafts(here) == []
    assert {row.ref for row in await failed(here)} == {"PLATE", "NOBODY-HAS-THIS"}


FAMILY = ["MUG", "TEE-S", "TEE-L", "TEE-XL"]


@pytest.fixture
async def family(tmp_path: Path) -> AsyncIterator[Ground]:
    """A shirt in three sizes: the first is a product, the others say that they belong to it."""
    async with ground(tmp_path, SKUS, articles=FAMILY) as opened:
        allow_drafts(opened)
        for size, price in (("S", "20"), ("L", "22"), ("XL", "24")):
            more = {} if size == "S" else {"variant_of": "TEE-S"}
            await opened.article(
                f"TEE-{size}", title=f"Tee {size}", price=price, options=f"Size={size}", **more
            )
        yield opened


async def shirts(here: Ground) -> dict[str, str]:
    """Prices of the variants of the one draft, by SKU."""
    [made] = await drafts(here)
    return {row["sku"]: row["price"] for row in made["variants"]}


async def test_an_article_that_belongs_to_another_becomes_a_variant_of_its_draft(family: Ground) -> None:
    await asked(family, "TEE-S")
    await asked(family, "TEE-L", "TEE-XL")
    assert await shirts(family) == {"TEE-S": "20.00", "TEE-L": "22.00", "TEE-XL": "24.00"}
    rows = await family.rows()
    assert all(rows[sku]["tracked"] for sku in FAMILY[1:])
    made = (await family.api())["mutations"]
    assert (made["productCreate"], made["productVariantsBulkCreate"]) == (1, 2)
    await family.article("TEE-L", price="23")
    await family.settle()
    assert (await shirts(family))["TEE-L"] == "23.00"


async def test_a_variant_waits_for_the_product_it_belongs_to(family: Ground) -> None:
    with pytest.raises(TryLater, match="not adopted yet"):
        await Drafting(family.site).attempt(work("TEE-L"))
    await asked(family, "TEE-S")
    await Drafting(family.site).attempt(work("TEE-L"))
    assert len(await shirts(family)) == 2


@pytest.mark.parametrize("op", ["productVariantsBulkCreate", "productVariantsBulkUpdate"])
@pytest.mark.parametrize("mode", ["apply_then_timeout", "late_apply", "cut"])
async def test_no_second_variant_is_made_after_a_lost_answer(family: Ground, op: str, mode: str) -> None:
    await asked(family, "TEE-S")
    await family.trouble(mode=mode, op=op, seconds=0.05, count=1)
    assert await lost_until_made(family, work("TEE-L"))
    assert await shirts(family) == {"TEE-S": "20.00", "TEE-L": "22.00"}
    assert await family.store.read(open_effects, NAME, "shop", OP) == []


async def test_nothing_is_put_on_sale_and_no_options_are_guessed(family: Ground) -> None:
    await asked(family, "TEE-S")
    await family.content("TEE-S", status="ACTIVE")
    await asked(family, "TEE-L")
    [row] = await failed(family)
    assert "on sale at once" in row.cause and len(await shirts(family)) == 1
    await family.content("TEE-S", status="DRAFT")
    for options, why in (
        ("", "does not say what tells"),
        ("Size=S", "has the same options"),
        ("Hue=Red", "Option does not exist"),
    ):
        await family.article("TEE-XL", options=options)
        with pytest.raises(Refused, match=why):
            await Drafting(family.site).attempt(work("TEE-XL"))
    assert len(await shirts(family)) == 1
    article = OfficeProduct(NEW, {}, options={"Size": "S"})
    with pytest.raises(Refused, match="does not let"):
        born_into(ownership(), NAME, article, variant("TEE-S"), draft=True, allowed=False)
    theirs = ownership([Rule(frozenset({"sku"}), STOREFRONT, tags=frozenset({"kept"}))])
    with pytest.raises(Refused, match="could not be told apart"):
        born_into(theirs, NAME, article, variant("TEE-S", tags={"kept"}), draft=True, allowed=True)
    with pytest.raises(TypeError):
        BornVariant(ProductId("p"), NEW, {"Size": "S"})


def test_handles_are_plain_and_one_for_each_article() -> None:
    assert handle_of("BOWL Blau/2").startswith("bowl-blau-2-") and handle_of("BOWL") != handle_of("bowl")
    assert handle_of("A B") != handle_of("A-B") and handle_of("茶碗").isascii()
    assert BACK_OFFICE == "back_office"
