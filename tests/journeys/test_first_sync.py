"""What a shop owner would see happen, from one system to the other and back."""

from decimal import Decimal
from typing import Any

Json = dict[str, Any]


def cell(shop: Json, sku: str, place: int = 1) -> Json:
    return next(
        c for c in shop["levels"] if c["sku"] == sku and c["location"] == f"gid://shopify/Location/{place}"
    )


def shelf(erp: Json, sku: str, warehouse: str = "WH1") -> Json:
    return next(s for s in erp["shelves"] if s["sku"] == sku and s["warehouse"] == warehouse)


def document(erp: Json, ref: str) -> Json | None:
    return next((d for d in erp["documents"] if d["ref"] == ref), None)


def placed(shop: Json, ref: str) -> Json:
    return next(o for o in shop["orders"] if o["id"] == ref)


def agree(shop: Json, erp: Json) -> bool:
    """Every cell sells what the back office could still promise."""
    return all(
        c["available"]
        == shelf(erp, c["sku"], f"WH{c['location'].rsplit('/', 1)[1]}")["on_hand"]
        - shelf(erp, c["sku"], f"WH{c['location'].rsplit('/', 1)[1]}")["reserved"]
        for c in shop["levels"]
    )


async def first_sku(on: Any) -> str:
    shop, _ = await on.states()
    return max(shop["levels"], key=lambda c: (c["available"], c["sku"]))["sku"]


async def test_a_sale_in_the_back_office_lowers_the_level_in_the_shop(on: Any) -> None:
    sku = await first_sku(on)
    before, _ = await on.states()
    assert await on.erp("sale", {"sku": sku, "warehouse": "WH1", "quantity": 3}) is not None
    wanted = cell(before, sku)["available"] - 3
    await on.until(lambda shop, _: cell(shop, sku)["available"] == wanted, "the level falls by three")


async def test_an_order_arrives_to_the_cent_and_its_shipment_comes_back(on: Any) -> None:
    sku = await first_sku(on)
    basket = {
        "lines": [{"sku": sku, "quantity": 2}], "discount": {"kind": "order", "percent": "15"}, "shipping": "4.90",
        "tax_rate": "0.19", "currency": "EUR", "location": 1,
    }  # fmt: skip
    ref = (await on.shop("checkout", {**basket, "location": "gid://shopify/Location/1"}))["id"]
    held = await on.until(lambda _, erp: document(erp, ref), "the order is in the back office")
    shop, _ = await on.states()
    assert Decimal(held["total"]) == Decimal(placed(shop, ref)["total"])
    assert await on.erp("ship", {"document": held["id"]}) is not None
    await on.until(
        lambda shop, erp: not cell(shop, sku)["committed"] and agree(shop, erp), "the shop hears that it left"
    )
    _, erp = await on.states()
    assert sum(1 for d in erp["documents"] if d["ref"] == ref) == 1


async def test_a_till_sale_is_booked_as_shipped(on: Any) -> None:
    sku = await first_sku(on)
    sale = {"lines": [{"sku": sku, "quantity": 1}], "location": "gid://shopify/Location/2"}
    ref = (await on.shop("till", sale))["id"]
    await on.until(
        lambda shop, erp: (d := document(erp, ref)) and d["status"] == "shipped" and agree(shop, erp),
        "the till sale is shipped in the back office and both sides agree",
    )


async def test_a_cancelled_order_is_cancelled_on_both_sides(on: Any) -> None:
    sku = await first_sku(on)
    ref = (await on.shop("checkout", {"lines": [{"sku": sku, "quantity": 1}]}))["id"]
    await on.until(lambda _, erp: document(erp, ref), "the order is in the back office")
    await on.shop("cancel", {"order": ref})
    await on.until(
        lambda shop, erp: (d := document(erp, ref)) and d["status"] == "cancelled" and agree(shop, erp),
        "the document is cancelled",
    )


async def test_returned_goods_are_sellable_again_on_both_sides(on: Any) -> None:
    sku = await first_sku(on)
    before, _ = await on.states()
    sale = {"lines": [{"sku": sku, "quantity": 2}], "location": "gid://shopify/Location/1"}
    ref = (await on.shop("till", sale))["id"]
    await on.until(lambda _, erp: (d := document(erp, ref)) and d["status"] == "shipped", "it is shipped")
    await on.shop("refund", {"order": ref, "restock": True})
    wanted = cell(before, sku)["available"]
    await on.until(
        lambda shop, erp: (
            cell(shop, sku)["available"] == wanted
            and shelf(erp, sku)["on_hand"] - shelf(erp, sku)["reserved"] == wanted
        ),
        "both sides can sell the goods again",
    )


async def test_goods_in_transit_are_counted_at_neither_end(on: Any) -> None:
    sku = await first_sku(on)
    before, _ = await on.states()
    assert await on.erp("transfer", {"sku": sku, "from": "WH1", "to": "WH2", "quantity": 2}) is not None
    here, there = cell(before, sku, 1)["available"], cell(before, sku, 2)["available"]
    await on.until(
        lambda shop, _: (
            (cell(shop, sku, 1)["available"], cell(shop, sku, 2)["available"]) == (here - 2, there + 2)
        ),
        "the goods have arrived at the other end",
    )
    shop, _ = await on.states()
    ours = [w for w in shop["writes"] if w["sku"] == sku]
    assert all(w["to"] <= here for w in ours if w["location"].endswith("/1"))


async def test_a_refused_order_waits_for_a_person_and_blocks_nobody(on: Any) -> None:
    sku = await first_sku(on)
    await on.erp("faults", {"mode": "refuse_orders", "match": "*", "message": "On credit hold", "count": 1})
    refused = (await on.shop("checkout", {"lines": [{"sku": sku, "quantity": 1}]}))["id"]
    await on.until(lambda _, erp: erp["refusals"], "the back office refuses it")
    other = (await on.shop("checkout", {"lines": [{"sku": sku, "quantity": 1}]}))["id"]
    await on.until(lambda _, erp: document(erp, other), "the next order passes")
    seen = 0
    while not (page := await on.desk.failed()).rows:
        seen = await on.desk.changes.after(seen, at_most=5.0)
    row = page.rows[0]
    assert (row.state, row.kind, "credit hold" in row.cause) == ("held", "order", True)
    assert (await on.desk.retry((row.id,), operator="tester")).accepted == 1
    await on.until(lambda _, erp: document(erp, refused), "the retry books it")
    while (await on.desk.failed()).rows:
        seen = await on.desk.changes.after(seen, at_most=5.0)


async def test_an_order_whose_webhook_never_came_is_found(on: Any) -> None:
    sku = await first_sku(on)
    await on.shop("webhooks", {"drop": 1.0})
    ref = (await on.shop("checkout", {"lines": [{"sku": sku, "quantity": 1}]}))["id"]
    await on.until(lambda _, erp: document(erp, ref), "the poll finds the order")
