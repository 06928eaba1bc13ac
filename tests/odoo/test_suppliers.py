"""Whom an article of Odoo is bought from: the vendor line that counts, its terms, and when they change."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.odoo.back_office import OdooBackOffice
from adapters.odoo.sandbox import OdooSandbox, start
from engine.model.ids import Sku
from engine.model.product import Value
from tests.odoo.opened import connected, enter

MUG, CUP = Sku("MUG"), Sku("CUP")
NOTHING = dict.fromkeys(
    ("supplier", "supplier_sku", "purchase_price", "purchase_currency", "minimum_order", "lead_days")
)


@pytest.fixture(params=[17, 19])
def sandbox(request: pytest.FixtureRequest) -> Iterator[OdooSandbox]:
    running = start(skus=["MUG", "CUP"], currency="EUR", version=request.param)
    yield running
    running.stop()


@pytest.fixture
async def office(sandbox: OdooSandbox) -> AsyncIterator[OdooBackOffice]:
    opened = connected(sandbox, bought=True)
    yield opened
    await opened.aclose()


def vendor(sandbox: OdooSandbox, name: str, **asked: Any) -> None:
    """Staff enter a vendor line, for the mug unless told otherwise."""
    whole = {"sku": MUG, "vendor": name, "sequence": 1} | asked
    enter(sandbox, "vendor", **whole)


async def facts(office: OdooBackOffice, sku: Sku = MUG) -> dict[str, Value]:
    [found] = (await office.read_articles([sku])).values()
    return {name: found.values[name] for name in NOTHING}


async def test_the_terms_of_the_line_that_counts_are_told(
    sandbox: OdooSandbox, office: OdooBackOffice
) -> None:
    assert await facts(office) == NOTHING
    vendor(sandbox, "Kiln & Co", code="K-77", price=3.0375, min_qty=12, delay=21)
    assert await facts(office) == {
        "supplier": "Kiln & Co", "supplier_sku": "K-77", "purchase_price": Decimal("3.0375"),
        "purchase_currency": "EUR", "minimum_order": 12, "lead_days": 21,
    }  # fmt: skip
    assert await facts(office, CUP) == NOTHING
    assert office.capabilities.reads >= {*NOTHING}


async def test_the_first_by_sequence_then_quantity_then_price_that_holds_today(
    sandbox: OdooSandbox, office: OdooBackOffice
) -> None:
    today = datetime.now(UTC).date()
    vendor(sandbox, "Dear", price=5)
    vendor(sandbox, "Cheap", price=4)
    assert (await facts(office))["supplier"] == "Cheap"
    vendor(sandbox, "Many", price=6, min_qty=100, template=True)
    assert (await facts(office))["supplier"] == "Many"
    vendor(sandbox, "Over", sequence=0, date_end=(today - timedelta(days=1)).isoformat())
    vendor(sandbox, "Not yet", sequence=0, date_start=(today + timedelta(days=2)).isoformat())
    vendor(sandbox, "Another's", sequence=0, sku=CUP)
    assert (await facts(office))["supplier"] == "Many"
    vendor(sandbox, "First", sequence=0, delay=0)
    assert await facts(office) == NOTHING | {"supplier": "First", "purchase_currency": "EUR"}


async def test_a_new_line_is_a_change_of_its_article(sandbox: OdooSandbox, office: OdooBackOffice) -> None:
    cursor = (await office.articles_changed(None)).cursor
    vendor(sandbox, "Kiln & Co", price=3)
    found = await office.articles_changed(cursor)
    assert found.skus == {MUG}
    assert (await office.articles_changed(found.cursor)).skus == frozenset()


async def test_a_quantity_that_is_not_whole_is_said(sandbox: OdooSandbox, office: OdooBackOffice) -> None:
    vendor(sandbox, "Kiln & Co", min_qty=2.5)
    [found] = (await office.read_articles([MUG])).values()
    assert "whole number" in found.invalid["minimum_order"] and found.values["supplier"] == "Kiln & Co"


async def test_nobody_is_asked_where_no_rule_wants_to_know(sandbox: OdooSandbox) -> None:
    plain = connected(sandbox, bought=False)
    vendor(sandbox, "Kiln & Co")
    [found] = (await plain.read_articles([MUG])).values()
    assert not NOTHING.keys() & found.values.keys() and not NOTHING.keys() & plain.capabilities.reads
    await plain.aclose()
