"""Quotation first, then confirmed by id: what is wrong is found before anything is promised."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.amounts import RowKind
from adapters.odoo.back_office import OdooBackOffice
from adapters.odoo.sandbox import OdooSandbox, start
from adapters.odoo.selling import Terms, terms
from engine.model.clock import SystemClock
from engine.model.failure import Misset, Unmapped
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, SalesDocument, SalesLine

REF = OrderId("gid://shopify/Order/1")


@pytest.fixture
def sandbox() -> Iterator[OdooSandbox]:
    running = start(skus=["MUG"], stock={("MUG", 0): 9}, currency="EUR", pricelists={"CHF": 7})
    yield running
    running.stop()


@pytest.fixture
async def office(sandbox: OdooSandbox) -> AsyncIterator[Callable[[Terms], OdooBackOffice]]:
    made: list[OdooBackOffice] = []

    def open_with(terms: Terms) -> OdooBackOffice:
        made.append(
            OdooBackOffice(
                sandbox.url,
                database=sandbox.database,
                user=sandbox.user,
                key=sandbox.key,
                protocol="json2",
                clock=SystemClock(),
                terms=terms,
            )
        )
        return made[-1]

    yield open_with
    for each in made:
        await each.aclose()


def sale(**more: Any) -> SalesDocument:
    line = SalesLine(
        "1", LineKind.GOODS, Sku("MUG"), "Mug", 3, Decimal("3.34"), Decimal("0.01"), Decimal("1.90"),
        (("VAT", Decimal("1.90")),), WarehouseId("WH1"),
    )  # fmt: skip
    made = SalesDocument(
        ref=REF, name="#1", placed_at=datetime(2026, 5, 4, tzinfo=UTC), currency="EUR", taxes_included=True,
        lines=(line,), total=Decimal("10.01"), presentment_currency="EUR", presentment_total=Decimal("10.01"),
        payments=(), customer="Ada", email="", address=(), note="",
    )  # fmt: skip
    return replace(made, **more)


def state(sandbox: OdooSandbox) -> Any:
    return httpx.get(f"{sandbox.url}/_control/state", trust_env=False).json()


async def test_an_amount_no_unit_price_can_express_arrives_to_the_cent(sandbox: Any, office: Any) -> None:
    made = await office(Terms()).create(sale())
    assert made.total == Decimal("10.01")
    assert state(sandbox)["documents"][0]["total"] == "10.01"


async def test_another_currency_needs_a_pricelist_and_leaves_nothing_behind(
    sandbox: Any, office: Any
) -> None:
    swiss = sale(currency="CHF")
    with pytest.raises(Unmapped, match="CHF"):
        await office(Terms()).create(swiss)
    assert (state(sandbox)["documents"], state(sandbox)["drafts"]) == ([], [])
    made = await office(Terms(pricelists={"CHF": 7})).create(swiss)
    assert made.total == Decimal("10.01")


async def test_a_service_product_that_is_missing_is_named(sandbox: Any, office: Any) -> None:
    with pytest.raises(Unmapped, match="MWST"):
        await office(terms({"tax": "MWST"}, {})).create(sale())
    assert state(sandbox)["drafts"] == []


async def test_a_quotation_left_by_a_crash_is_finished_and_spare_ones_are_deleted(
    sandbox: Any, office: Any
) -> None:
    ours = office(Terms())
    values = await ours._selling._values(sale())
    for _ in range(3):
        await ours._client.create("sale.order", values)
    assert len(state(sandbox)["drafts"]) == 3
    assert await ours.documents([REF]) == {}
    await ours.create(sale())
    assert (len(state(sandbox)["documents"]), state(sandbox)["drafts"]) == (1, [])


def test_a_kind_of_line_nobody_knows_is_refused() -> None:
    with pytest.raises(Misset, match="shiping"):
        terms({"shiping": "X"}, {})
    assert terms({"shipping": "X"}, {}).products[RowKind.SHIPPING] == "X"


async def test_what_odoo_has_no_field_for_stands_in_the_note_as_text(sandbox: Any, office: Any) -> None:
    said = sale(address=("Ada", "1 Ring"), note="ring twice\n<img src=x onerror=alert(1)>")
    await office(Terms()).create(said)
    headers = {"authorization": f"bearer {sandbox.key}"}
    asked = {"domain": [], "fields": ["note"]}
    async with httpx.AsyncClient(base_url=sandbox.url, headers=headers, trust_env=False) as client:
        rows = (await client.post("/json/2/sale.order/search_read", json=asked)).json()
    assert rows[0]["note"] == (
        "Shopify order #1<br/>Ship to Ada, 1 Ring<br/>ring twice<br/>&lt;img src=x onerror=alert(1)&gt;"
    )
