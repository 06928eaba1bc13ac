"""Prices of markets as Odoo's pricelists have them: the rule that counts, its currency, and when it changes."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.odoo.back_office import OdooBackOffice
from adapters.odoo.sandbox import OdooSandbox, start
from engine.model.ids import Sku
from engine.model.product import OfficeProduct
from tests.odoo.opened import connected, enter

MUG, CUP = Sku("MUG"), Sku("CUP")
LISTS = {"eu": 1, "switzerland": 7}


@pytest.fixture(params=[17, 19])
def sandbox(request: pytest.FixtureRequest) -> Iterator[OdooSandbox]:
    running = start(skus=["MUG", "CUP"], currency="EUR", pricelists={"CHF": 7}, version=request.param)
    yield running
    running.stop()


@pytest.fixture
async def office(sandbox: OdooSandbox, request: pytest.FixtureRequest) -> AsyncIterator[OdooBackOffice]:
    opened = connected(sandbox, market_pricelists=LISTS)
    yield opened
    await opened.aclose()


def rule(sandbox: OdooSandbox, **asked: Any) -> int:
    """Staff enter a rule of a pricelist, for the mug and Switzerland unless told otherwise."""
    whole = {"sku": MUG, "pricelist": 7} | asked
    return int(enter(sandbox, "price_rule", **whole)["id"])


async def mug(office: OdooBackOffice) -> OfficeProduct:
    return (await office.read_articles([MUG, CUP]))[MUG]


async def test_the_rule_of_the_variant_counts_before_that_of_its_template_and_the_newer_before_the_older(
    sandbox: OdooSandbox, office: OdooBackOffice
) -> None:
    assert office.capabilities.reads >= {"price", "price@eu", "price@switzerland"}
    assert (await mug(office)).values["price@switzerland"] is None
    rule(sandbox, price=11, template=True)
    assert (await mug(office)).values["price@switzerland"] == Decimal("11.00")
    rule(sandbox, price=12.5)
    rule(sandbox, price=13)
    rule(sandbox, price=9, min_quantity=10)
    rule(sandbox, price=8, sku=CUP)
    one = await mug(office)
    assert one.values["price@switzerland"] == Decimal("13.00") and one.values["price@eu"] is None
    assert one.currencies == {"eu": "EUR", "switzerland": "CHF"}
    listed = {each.sku: each async for page in office.articles() for each in page}
    assert listed[CUP].values["price@switzerland"] == Decimal("8.00")


async def test_a_rule_holds_between_its_dates(sandbox: OdooSandbox, office: OdooBackOffice) -> None:
    def spelled(days: int) -> str:
        return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")

    rule(sandbox, price=12)
    rule(sandbox, price=10, date_start=spelled(-3), date_end=spelled(-1))
    rule(sandbox, price=11, date_start=spelled(1))
    assert (await mug(office)).values["price@switzerland"] == Decimal("12.00")
    rule(sandbox, price=9, date_start=spelled(-1), date_end=spelled(1))
    assert (await mug(office)).values["price@switzerland"] == Decimal("9.00")


async def test_what_odoo_calculates_is_said_and_not_guessed(
    sandbox: OdooSandbox, office: OdooBackOffice
) -> None:
    rule(sandbox, price=12, template=True)
    rule(sandbox, compute_price="percentage", percent=20)
    one = await mug(office)
    assert "price@switzerland" not in one.values and "calculates" in one.invalid["price@switzerland"]


async def test_a_rule_of_a_pricelist_is_a_change_of_its_articles(
    sandbox: OdooSandbox, office: OdooBackOffice
) -> None:
    start = (await office.articles_changed(None)).cursor
    assert (await office.articles_changed(start)).skus == frozenset()
    rule(sandbox, price=12)
    told = await office.articles_changed(start)
    assert told.skus == {MUG}
    rule(sandbox, price=8, sku=CUP, template=True)
    told = await office.articles_changed(told.cursor)
    assert told.skus == {CUP}
    assert (await office.articles_changed(told.cursor)).skus == frozenset()


async def test_a_pricelist_that_is_not_there_is_named_by_the_check(sandbox: OdooSandbox) -> None:
    office = connected(sandbox, market_pricelists={"mars": 99})
    named = [each for each in await office.probe() if "pricelist" in each[0]]
    assert named and "no pricelist 99" in named[0][1]
    assert (await mug(office)).currencies == {}
    await office.aclose()
