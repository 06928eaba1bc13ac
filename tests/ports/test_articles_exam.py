"""Articles of a back office: what its Capabilities say it reads, it reads, exactly, and tells when it changes."""

from typing import Any

import pytest

from engine.model.product import OfficeProduct
from engine.products.ports import OfficeCatalogue
from tests.ports.conftest import Bench
from tests.ports.declining import telling

FACTS = {
    "price": ("19.90", "19.90"), "compare_at_price": ("25", "25.00"), "barcode": ("4006381333931", "4006381333931"),
    "cost": ("7.5", "7.50"), "weight": ("350", "350.00"), "origin": ("PT", "PT"), "customs_code": ("69120000", "69120000"),
}  # fmt: skip
"""Facts as staff enter them, and as they must be read."""


@pytest.fixture
def catalogue(bench: Bench) -> OfficeCatalogue:
    office: Any = bench.office
    assert isinstance(office, OfficeCatalogue) or not office.capabilities.reads
    return office


def enter(bench: Bench, facts: dict[str, Any]) -> None:
    reply = bench.do("article", sku=bench.sku, facts=facts)
    assert reply.status_code == 200, reply.text


async def one(catalogue: OfficeCatalogue, bench: Bench) -> OfficeProduct:
    return (await catalogue.read_articles([bench.sku]))[bench.sku]


@telling
async def test_every_field_it_declares_is_read_exactly(bench: Bench, catalogue: OfficeCatalogue) -> None:
    reads = bench.office.capabilities.reads
    entered = {name: said for name, (said, _) in FACTS.items() if name in reads}
    enter(bench, entered)
    article = await one(catalogue, bench)
    assert article.invalid == {}
    assert article.values.keys() == reads
    found = {name: str(article.values[name]) for name in entered}
    assert found == {name: FACTS[name][1] for name in entered}
    assert article.values["sku"] == bench.sku and article.id


@telling
async def test_what_is_not_entered_is_no_value_and_an_unknown_sku_is_left_out(
    bench: Bench, catalogue: OfficeCatalogue
) -> None:
    article = await one(catalogue, bench)
    assert all(article.values[name] is None for name in ("barcode",) if name in article.values)
    assert await catalogue.read_articles(["NOBODY-HAS-THIS"]) == {}  # type: ignore[list-item]


@telling
async def test_a_change_is_told_once_and_a_new_start_begins_from_now(
    bench: Bench, catalogue: OfficeCatalogue
) -> None:
    start = (await catalogue.articles_changed(None)).cursor
    assert (await catalogue.articles_changed(start)).skus == frozenset()
    enter(bench, {"barcode": "4006381333948"})
    told = await catalogue.articles_changed(start)
    assert told.skus == {bench.sku}
    for price in ("21.50", "22.50"):  # within one second: a stamp may not tell them apart
        enter(bench, {"price": price})
        told = await catalogue.articles_changed(told.cursor)
        assert told.skus == {bench.sku}
    assert (await catalogue.articles_changed(told.cursor)).skus == frozenset()
    again = await catalogue.articles_changed(start)
    assert bench.sku in again.skus, "a cursor that was not kept tells the same once more"


@telling
async def test_every_article_is_listed_once(bench: Bench, catalogue: OfficeCatalogue) -> None:
    listed = [article.sku async for page in catalogue.articles() for article in page]
    assert len(listed) == len(set(listed)) and {bench.sku, bench.other} <= set(listed)


@telling
async def test_an_article_that_is_given_up_is_told(bench: Bench, catalogue: OfficeCatalogue) -> None:
    assert not (await one(catalogue, bench)).discontinued
    enter(bench, {"discontinued": True})
    assert (await one(catalogue, bench)).discontinued
