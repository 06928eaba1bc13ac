"""Products of a back office and a shop kept in agreement, as an operator and two teams live through it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapters.shopify.sandbox import SandboxSku
from engine.desk.listing import Look
from engine.flows.adopting import compared
from engine.flows.intake import COALESCED, take_in
from engine.flows.plan_commands import PlanCommands
from engine.model.ids import Sku
from engine.products.matching import How
from engine.products.ownership import BACK_OFFICE, STOREFRONT, Policy, Rule, ownership
from engine.store.queries.failed import failed_page
from engine.store.queries.plans import read_plan
from engine.store.queries.products import due_links
from engine.store.queries.trail import trail_page
from engine.store.rows import InboxRow
from engine.store.verbs.products import mark_skus
from tests.products.ground import Ground, ground

SHIRTS = [SandboxSku(f"SHIRT-{size}", size, "20.00", product="Shirt") for size in ("S", "M", "L")]
SKUS = [*SHIRTS, SandboxSku("MUG", "Mug", "10.00"), SandboxSku("CUP", "Cup", "8.00")]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Ground]:
    async with ground(tmp_path, SKUS) as opened:
        for sku, price in (
            ("MUG", "10"),
            ("CUP", "8"),
            ("SHIRT-S", "20"),
            ("SHIRT-M", "20"),
            ("SHIRT-L", "20"),
        ):
            await opened.article(sku, price=price)
        yield opened


async def test_nothing_is_written_before_a_variant_is_adopted_nor_when_nothing_changed(here: Ground) -> None:
    await here.settle()
    assert (await here.api())["calls"] == 0
    assert await here.adopt_all() == 5
    await here.settle()
    assert await here.mutations() == 0
    await here.catalogue.variants()
    here.site.rhythm = type(here.site.rhythm)()
    await here.settle()
    assert await here.mutations() == 0


async def test_a_price_list_costs_one_call_per_product_and_every_field_arrives(here: Ground) -> None:
    await here.adopted()
    for sku in ("SHIRT-S", "SHIRT-M", "SHIRT-L"):
        await here.article(sku, price="22.50", compare_at_price="30", weight="180", origin="PT")
    await here.article("MUG", barcode="4006381333931", cost="3.1", customs_code="6912.00", price="11")
    await here.article("CUP", cost="2.00")
    await here.settle()
    rows = await here.rows()
    for sku in ("SHIRT-S", "SHIRT-M", "SHIRT-L"):
        assert (rows[sku]["price"], rows[sku]["compare_at_price"], rows[sku]["origin"]) == (
            "22.50",
            "30.00",
            "PT",
        )
        assert (rows[sku]["weight"], rows[sku]["weight_unit"]) == ("180.0", "GRAMS")
    mug = rows["MUG"]
    assert (mug["price"], mug["barcode"], mug["cost"], mug["customs_code"]) == (
        "11.00",
        "4006381333931",
        "3.10",
        "691200",
    )
    made = (await here.api())["mutations"]
    assert made == {"productVariantsBulkUpdate": 2, "inventoryItemUpdate": 1}
    await here.settle()
    assert (await here.api())["mutations"] == made


async def test_variants_of_a_product_are_due_together(here: Ground) -> None:
    await here.adopt_all()
    now = here.site.now()
    for most in range(1, 6):
        skus = [link.sku for link in await here.store.read(due_links, "main", now, most)]
        shirts = [sku for sku in skus if sku.startswith("SHIRT")]
        assert skus and len(shirts) in (0, 3), "never a part of a product"
        assert len(skus) <= most or len(skus) == len(shirts)


async def test_an_edit_in_the_shop_is_a_conflict_with_both_values_until_a_person_decides(
    here: Ground,
) -> None:
    await here.adopted()
    await here.variant("MUG", price="9.00")
    await here.settle()
    [conflict] = await here.conflicts()
    assert (conflict.sku, conflict.field, conflict.state) == ("MUG", "price", "conflict")
    assert (conflict.office, conflict.shop, conflict.rule) == ("10.00", "9.00", "back_office mirror")
    assert conflict.since is not None and conflict.overwrites == 1
    await here.article("MUG", price="12")
    await here.settle()
    assert (await here.rows())["MUG"]["price"] == "9.00", "never a silent overwrite"
    assert await here.decide("MUG", "price", "restore")
    assert (await here.rows())["MUG"]["price"] == "12.00"
    assert await here.conflicts() == []
    assert not await here.decide("MUG", "price", "restore"), "there is nothing to decide any more"


async def test_adopt_keeps_the_shops_value_until_the_back_offices_next_and_snooze_hides(here: Ground) -> None:
    await here.adopted()
    await here.variant("CUP", price="7.00")
    await here.settle()
    assert await here.decide("CUP", "price", "snooze")
    assert await here.conflicts() == []
    await here.variant("CUP", price="6.00")
    await here.settle()
    assert [each.shop for each in await here.conflicts()] == ["6.00"], "another value is told again"
    assert await here.decide("CUP", "price", "adopt")
    await here.settle()
    assert (await here.rows())["CUP"]["price"] == "6.00" and await here.conflicts() == []
    await here.article("CUP", price="8.50")
    await here.settle()
    assert (await here.rows())["CUP"]["price"] == "8.50"


async def test_whoever_writes_back_again_and_again_is_ranked_first(here: Ground) -> None:
    await here.adopted()
    await here.variant("CUP", price="7.00")
    for price in ("9.10", "9.20"):
        await here.variant("MUG", price=price)
        await here.settle()
        await here.decide("MUG", "price", "restore")
    await here.variant("MUG", price="9.30")
    await here.settle()
    assert [(each.sku, each.overwrites) for each in await here.conflicts()] == [("MUG", 3), ("CUP", 1)]


async def test_a_rename_is_an_event_and_the_shop_follows(here: Ground) -> None:
    await here.adopted()
    await here.article("MUG", sku="MUG-BLUE")
    await here.settle()
    assert "MUG-BLUE" in await here.rows()
    lines = await ledger(here, "product:MUG-BLUE")
    assert ("renamed", "was MUG") in lines
    await here.article("MUG-BLUE", price="10.50")
    await here.settle()
    assert (await here.rows())["MUG-BLUE"]["price"] == "10.50"


async def test_a_discontinued_article_is_an_event_and_its_status_stays_the_storefronts(here: Ground) -> None:
    await here.adopted()
    await here.article("MUG", discontinued=True)
    await here.settle()
    assert ("discontinued", "by the back office") in await ledger(here, "product:MUG")
    assert await here.mutations() == 0


async def test_what_the_shop_refuses_is_one_record_and_the_others_go_on(here: Ground) -> None:
    await here.adopted()
    await here.moved("MUG")
    await here.article("MUG", price="11")
    await here.article("CUP", price="9")
    await here.settle()
    assert (await here.rows())["CUP"]["price"] == "9.00"
    page = await here.store.read(failed_page, filter="", limit=10, now=here.site.now())
    [failed] = page.rows
    assert (failed.kind, failed.ref) == ("product", "MUG")
    assert "not in the shop any more" in failed.cause and "trueup product release" in failed.remedy


async def test_a_lost_answer_is_found_out_and_is_no_edit_of_the_shop(here: Ground) -> None:
    await here.adopted()
    await here.article("MUG", price="11")
    await here.trouble(mode="apply_then_timeout", op="productVariantsBulkUpdate", seconds=0.1)
    await here.catalogue.articles()
    await here.products.round()
    assert (await here.rows())["MUG"]["price"] == "11.00"
    await here.trouble(mode="none")
    await here.article("MUG", price="12")
    await here.settle()
    assert (await here.rows())["MUG"]["price"] == "12.00" and await here.conflicts() == []


async def test_what_the_back_office_holds_wrongly_is_named_and_not_sent(here: Ground) -> None:
    await here.adopted()
    await here.article("MUG", price="eleven", barcode="4006381333931")
    await here.settle()
    [told] = await here.conflicts()
    assert (told.field, told.state, told.note) == ("price", "invalid", "price is not a number")
    row = (await here.rows())["MUG"]
    assert (row["price"], row["barcode"]) == ("10.00", "4006381333931")


async def test_rules_by_type_and_tag_hold_where_the_product_is_such(tmp_path: Path) -> None:
    rules = ownership([
        Rule(frozenset({"price"}), STOREFRONT, Policy.ALERT_ONLY, tags=frozenset({"sale"})),
        Rule(frozenset({"barcode"}), BACK_OFFICE, Policy.WRITE_ONCE),
    ])  # fmt: skip
    async with ground(tmp_path, SKUS, rules=rules) as here:
        await here.content("MUG", tags=["Sale"])
        await here.adopt_all()
        for sku in ("MUG", "CUP"):
            await here.article(sku, price="5", barcode="4006381333931")
        await here.settle()
        for sku in ("MUG", "CUP"):
            await here.article(sku, barcode="4006381333948")
        await here.settle()
        rows = await here.rows()
        assert (rows["MUG"]["price"], rows["CUP"]["price"]) == ("10.00", "5.00")
        assert {rows[sku]["barcode"] for sku in ("MUG", "CUP")} == {"4006381333931"}
        assert [(each.sku, each.state) for each in await here.conflicts()] == [("MUG", "alert")]


async def test_a_supplier_goes_to_a_metafield_of_our_own_where_a_rule_says_so(tmp_path: Path) -> None:
    mugs = Rule(frozenset({"supplier"}), BACK_OFFICE, tags=frozenset({"stoneware"}))
    async with ground(tmp_path, SKUS, rules=ownership([mugs])) as here:
        await here.content("MUG", tags=["Stoneware"])
        await here.adopt_all()
        for sku in ("MUG", "CUP"):
            await here.article(sku, supplier="Kiln & Co")
        await here.settle()
        await here.article("MUG", supplier="Kiln & Sons", price="11")
        await here.settle()
        rows = await here.rows()
        assert rows["MUG"]["metafields"] == {"$app:trueup.supplier": "Kiln & Sons"}
        assert rows["CUP"]["metafields"] == {} and rows["MUG"]["price"] == "11.00"
        assert (await here.api())["mutations"] == {"productVariantsBulkUpdate": 2}


async def test_what_is_known_of_purchase_and_cost_goes_to_metafields_of_their_own_kind(
    tmp_path: Path,
) -> None:
    some = Rule(frozenset({"supplier_sku", "purchase_price", "lead_days", "landed_cost"}), BACK_OFFICE)
    async with ground(tmp_path, SKUS, rules=ownership([some])) as here:
        await here.adopted()
        await here.article(
            "MUG", supplier_sku="K-77", purchase_price="3.0375", purchase_currency="EUR", lead_days=21,
            landed_cost="4.81", minimum_order=12,
        )  # fmt: skip
        await here.article("CUP", lead_days="soon")
        await here.settle()
        kept = {
            "$app:trueup.supplier_sku": "K-77", "$app:trueup.purchase_price": "3.0375",
            "$app:trueup.lead_days": "21", "$app:trueup.landed_cost": "4.81",
        }  # fmt: skip
        rows = await here.rows()
        assert rows["MUG"]["metafields"] == kept and rows["CUP"]["metafields"] == {}
        [wrong] = await here.conflicts()
        assert (wrong.sku, wrong.field, wrong.state) == ("CUP", "lead_days", "invalid")
        made = await here.mutations()
        here.site.rhythm = type(here.site.rhythm)()
        await here.settle()
        assert await here.mutations() == made == 1, "what is there is read back and not said again"
        await here.article("MUG", lead_days=14)
        await here.settle()
        assert (await here.rows())["MUG"]["metafields"] == kept | {"$app:trueup.lead_days": "14"}
        told = {row.field: (row.result, row.office) for row in await compared(here.site, "MUG")}
        assert told["minimum_order"] == ("only ours", "12") and told["landed_cost"] == ("same", "4.81")


async def test_products_that_stand_still_are_an_alert_until_they_move_again(here: Ground) -> None:
    await here.adopted()
    await here.deny("write_products")
    await here.article("MUG", price="11")
    await here.catalogue.articles()
    await here.products.round()
    told = await here.alarms()
    assert ["write_products" in cause and "access scope" in remedy for cause, remedy in told] == [True]
    await here.deny()
    await here.store.write(mark_skus, "main", [Sku("MUG")], "test", here.site.now())
    await here.act()
    assert (await here.rows())["MUG"]["price"] == "11.00" and await here.alarms() == []


async def test_a_webhook_of_a_product_has_its_variants_looked_at_soon_and_not_all_the_time(
    here: Ground,
) -> None:
    await here.adopted()
    now = here.site.now()
    body = orjson.dumps({"id": (await here.rows())["MUG"]["id"]})
    number = next(p["id"] for p in await here.catalogue_of_shop() if p["variants"][0]["sku"] == "MUG")
    for said in (body, orjson.dumps({"id": number}), orjson.dumps({"id": number}), b"[]", b'{"id": "x"}'):
        row = InboxRow(1, "main", "shop", None, "products/update", "", None, said, None, now)
        await here.store.write(take_in, "main", [row], now)
    assert await here.store.read(due_links, "main", now, 10) == [], (
        "a busy product is looked at once in a while"
    )
    due = await here.store.read(due_links, "main", now + COALESCED, 10)
    assert [(link.sku, link.reason, link.seq) for link in due] == [("MUG", "products/update", due[0].seq)]


async def content_and_prices(folder: Path, count: int, rewrites: int) -> None:
    """The content team rewrites what shoppers see while every price changes: not one byte of theirs moves."""
    skus = [SandboxSku(f"ART-{n:05}", f"Article {n}", "10.00", product=f"P{n // 3}") for n in range(count)]
    async with ground(folder, skus) as here:
        assert await here.adopt_all() == count
        await here.settle()
        written: dict[str, dict[str, Any]] = {}

        async def team() -> None:
            for n in range(rewrites):
                sku = skus[(n * 7) % count].sku
                product = f"P{(n * 7) % count // 3}"
                written[product] = {
                    "description_html": f"<p>“Hand-made” — {n} &amp; more</p>", "images": [f"cdn/{n}.jpg"],
                    "seo_title": f"Title {n}", "seo_description": f"Zeile {n} ✓", "tags": [f"tag-{n}", "new"],
                    "template_suffix": "landing", "title": product,
                }  # fmt: skip
                await here.content(sku, **written[product])

        prices = {each.sku: f"{11 + n % 90}.{n % 100:02}" for n, each in enumerate(skus)}
        reply = await here.office_staff.post("/_control/prices", json={"prices": prices})
        assert reply.status_code == 200
        await asyncio.gather(team(), here.settle())
        await here.settle()
        found = {
            product["content"]["title"]: product["content"] for product in await here.catalogue_of_shop()
        }
        for product, content in written.items():
            assert {name: found[product][name] for name in content} == content
        untouched = found.keys() - written.keys()
        assert all(
            found[product]["description_html"] == "" and found[product]["tags"] == [] for product in untouched
        )
        rows = await here.rows()
        assert {sku: rows[sku]["price"] for sku in prices} == prices
        api = await here.api()
        assert api["mutations"]["productVariantsBulkUpdate"] <= 1.2 * -(-count // 3)
        sent = set().union(*(fields for fields in api["received"].values()))
        assert sent == {"productId", "allowPartialUpdates", "variants.id", "variants.price"}
        assert await here.conflicts() == []


async def test_a_content_team_at_work_loses_not_one_byte(tmp_path: Path) -> None:
    await content_and_prices(tmp_path, 60, 60)


@pytest.mark.long
async def test_a_content_team_at_work_loses_not_one_byte_beside_5000_price_updates(tmp_path: Path) -> None:
    await content_and_prices(tmp_path, 5000, 3000)


async def test_the_adoption_wizard_names_duplicates_missing_skus_and_case_and_writes_nothing(
    tmp_path: Path,
) -> None:
    skus = [
        SandboxSku("MUG", "Mug", "10.00"), SandboxSku("mug-blue", "Blue mug", "11.00"), SandboxSku("", "Nameless", "5.00"),
        SandboxSku("DUP", "First", "1.00"), SandboxSku("DUP", "Second", "1.00"), SandboxSku("EAN-ONLY", "By barcode", "3.00"),
        SandboxSku("ALONE", "Alone", "2.00"),
    ]  # fmt: skip
    articles = ["MUG", "MUG-BLUE", "DUP", "CODED", "UNSOLD"]
    async with ground(tmp_path, skus, articles=articles) as here:
        await here.variant("EAN-ONLY", barcode="4006381333931")
        await here.article("CODED", barcode="4006381333931", price="99")
        found = await here.propose()
        told = [
            (each.how, each.variant and each.variant.title, each.article and each.article.sku)
            for each in found
        ]
        assert told == [
            (How.SKU, "Mug", "MUG"),
            (How.CASE, "Blue mug", "MUG-BLUE"),
            (How.BARCODE, "By barcode", "CODED"),
            (How.DUPLICATE, "First", "DUP"),
            (How.DUPLICATE, "Second", "DUP"),
            (How.ONLY_SHOP, "Nameless", None),
            (How.ONLY_SHOP, "Alone", None),
            (How.ONLY_OFFICE, None, "UNSOLD"),
        ]
        first = next(each for each in found if each.how is How.DUPLICATE)
        assert "Second" in first.note
        await here.settle()
        assert await here.mutations() == 0 and (await here.rows())["EAN-ONLY"]["price"] == "3.00"
        assert [each.certain for each in found].count(True) == 1
        assert await here.adopt_all() == 1
        await here.settle()
        assert await here.mutations() == 0, "the mug has no value in the back office that differs"


async def ledger(here: Ground, entity: str) -> list[tuple[str, str]]:
    page = await here.store.read(trail_page, Look(filter=entity, limit=50), people=False, now=here.site.now())
    return [(row.action, row.detail) for row in page.rows]


async def test_a_plan_writes_nothing_then_exactly_its_rows_and_refuses_what_moved(here: Ground) -> None:
    await here.adopted()
    plans = PlanCommands(here.site)
    for sku in ("MUG", "CUP", "SHIRT-S"):
        await here.variant(sku, price="1.00")
    await here.article("SHIRT-M", price="23", barcode="4006381333931")
    await here.catalogue.articles()
    before = await here.mutations()
    made = await here.store.read(read_plan, (await plans.do("plan", {"subject": "products"}, "tester")).plan)
    assert made is not None and made.compared == 5 and await here.mutations() == before
    assert [(row.sku, row.field, row.before, row.after, row.cause) for row in made.fields] == [
        ("CUP", "price", "1.00", "8.00", "conflict"),
        ("MUG", "price", "1.00", "10.00", "conflict"),
        ("SHIRT-M", "barcode", None, "4006381333931", "write"),
        ("SHIRT-M", "price", "20.00", "23.00", "write"),
        ("SHIRT-S", "price", "1.00", "20.00", "conflict"),
    ]
    await here.variant("CUP", price="2.00")
    await here.article("SHIRT-S", price="21")
    cells = [[row.sku, row.field] for row in made.fields if row.field == "price"]
    assert (await plans.do("apply", {"plan": made.id, "cells": cells}, "tester")).plan == made.id
    done = await here.store.read(read_plan, made.id)
    assert done is not None
    assert {(row.sku, row.field): row.state for row in done.fields} == {
        ("CUP", "price"): "refused", ("MUG", "price"): "applied", ("SHIRT-M", "barcode"): "planned",
        ("SHIRT-M", "price"): "applied", ("SHIRT-S", "price"): "refused",
    }  # fmt: skip
    notes = {row.sku: row.note for row in done.fields if row.state == "refused"}
    assert "plan saw 1.00" in notes["CUP"] and "21.00 by now" in notes["SHIRT-S"]
    rows = await here.rows()
    assert [rows[sku]["price"] for sku in ("CUP", "MUG", "SHIRT-M", "SHIRT-S")] == [
        "2.00",
        "10.00",
        "23.00",
        "1.00",
    ]
    assert rows["SHIRT-M"]["barcode"] is None, "exactly the plan's rows"
    assert ("plan applied", f"plan {made.id}: price 1.00 to 10.00") in await ledger(here, "product:MUG")
    await here.settle()
    assert (await here.rows())["SHIRT-M"]["barcode"] == "4006381333931"
