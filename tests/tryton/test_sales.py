"""Sales in a real Tryton where the port exam does not look: half-made ones, odd money, a server in trouble."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from adapters.tryton.back_office import TrytonBackOffice
from engine.model.clock import SystemClock
from engine.model.failure import Misset, OutcomeUnknown, RateLimited, Refused, TryLater, Unmapped
from engine.model.sale import Document, DocumentStatus, LineKind, SalesLine

pytestmark = pytest.mark.tryton
Yard = Any


async def _draft(yard: Yard, ref: str, price: str) -> None:
    """What a call leaves behind that dies after its first step."""
    await yard.office.create(yard.sale(yard.goods(2, "10.00"), total="20.00"))  # so that the buyer is known
    (shop,) = await yard.rpc.rows("web.shop", [], ["name"])
    (party,) = await yard.rpc.rows("party.party", [["name", "=", "Jo Buyer"]], ["addresses"])
    (product,) = await yard.rpc.rows("product.product", [["code", "=", yard.sku]], ["default_uom"])
    (home,) = await yard.rpc.rows("stock.location", [["code", "=", "WH1"]], ["name"])
    line = {"type": "line", "product": product["id"], "unit": product["default_uom"], "quantity": 2.0}
    values = {"web_shop": shop["id"], "web_id": ref, "party": party["id"], "warehouse": home["id"]}
    values |= {"company": yard.rpc.company, "shipment_cost_method": None}
    values |= {"invoice_address": party["addresses"][0], "shipment_address": party["addresses"][0]}
    values |= {"lines": [["create", [line | {"unit_price": Decimal(price)}]]]}
    await yard.rpc.create("sale.sale", [values])


async def test_a_draft_left_by_a_crash_is_no_document_until_it_is_finished(yard: Yard) -> None:
    sale = yard.sale(yard.goods(2, "10.00"), total="20.00")
    await _draft(yard, sale.ref, "10.00")
    assert await yard.office.documents([sale.ref]) == {}
    made = await yard.office.create(sale)
    assert (made.status, made.total) == (DocumentStatus.OPEN, Decimal("20.00"))
    assert await yard.shelf(yard.sku, "WH1") == (10, 4)


async def test_a_half_made_sale_with_another_total_is_left_alone(yard: Yard) -> None:
    sale = yard.sale(yard.goods(2, "12.00"), total="24.00")
    await _draft(yard, sale.ref, "10.00")
    with pytest.raises(Refused, match=r"20\.00 of the order"):
        await yard.office.create(sale)
    assert await yard.shelf(yard.sku, "WH1") == (10, 2)


async def test_taxes_inside_the_price_end_at_the_same_total(yard: Yard) -> None:
    goods = yard.goods(3, "9.99", tax="2.72")
    mail = SalesLine(
        "m",
        LineKind.SHIPPING,
        None,
        "Mail",
        1,
        Decimal("5.00"),
        Decimal("1.00"),
        Decimal("0.36"),
        (("State tax", Decimal("0.36")),),
        None,
    )
    sale = yard.sale(goods, mail, total="33.97", included=True)
    assert (await yard.office.create(sale)).total == Decimal("33.97")


async def test_many_units_at_an_odd_price_keep_the_total(yard: Yard) -> None:
    goods = replace(yard.goods(150, "10.00"), discount=Decimal("0.01"))
    sale = yard.sale(goods, total="1499.99")
    made = await yard.office.create(sale)
    assert made.total == Decimal("1499.99")
    await yard.office.cancel(made.id)


async def test_a_cancelled_sale_does_not_wait_for_anybody_in_tryton(yard: Yard) -> None:
    made = await yard.office.create(yard.sale(yard.goods(1, "1.00"), total="1.00"))
    await yard.office.cancel(made.id)
    (row,) = await yard.rpc.read("sale.sale", [int(made.id)], ["shipment_state", "invoice_state"])
    assert "exception" not in row.values()


async def test_a_lost_reply_leaves_one_sale(yard: Yard) -> None:
    sale = yard.sale(yard.goods(1, "10.00"), total="10.00")
    await yard.office.documents([sale.ref])
    yard.staff.post(
        "/_control/faults", json={"mode": "apply_then_timeout", "seconds": 0, "op": "sale.sale.create"}
    )
    with pytest.raises(OutcomeUnknown):
        await yard.office.create(sale)
    yard.staff.post("/_control/faults", json={"mode": "none"})
    assert (await yard.office.create(sale)).status is DocumentStatus.OPEN
    state = yard.staff.get("/_control/state").json()
    assert [each["ref"] for each in state["documents"]].count(sale.ref) == 1
    assert await yard.shelf(yard.sku, "WH1") == (10, 1)


async def test_a_locked_database_means_come_back_later(yard: Yard) -> None:
    sale = yard.sale(yard.goods(1, "10.00"), total="10.00")
    yard.staff.post("/_control/faults", json={"mode": "locked", "seconds": 60})
    with pytest.raises(TryLater):
        await yard.office.create(sale)
    yard.staff.post("/_control/faults", json={"mode": "429"})
    with pytest.raises(RateLimited):
        await yard.office.create(sale)
    yard.staff.post("/_control/faults", json={"mode": "outage"})
    with pytest.raises(TryLater):
        await yard.office.stock([yard.sku])
    yard.staff.post("/_control/faults", json={"mode": "none"})


async def test_an_ended_session_is_renewed_without_a_word(yard: Yard) -> None:
    await yard.rpc.rows("web.shop", [], ["name"])
    yard.rpc._session = "Session bm9ib2R5OjE6bm90aGluZw=="
    assert await yard.rpc.rows("web.shop", [], ["name"])


async def test_wrong_settings_are_named_as_such(yard: Yard) -> None:
    right: dict[str, Any] = {
        "database": "erp",
        "user": "trueup",
        "password": "trueup-sandbox",
        "web_shop": "Shopify",
    }
    for wrong in ({"password": "no"}, {"web_shop": "Nobody"}):
        office = TrytonBackOffice(yard.sandbox.url, **{**right, **wrong}, clock=SystemClock())
        with pytest.raises(Misset):
            await office.stock([yard.sku])
        await office.aclose()


async def test_a_missing_product_is_something_to_map(yard: Yard) -> None:
    with pytest.raises(Unmapped, match="NOBODY"):
        await yard.office.create(yard.sale(yard.goods(1, "1.00", sku="NOBODY"), total="1.00"))


async def test_of_sales_entered_together_only_the_one_tryton_objects_to_fails(yard: Yard) -> None:
    good = [yard.sale(yard.goods(1, "10.00"), total="10.00") for _ in range(2)]
    stranger = yard.sale(yard.goods(1, "1.00", sku="NOBODY"), total="1.00")
    declined = yard.sale(yard.goods(1, "10.00", sku=yard.other), total="10.00")
    sales = [good[0], stranger, declined, good[1], good[1]]
    yard.staff.post("/_control/faults", json={"mode": "refuse_orders", "match": yard.other})
    found = await asyncio.gather(*map(yard.office.create, sales), return_exceptions=True)
    yard.staff.post("/_control/faults", json={"mode": "none"})
    assert [type(each) for each in found] == [Document, Unmapped, Refused, Document, Document]
    assert found[3] == found[4]
    assert await yard.shelf(yard.sku, "WH1") == (10, 2)


async def test_of_sales_shipped_together_each_leaves_as_it_was_asked(yard: Yard) -> None:
    sales = [yard.sale(yard.goods(2, "10.00"), total="20.00") for _ in range(3)]
    made = await asyncio.gather(*map(yard.office.create, sales))
    await asyncio.gather(
        yard.office.ship(made[0].id, {(yard.sku, "WH1"): 2}),
        yard.office.ship(made[1].id, {(yard.sku, "WH1"): 2}),
        yard.office.ship(made[2].id, {(yard.sku, "WH1"): 1}),
    )
    found = await yard.office.documents([sale.ref for sale in sales])
    assert [found[sale.ref].status for sale in sales] == [
        DocumentStatus.SHIPPED, DocumentStatus.SHIPPED, DocumentStatus.OPEN,
    ]  # fmt: skip
    assert await yard.shelf(yard.sku, "WH1") == (5, 1)


async def test_what_the_overlap_shows_again_is_not_told_again(yard: Yard) -> None:
    start = await yard.office.changes(None)
    sale = yard.sale(yard.goods(1, "10.00"), total="10.00")
    await yard.office.create(sale)
    told = await yard.office.changes(start.cursor)
    assert (yard.sku in told.skus, sale.ref in told.orders) == (True, True)
    assert await yard.office.changes(told.cursor) == replace(
        told, skus=frozenset(), orders=frozenset(), cursor=told.cursor
    )
    assert yard.sku in (await yard.office.changes(start.cursor)).skus


async def test_more_units_than_ordered_may_have_left(yard: Yard) -> None:
    made = await yard.office.create(yard.sale(yard.goods(2, "10.00"), total="20.00"))
    await yard.office.ship(made.id, {(yard.sku, "WH1"): 3})
    await yard.office.ship(made.id, {(yard.sku, "WH1"): 3})
    assert await yard.shelf(yard.sku, "WH1") == (7, 0)


async def test_a_return_begun_by_a_crashed_call_is_finished_not_repeated(yard: Yard) -> None:
    sale = yard.sale(yard.goods(3, "10.00"), total="30.00")
    made = await yard.office.create(sale)
    await yard.office.ship(made.id, {(yard.sku, "WH1"): 3})
    rooms = await yard.office._ready()
    file = await rooms.documents.by_id(made.id)
    atlas = await yard.office._places.atlas()
    await rooms.moving._return(file, "WH1", [(file.lines[0], 2)], atlas)
    await yard.office.take_back(made.id, {(yard.sku, "WH1"): 2}, key="refund")
    assert await yard.shelf(yard.sku, "WH1") == (9, 0)


async def test_staff_may_ship_what_we_entered_and_we_see_it(yard: Yard) -> None:
    sale = yard.sale(yard.goods(2, "10.00"), total="20.00")
    made = await yard.office.create(sale)
    assert yard.staff.post("/_control/ship", json={"document": made.id}).status_code == 200
    document = (await yard.office.documents([sale.ref]))[sale.ref]
    assert document.status is DocumentStatus.SHIPPED
    with pytest.raises(Refused):
        await yard.office.cancel(made.id)
