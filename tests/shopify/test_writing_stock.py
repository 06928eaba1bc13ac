"""Stock is written by compare-and-swap in one call; a refusal names the members to blame."""

import pytest

from engine.model.failure import NotNow, OutcomeUnknown, Refused, TryLater
from engine.model.ids import ItemId, LocationId
from engine.model.stock import LevelWrite

HERE = LocationId("gid://shopify/Location/1")
WRITES = [
    LevelWrite(f"SKU-{n}", ItemId(f"gid://shopify/InventoryItem/{n}"), HERE, 5 + n, 7) for n in range(3)
]


def payload(*errors: tuple[str, list[str] | None]) -> dict[str, object]:
    said = [{"code": code, "field": field, "message": code.lower()} for code, field in errors]
    return {"inventorySetQuantities": {"inventoryAdjustmentGroup": None, "userErrors": said}}


async def test_all_levels_go_out_in_one_call_with_what_they_were(shop, scripted):
    scripted.answers(payload())
    assert await shop.set_on_hand(WRITES, key="key-1") == ()
    (asked,) = scripted.asked
    assert asked["variables"]["key"] == "key-1"
    given = asked["variables"]["input"]
    assert (given["name"], len(given["quantities"])) == ("on_hand", 3)
    assert given["quantities"][1] == {
        "inventoryItemId": WRITES[1].item, "locationId": HERE, "quantity": 6, "changeFromQuantity": 7
    }  # fmt: skip


async def test_a_stale_member_is_named(shop, scripted):
    scripted.answers(
        payload(("CHANGE_FROM_QUANTITY_STALE", ["input", "quantities", "1", "changeFromQuantity"]))
    )
    (refusal,) = await shop.set_on_hand(WRITES, key="k")
    assert (refusal.write, refusal.stale) == (WRITES[1], True)


async def test_without_a_name_every_member_is_read_again(shop, scripted):
    scripted.answers(payload(("CHANGE_FROM_QUANTITY_STALE", None)))
    refusals = await shop.set_on_hand(WRITES, key="k")
    assert [refusal.write for refusal in refusals] == WRITES
    assert all(refusal.stale for refusal in refusals)


async def test_what_a_person_must_mend_wins_over_stale(shop, scripted):
    scripted.answers(
        payload(
            ("CHANGE_FROM_QUANTITY_STALE", None),
            ("INVALID_INVENTORY_ITEM", ["input", "quantities", "2", "inventoryItemId"]),
        )
    )
    assert [refusal.stale for refusal in await shop.set_on_hand(WRITES, key="k")] == [True, True, False]


@pytest.mark.parametrize(
    "code", ["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]
)
async def test_a_used_up_key_means_read_again(shop, scripted, code):
    scripted.answers(payload((code, None)))
    assert all(refusal.stale for refusal in await shop.set_on_hand(WRITES, key="k"))


@pytest.mark.parametrize(
    ("code", "field", "failure"),
    [
        ("IDEMPOTENCY_CONCURRENT_REQUEST", None, OutcomeUnknown),
        ("SERVICE_UNAVAILABLE", None, TryLater),
        ("INVALID_REASON", ["input", "reason"], Refused),
        ("INVALID_LOCATION", ["input", "quantities", "9", "locationId"], Refused),
    ],
)
async def test_trouble_with_the_whole_call_is_a_failure(shop, scripted, code, field, failure):
    scripted.answers(payload((code, field)))
    with pytest.raises(failure):
        await shop.set_on_hand(WRITES, key="k")


async def test_a_reply_without_payload_proves_nothing(shop, scripted):
    scripted.answers({"inventorySetQuantities": None})
    with pytest.raises(OutcomeUnknown):
        await shop.set_on_hand(WRITES, key="k")


async def test_nothing_to_write_is_no_call_and_too_much_is_a_mistake(shop, scripted):
    assert await shop.set_on_hand([], key="k") == ()
    with pytest.raises(ValueError, match="250"):
        await shop.set_on_hand(WRITES * 100, key="k")
    assert scripted.requests == []


async def test_stocking_an_item_that_is_stocked_is_success(shop, scripted):
    said = "Not allowed to set available quantity when the item is already active at the location."
    scripted.answers(
        {"inventoryActivate": {"inventoryLevel": None, "userErrors": [{"field": None, "message": said}]}}
    )
    await shop.activate(WRITES[0].item, HERE, key="k")


async def test_figures_that_grow_too_old_while_the_allowance_is_waited_for_are_not_sent(
    shop, scripted, clock, reply
):
    used_up = {
        "requestedQueryCost": 10,
        "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 0, "restoreRate": 100},
    }
    scripted.answers(reply(payload(), cost=used_up), payload())
    assert await shop.set_on_hand(WRITES, key="first", until=clock.monotonic()) == ()
    with pytest.raises(NotNow, match="too old"):
        await shop.set_on_hand(WRITES, key="second", until=clock.monotonic())
    assert [asked["variables"]["key"] for asked in scripted.asked] == ["first"]
