"""Variants of one template of Odoo are variants of one product: which is first, and what tells them apart."""

from collections.abc import AsyncIterator, Iterator

import pytest

from adapters.odoo.back_office import OdooBackOffice
from adapters.odoo.sandbox import OdooSandbox, start
from engine.model.ids import Sku
from tests.odoo.opened import connected, enter

SHIRTS = {
    "SHIRT-M": {"Size": "M", "Fabric": "Cotton"}, "SHIRT-S": {"Size": "S", "Fabric": "Cotton"},
    "SHIRT-L": {"Size": "L", "Fabric": "Cotton"},
}  # fmt: skip


@pytest.fixture(params=[17, 19])
def sandbox(request: pytest.FixtureRequest) -> Iterator[OdooSandbox]:
    running = start(skus=["MUG", "SHIRT-S", "SHIRT-M", "SHIRT-L"], version=request.param)
    enter(running, "variants", variants=SHIRTS)
    yield running
    running.stop()


@pytest.fixture
async def office(sandbox: OdooSandbox) -> AsyncIterator[OdooBackOffice]:
    opened = connected(sandbox, families=True)
    yield opened
    await opened.aclose()


async def told(office: OdooBackOffice, *skus: str) -> dict[str, tuple[str, dict[str, str]]]:
    found = await office.read_articles([Sku(sku) for sku in skus])
    return {sku: (each.variant_of, dict(each.options)) for sku, each in found.items()}


async def test_the_others_belong_to_the_first_and_an_attribute_with_one_value_tells_nothing(
    office: OdooBackOffice,
) -> None:
    assert await told(office, "MUG", *SHIRTS) == {
        "MUG": ("", {}), "SHIRT-S": ("", {"Size": "S"}), "SHIRT-M": ("SHIRT-S", {"Size": "M"}),
        "SHIRT-L": ("SHIRT-S", {"Size": "L"}),
    }  # fmt: skip
    assert await told(office, "SHIRT-L") == {"SHIRT-L": ("SHIRT-S", {"Size": "L"})}, (
        "whoever else is asked for"
    )
    listed = {each.sku: each.variant_of async for page in office.articles() for each in page}
    assert (listed[Sku("SHIRT-M")], listed[Sku("SHIRT-S")]) == ("SHIRT-S", "")


async def test_one_that_is_archived_is_not_the_first(sandbox: OdooSandbox, office: OdooBackOffice) -> None:
    enter(sandbox, "article", sku="SHIRT-S", facts={"discontinued": True})
    assert await told(office, "SHIRT-S", "SHIRT-M", "SHIRT-L") == {
        "SHIRT-S": ("SHIRT-M", {"Size": "S"}), "SHIRT-M": ("", {"Size": "M"}), "SHIRT-L": ("SHIRT-M", {"Size": "L"}),
    }  # fmt: skip


async def test_a_price_of_the_template_is_that_of_all_its_variants_and_a_change_of_each(
    sandbox: OdooSandbox, office: OdooBackOffice
) -> None:
    cursor = (await office.articles_changed(None)).cursor
    enter(sandbox, "article", sku="SHIRT-M", facts={"price": "25"})
    assert (await office.articles_changed(cursor)).skus == {*SHIRTS}


async def test_nobody_is_asked_where_nobody_wants_to_know(sandbox: OdooSandbox) -> None:
    plain = connected(sandbox, families=False)
    assert await told(plain, "SHIRT-M") == {"SHIRT-M": ("", {})}
    await plain.aclose()
