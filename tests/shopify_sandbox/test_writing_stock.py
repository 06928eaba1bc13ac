"""Stock is written by compare-and-swap, all or nothing, once per key; anything else is refused."""

from typing import Any

SET = """mutation Set($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id reason changes { name delta item { sku } location { id } quantityAfterChange } }
    userErrors { code field message }
  }
}"""
MAIN, EAST = "gid://shopify/Location/1", "gid://shopify/Location/2"


def row(shop: Any, sku: str, quantity: int, seen: int | None, place: str = MAIN) -> dict[str, Any]:
    return {
        "inventoryItemId": shop.item(sku), "locationId": place, "quantity": quantity, "changeFromQuantity": seen,
    }  # fmt: skip


def wanted(*rows: dict[str, Any], name: str = "on_hand", reason: str = "correction") -> dict[str, Any]:
    return {"name": name, "reason": reason, "quantities": list(rows)}


def codes(shop: Any, asked: dict[str, Any], key: str = "k") -> list[str]:
    payload = shop.data(SET, input=asked, key=key)["inventorySetQuantities"]
    assert payload["inventoryAdjustmentGroup"] is None
    return [error["code"] for error in payload["userErrors"]]


def test_on_hand_is_set_and_available_follows(shop: Any) -> None:
    shop.do("checkout", lines=[{"sku": "MUG-1", "quantity": 3}], location=0)
    payload = shop.data(SET, input=wanted(row(shop, "MUG-1", 6, 10)), key="a")["inventorySetQuantities"]
    assert payload["userErrors"] == []
    changes = payload["inventoryAdjustmentGroup"]["changes"]
    assert [(c["name"], c["delta"], c["quantityAfterChange"]) for c in changes] == [
        ("available", -4, None), ("on_hand", -4, None),
    ]  # fmt: skip
    level = shop.level("MUG-1")
    assert (level["on_hand"], level["available"], level["committed"]) == (6, 3, 3)


def test_setting_available_moves_on_hand_by_as_much(shop: Any) -> None:
    shop.do("checkout", lines=[{"sku": "MUG-1", "quantity": 3}], location=0)
    assert shop.data(SET, input=wanted(row(shop, "MUG-1", 1, 7), name="available"), key="a")
    level = shop.level("MUG-1")
    assert (level["on_hand"], level["available"], level["committed"]) == (4, 1, 3)


def test_a_stale_row_stops_the_whole_batch(shop: Any) -> None:
    asked = wanted(row(shop, "MUG-1", 4, 10), row(shop, "MUG-2", 4, 9))
    payload = shop.data(SET, input=asked, key="a")["inventorySetQuantities"]
    assert payload == {
        "inventoryAdjustmentGroup": None,
        "userErrors": [
            {
                "code": "CHANGE_FROM_QUANTITY_STALE",
                "field": ["input", "quantities", "1", "changeFromQuantity"],
                "message": "The changeFromQuantity argument no longer matches the persisted quantity.",
            }
        ],
    }
    assert shop.level("MUG-1")["on_hand"] == 10


def test_change_from_quantity_may_be_null_but_not_missing(shop: Any) -> None:
    asked = wanted(row(shop, "MUG-1", 4, None))
    assert shop.data(SET, input=asked, key="a")["inventorySetQuantities"]["userErrors"] == []
    del asked["quantities"][0]["changeFromQuantity"]
    answer = shop.ask(SET, input=asked, key="b")
    assert answer["data"] == {"inventorySetQuantities": None}
    error = answer["errors"][0]
    assert (
        error["message"] == "InventoryQuantityInput must include the following argument: changeFromQuantity."
    )
    assert error["extensions"] == {"code": "INVALID_FIELD_ARGUMENTS"}
    assert error["path"] == ["inventorySetQuantities"]


def test_a_call_without_idempotency_key_is_refused(shop: Any) -> None:
    bare = SET.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")
    answer = shop.ask(bare, input=wanted(row(shop, "MUG-1", 4, 10)))
    assert answer["data"] == {"inventorySetQuantities": None}
    error = answer["errors"][0]
    assert error["message"] == "The @idempotent directive is required for this mutation but was not provided."
    assert error["extensions"] == {"code": "BAD_REQUEST"}


def test_the_missing_argument_is_named_before_the_missing_directive(shop: Any) -> None:
    bare = SET.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")
    asked = wanted({"inventoryItemId": shop.item("MUG-1"), "locationId": MAIN, "quantity": 1})
    assert shop.error(bare, input=asked)["extensions"]["code"] == "INVALID_FIELD_ARGUMENTS"


def test_a_replay_answers_the_same_and_acts_once(shop: Any) -> None:
    asked = wanted(row(shop, "MUG-1", 4, 10))
    first = shop.data(SET, input=asked, key="a")
    shop.do("adjust", sku="MUG-1", location=0, delta=5)
    assert shop.data(SET, input=asked, key="a") == first
    assert shop.level("MUG-1")["on_hand"] == 9
    assert len(shop.state()["writes"]) == 1


def test_the_order_of_arguments_does_not_make_another_call(shop: Any) -> None:
    asked = wanted(row(shop, "MUG-1", 4, 10))
    first = shop.data(SET, input=asked, key="a")
    turned = {name: asked[name] for name in reversed(asked)}
    assert shop.data(SET, input=turned, key="a") == first


def test_a_key_is_not_taken_twice_for_different_calls(shop: Any) -> None:
    shop.data(SET, input=wanted(row(shop, "MUG-1", 4, 10)), key="a")
    assert codes(shop, wanted(row(shop, "MUG-1", 5, 4)), key="a") == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]


def test_a_failed_attempt_needs_a_new_key(shop: Any) -> None:
    asked = wanted(row(shop, "MUG-1", 4, 9))
    assert codes(shop, asked, key="a") == ["CHANGE_FROM_QUANTITY_STALE"]
    assert codes(shop, asked, key="a") == ["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"]


def test_inputs_the_shop_does_not_know(shop: Any) -> None:
    good = row(shop, "MUG-1", 4, 10)
    assert codes(shop, wanted({**good, "inventoryItemId": "gid://shopify/InventoryItem/1"}), "1") == [
        "INVALID_INVENTORY_ITEM"
    ]
    assert codes(shop, wanted({**good, "locationId": "gid://shopify/Location/99"}), "2") == [
        "INVALID_LOCATION"
    ]
    assert codes(shop, wanted(good, name="committed"), "3") == ["INVALID_NAME"]
    assert codes(shop, wanted(good, reason="because"), "4") == ["INVALID_REASON"]
    assert codes(shop, wanted({**good, "quantity": -1}), "5") == ["INVALID_QUANTITY_NEGATIVE"]
    assert codes(shop, wanted({**good, "quantity": 1_000_000_001}), "6") == ["INVALID_QUANTITY_TOO_HIGH"]
    assert codes(shop, wanted(good, good), "7") == ["NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"] * 2
    assert codes(shop, {**wanted(good), "referenceDocumentUri": "no uri"}, "8") == [
        "INVALID_REFERENCE_DOCUMENT"
    ]
    assert shop.level("MUG-1")["on_hand"] == 10


def test_available_may_be_negative(shop: Any) -> None:
    asked = wanted(row(shop, "MUG-1", -2, 10), name="available")
    assert shop.data(SET, input=asked, key="a")["inventorySetQuantities"]["userErrors"] == []
    assert shop.state()["oversold"] == 2


def test_more_than_250_rows_are_refused(shop: Any) -> None:
    error = shop.error(
        SET,
        input=wanted(*[row(shop, "MUG-1", 4, 10)] * 1 + [{}] * 0, *([row(shop, "MUG-1", 4, 10)] * 250)),
        key="a",
    )
    assert error["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"


def test_fields_of_older_versions_are_refused(shop: Any) -> None:
    asked = {**wanted(row(shop, "MUG-1", 4, 10)), "ignoreCompareQuantity": True}
    error = shop.error(SET, input=asked, key="a")
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert "Field is not defined on InventorySetQuantitiesInput" in error["message"]


def test_stock_is_written_silently_where_an_item_is_not_stocked(opened: Any) -> None:
    shop = opened(unstocked=[("MUG-1", 1)])
    asked = wanted(row(shop, "MUG-1", 5, 0, EAST))
    assert shop.data(SET, input=asked, key="a")["inventorySetQuantities"]["userErrors"] == []
    assert shop.level("MUG-1", EAST) | {"item": ""} == {
        "sku": "MUG-1", "item": "", "location": EAST, "on_hand": 5, "available": 5, "committed": 0, "active": False,
    }  # fmt: skip
    assert shop.refused("checkout", lines=[{"sku": "MUG-1", "quantity": 1}], location=1) == 409


ACTIVATE = """mutation A($item: ID!, $place: ID!, $onHand: Int, $available: Int, $key: String!) {
  inventoryActivate(inventoryItemId: $item, locationId: $place, onHand: $onHand, available: $available)
    @idempotent(key: $key) { inventoryLevel { id isActive } userErrors { field message } } }"""


def test_an_item_is_stocked_at_a_location_once(opened: Any) -> None:
    shop = opened(unstocked=[("MUG-1", 1)])
    item = shop.item("MUG-1")
    made = shop.data(ACTIVATE, item=item, place=EAST, onHand=4, key="a")["inventoryActivate"]
    assert made["inventoryLevel"]["isActive"] and made["userErrors"] == []
    assert shop.level("MUG-1", EAST)["on_hand"] == 4
    again = shop.data(ACTIVATE, item=item, place=EAST, onHand=0, key="b")["inventoryActivate"]
    assert "already active" in again["userErrors"][0]["message"]
    both = shop.data(ACTIVATE, item=item, place=EAST, onHand=0, available=0, key="c")["inventoryActivate"]
    assert both["userErrors"]
    quiet = shop.data(ACTIVATE, item=item, place=EAST, key="d")["inventoryActivate"]
    assert quiet["userErrors"] == [] and quiet["inventoryLevel"]["id"]


def test_the_plain_error_of_activation_has_no_code(shop: Any) -> None:
    error = shop.error(
        ACTIVATE.replace("{ field message }", "{ code message }"), item="x", place="y", key="k"
    )
    assert error["extensions"]["code"] == "undefinedField"


DEACTIVATE = "mutation D($id: ID!) { inventoryDeactivate(inventoryLevelId: $id) { userErrors { message } } }"
LEVEL = "query L($i: ID!, $l: ID!) { inventoryItem(id: $i) { inventoryLevel(locationId: $l, includeInactive: true) { id isActive } } }"


def test_a_level_with_promised_units_stays_active(shop: Any) -> None:
    shop.do("checkout", lines=[{"sku": "MUG-1", "quantity": 1}], location=0)
    ids = [
        shop.data(LEVEL, i=shop.item("MUG-1"), l=place)["inventoryItem"]["inventoryLevel"]["id"]
        for place in (MAIN, EAST)
    ]
    assert "committed" in shop.data(DEACTIVATE, id=ids[0])["inventoryDeactivate"]["userErrors"][0]["message"]
    assert shop.data(DEACTIVATE, id=ids[1])["inventoryDeactivate"]["userErrors"] == []
    assert shop.level("MUG-1", EAST)["active"] is False


ADJUST = """mutation Adj($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { changes { name delta } } userErrors { code } } }"""


def test_adjusting_refuses_what_only_orders_may_move(shop: Any) -> None:
    change = {
        "inventoryItemId": shop.item("MUG-1"),
        "locationId": MAIN,
        "delta": 2,
        "changeFromQuantity": None,
    }
    asked = {"name": "committed", "reason": "correction", "changes": [change]}
    errors = shop.data(ADJUST, input=asked, key="a")["inventoryAdjustQuantities"]["userErrors"]
    assert {"code": "INVALID_QUANTITY_NAME"} in errors
    asked["name"] = "damaged"
    errors = shop.data(ADJUST, input=asked, key="b")["inventoryAdjustQuantities"]["userErrors"]
    assert errors == [{"code": "INVALID_QUANTITY_DOCUMENT"}]
    change["ledgerDocumentUri"] = "app://doc/1"
    done = shop.data(ADJUST, input=asked, key="c")["inventoryAdjustQuantities"]
    assert done["inventoryAdjustmentGroup"]["changes"] == [
        {"name": "damaged", "delta": 2}, {"name": "on_hand", "delta": 2},
    ]  # fmt: skip
    assert shop.level("MUG-1")["on_hand"] == 12 and shop.level("MUG-1")["available"] == 10


def test_writing_needs_the_scope(opened: Any) -> None:
    shop = opened(scopes=["read_inventory"])
    error = shop.error(SET, input=wanted(row(shop, "MUG-1", 4, 10)), key="a")
    assert error["extensions"]["code"] == "ACCESS_DENIED"
