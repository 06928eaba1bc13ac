"""Changes to the shop. Each looks first where Shopify keeps no idempotency key, so that a repeat does no harm."""

from collections.abc import Mapping, Sequence
from math import inf

from adapters.shopify.client import FOR_STOCK, ShopifyClient
from adapters.shopify.errors import UserError, read_user_errors, user_failure
from adapters.shopify.wire import JsonObject, line, location_of, next_cursor, reading, whole
from engine.model.clock import Clock
from engine.model.failure import OutcomeUnknown, Refused, TryLater, sentence
from engine.model.ids import ItemId, LocationId, OrderId
from engine.model.sale import Parcel
from engine.model.stock import LevelRefusal, LevelWrite

BATCH = 250
MOVED_ON = frozenset(
    {
        "CHANGE_FROM_QUANTITY_STALE",
        "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
        "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
    }
)
"""Codes after which the levels are read again and written under a new key."""
WHOLE_CALL = frozenset({"IDEMPOTENCY_CONCURRENT_REQUEST", "SERVICE_UNAVAILABLE"})
SHIPPABLE = frozenset({"OPEN", "IN_PROGRESS"})
JOB_LOOKS = 5


async def set_on_hand(
    client: ShopifyClient, writes: Sequence[LevelWrite], key: str, until: float = inf
) -> tuple[LevelRefusal, ...]:
    """Set on_hand where it still is what we read; names the members to blame when the shop writes none."""
    if not writes:
        return ()
    if len(writes) > BATCH:
        raise ValueError(f"{len(writes)} levels in one call; Shopify takes {BATCH}")
    quantities = [
        {
            "inventoryItemId": write.item,
            "locationId": write.location,
            "quantity": write.quantity,
            "changeFromQuantity": write.change_from,
        }
        for write in writes
    ]
    given = {"name": "on_hand", "reason": "correction", "quantities": quantities}
    asked = {"input": given, "key": key}
    payload = await client.write("set_on_hand", "inventorySetQuantities", asked, until=until)
    errors = read_user_errors(payload)
    if any(error.code in WHOLE_CALL for error in errors):
        raise user_failure([error for error in errors if error.code in WHOLE_CALL])
    return _refusals(writes, errors)


def _refusals(writes: Sequence[LevelWrite], errors: Sequence[UserError]) -> tuple[LevelRefusal, ...]:
    blamed: dict[int, LevelRefusal] = {}
    for error in errors:
        stale = error.code in MOVED_ON
        index = _member(error, len(writes))
        if index is None and not stale:
            raise user_failure([error])
        for member in range(len(writes)) if index is None else (index,):
            if member not in blamed or (blamed[member].stale and not stale):
                blamed[member] = LevelRefusal(
                    writes[member], stale, error.code or "user_error", sentence(error.message)
                )
    return tuple(blamed[member] for member in sorted(blamed))


def _member(error: UserError, count: int) -> int | None:
    """The index in input.quantities.N; None when the error names no member, as some do."""
    match error.field:
        case ("input", "quantities", index, *_) if index.isascii() and index.isdigit() and int(index) < count:
            return int(index)
    return None


async def activate(client: ShopifyClient, item: ItemId, location: LocationId, key: str) -> None:
    """Stock an item at a location with nothing on hand; done already is success."""
    payload = await client.write(
        "activate", "inventoryActivate", {"item": item, "location": location, "key": key}
    )
    errors = read_user_errors(payload)
    if errors and not any("already active" in error.message.lower() for error in errors):
        raise user_failure(errors)


async def fulfil(
    client: ShopifyClient,
    order: OrderId,
    fulfilment_order: str,
    lines: Mapping[str, int],
    parcels: Sequence[Parcel] = (),
) -> None:
    """Report units as gone, after making sure that this fulfilment order still has them to ship."""
    wanted = _positive(lines)
    if not wanted:
        return
    head, members = await _fulfilment_order(client, fulfilment_order)
    with reading("a fulfilment order"):
        ready = head["status"] in SHIPPABLE and head["orderId"] == order
        chosen = _chosen(fulfilment_order, head, members, wanted, ready=ready)
    given: dict[str, object] = {
        "notifyCustomer": True,
        "lineItemsByFulfillmentOrder": [
            {"fulfillmentOrderId": fulfilment_order, "fulfillmentOrderLineItems": chosen}
        ],
    }
    if parcels:
        given["trackingInfo"] = _tracking(parcels)
    payload = await client.write("fulfil", "fulfillmentCreate", {"fulfilment": given}, leave=FOR_STOCK)
    if errors := read_user_errors(payload):
        raise user_failure(errors)


async def track(client: ShopifyClient, fulfilment: str, parcels: Sequence[Parcel]) -> None:
    """Say by which numbers a fulfilment is tracked; they take the place of those it had, and the buyer is told."""
    given = {"fulfilment": fulfilment, "tracking": _tracking(parcels)}
    payload = await client.write("track", "fulfillmentTrackingInfoUpdate", given, leave=FOR_STOCK)
    if errors := read_user_errors(payload):
        raise user_failure(errors)


def _tracking(parcels: Sequence[Parcel]) -> JsonObject:
    """Several numbers have one company; an address is said for all or for none, for they go by their place."""
    given: dict[str, object] = {"numbers": [parcel.number for parcel in parcels]}
    if company := next((parcel.carrier for parcel in parcels if parcel.carrier), ""):
        given["company"] = company
    if parcels and all(parcel.url for parcel in parcels):
        given["urls"] = [parcel.url for parcel in parcels]
    return given


async def move_fulfilment_order(
    client: ShopifyClient, fulfilment_order: str, location: LocationId, lines: Mapping[str, int]
) -> None:
    """Assign units to another location; being there already is success.

    A fulfilment order that goes whole is named without its lines: Shopify then keeps it and changes only its place,
    where a part becomes another fulfilment order.
    """
    wanted = _positive(lines)
    if not wanted:
        return
    head, members = await _fulfilment_order(client, fulfilment_order)
    with reading("a fulfilment order"):
        if location_of(head["assignedLocation"]["location"]) == location:
            return
        chosen = _chosen(fulfilment_order, head, members, wanted, ready=True)
        left = sum(whole(member["remainingQuantity"]) for member in members)
    asked: JsonObject = {"id": fulfilment_order, "location": location}
    if sum(wanted.values()) < left:
        asked = {**asked, "lines": chosen}
    payload = await client.write("move_fulfilment_order", "fulfillmentOrderMove", asked, leave=FOR_STOCK)
    if errors := read_user_errors(payload):
        raise user_failure(errors)


def _positive(lines: Mapping[str, int]) -> dict[str, int]:
    """Lines of which there are units; ValueError for fewer than none."""
    if any(quantity < 0 for quantity in lines.values()):
        raise ValueError("quantities of a fulfilment order must be positive")
    return {member: quantity for member, quantity in lines.items() if quantity}


def _chosen(
    fulfilment_order: str,
    head: JsonObject,
    members: Sequence[JsonObject],
    wanted: Mapping[str, int],
    *,
    ready: bool,
) -> list[JsonObject]:
    """The units by the fulfilment order's own lines; TryLater when it does not have them any more."""
    by_line = {line(member["lineItem"]["id"]): member for member in members}
    short = [
        each
        for each, quantity in wanted.items()
        if each not in by_line or whole(by_line[each]["remainingQuantity"]) < quantity
    ]
    if not ready or short:
        raise TryLater(
            "The fulfilment order has changed since it was read",
            "TrueUp reads the order again",
            code="fulfilment_order_changed",
            log=f"{fulfilment_order} {line(head['status'])}, short: {len(short)}",
        )
    return [{"id": by_line[each]["id"], "quantity": quantity} for each, quantity in wanted.items()]


async def _fulfilment_order(
    client: ShopifyClient, fulfilment_order: str
) -> tuple[JsonObject, list[JsonObject]]:
    after: str | None = None
    members: list[JsonObject] = []
    while True:
        data = await client.read(
            "fulfilment_order", {"id": fulfilment_order, "after": after}, cost=30.0, leave=FOR_STOCK
        )
        with reading("a fulfilment order"):
            head: JsonObject | None = data["fulfillmentOrder"]
            if head is None:
                raise TryLater(
                    "The fulfilment order does not exist any more",
                    "TrueUp reads the order again",
                    code="fulfilment_order_changed",
                    log=fulfilment_order,
                )
            members += head["lineItems"]["nodes"]
            after = next_cursor(head["lineItems"]["pageInfo"])
            if after is None:
                return head, members


async def cancel_order(client: ShopifyClient, order: OrderId, key: str, clock: Clock) -> None:
    """Cancel with restock and refund, and see it through; being cancelled already is success."""
    if await _cancelled(client, order):
        return
    payload = await client.write(
        "cancel_order", "orderCancel", {"order": order, "reason": "OTHER", "note": f"TrueUp {key}"[:250]}
    )
    if errors := read_user_errors(payload, "orderCancelUserErrors"):
        raise user_failure(errors)
    for look in range(JOB_LOOKS):
        if await _cancelled(client, order):
            return
        await clock.sleep(0.25 * 2**look)
    raise OutcomeUnknown(
        "The shop has accepted the cancellation but has not carried it out yet",
        "TrueUp looks again shortly",
        code="cancel_pending",
        log=order,
    )


async def _cancelled(client: ShopifyClient, order: OrderId) -> bool:
    data = await client.read("order_cancelled", {"id": order}, cost=1.0)
    with reading("an order"):
        if data["order"] is None:
            raise Refused("The order does not exist in the shop", "Nothing can be cancelled", code="no_order")
        return data["order"]["cancelledAt"] is not None
