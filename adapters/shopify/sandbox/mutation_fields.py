"""The mutations, and what they refuse."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson
from graphql import get_directive_values

from adapters.shopify.sandbox import after_sale, inventory, tracking
from adapters.shopify.sandbox.context import Attempt, Context, WebhookSubscription
from adapters.shopify.sandbox.inventory import Complaint, number_of
from adapters.shopify.sandbox.order_fields import Fields
from adapters.shopify.sandbox.refusals import Declined
from adapters.shopify.sandbox.scopes import need
from adapters.shopify.sandbox.shop import NotPossible
from adapters.shopify.sandbox.things import FulfilmentOrder, FulfilmentOrderLine

MAX_ROWS = 250
REMEMBERED = 24 * 3600.0


def may(info: Any, root: str) -> None:
    """Refuse without the access scope, and count."""
    context: Context = info.context
    need(context, root)
    context.shop.mutations[root] += 1


def at_most(rows: Sequence[Any]) -> None:
    """No array longer than Shopify takes."""
    if len(rows) > MAX_ROWS:
        raise Declined(
            f"The input array size of {len(rows)} is greater than the maximum allowed of {MAX_ROWS}.",
            "MAX_INPUT_SIZE_EXCEEDED",
        )


def needs_change_from(rows: Sequence[dict[str, Any]], kind: str) -> None:
    """The key must be there, if only with null."""
    if any("changeFromQuantity" not in row for row in rows):
        raise Declined(
            f"{kind} must include the following argument: changeFromQuantity.", "INVALID_FIELD_ARGUMENTS"
        )


def once(info: Any, args: dict[str, Any], run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run under the call's idempotency key, or answer what its first call did."""
    directive = info.schema.get_directive("idempotent")
    values = get_directive_values(directive, info.field_nodes[0], info.variable_values)
    if values is None:
        raise Declined(
            "The @idempotent directive is required for this mutation but was not provided.", "BAD_REQUEST"
        )
    context: Context = info.context
    key = values["key"]
    fingerprint = orjson.dumps([info.field_name, args], option=orjson.OPT_SORT_KEYS)
    known = context.attempts.get(key)
    if known is not None and context.shop.clock.monotonic() - known.at < REMEMBERED:
        if known.fingerprint != fingerprint:
            return complaint(
                "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
                "The same idempotency key cannot be used with different operation parameters.",
            )
        if known.failed:
            return complaint(
                "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
                "A previous attempt with this idempotency key failed. Use a new key to try again.",
            )
        return known.payload
    payload = run()
    context.attempts[key] = Attempt(
        fingerprint, payload, bool(payload["userErrors"]), context.shop.clock.monotonic()
    )
    return payload


def complaint(code: str, message: str, field: list[str] | None = None) -> dict[str, Any]:
    """A payload that only complains."""
    return {"userErrors": [Complaint(code, field, message)]}


def set_quantities(root: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:
    """inventorySetQuantities."""
    at_most(input["quantities"])
    needs_change_from(input["quantities"], "InventoryQuantityInput")

    def run() -> dict[str, Any]:
        may(info, "inventorySetQuantities")
        group, errors = inventory.set_quantities(info.context.shop, input)
        return {"inventoryAdjustmentGroup": group, "userErrors": errors}

    return once(info, input, run)


def adjust_quantities(root: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:
    """inventoryAdjustQuantities."""
    at_most(input["changes"])
    needs_change_from(input["changes"], "InventoryChangeInput")

    def run() -> dict[str, Any]:
        may(info, "inventoryAdjustQuantities")
        group, errors = inventory.adjust_quantities(info.context.shop, input)
        return {"inventoryAdjustmentGroup": group, "userErrors": errors}

    return once(info, input, run)


def activate(root: Any, info: Any, **args: Any) -> dict[str, Any]:
    """inventoryActivate."""

    def run() -> dict[str, Any]:
        may(info, "inventoryActivate")
        level, errors = inventory.activate(info.context.shop, args)
        return {"inventoryLevel": level, "userErrors": errors}

    return once(info, args, run)


def deactivate(root: Any, info: Any, inventoryLevelId: str) -> dict[str, Any]:
    """inventoryDeactivate."""
    may(info, "inventoryDeactivate")
    return {"userErrors": inventory.deactivate(info.context.shop, inventoryLevelId)}


Picks = list[tuple[FulfilmentOrderLine, int]]


def pick(
    ship: FulfilmentOrder, asked: list[dict[str, Any]] | None, path: list[str]
) -> tuple[Picks, list[Complaint]]:
    """The lines asked for, or all that remain."""
    if not asked:
        return [(row, row.remaining) for row in ship.lines if row.remaining], []
    rows: Picks = []
    for at, entry in enumerate(asked):
        if entry["quantity"] <= 0:
            field = [*path, str(at), "quantity"]
            return [], [Complaint("", field, "Quantity must be greater than 0")]
    for entry in asked:
        number = number_of(entry["id"], "FulfillmentOrderLineItem")
        row = next((row for row in ship.lines if row.number == number), None)
        if row is None:
            return [], [Complaint("", path[:-1], "Fulfillment order line item does not exist.")]
        if entry["quantity"] + sum(count for known, count in rows if known is row) > row.remaining:
            said = "Invalid fulfillment order line item quantity requested."
            return [], [Complaint("", path[:-1], said)]
        rows.append((row, entry["quantity"]))
    return rows, []


def fulfil(root: Any, info: Any, fulfillment: dict[str, Any], message: str | None = None) -> dict[str, Any]:
    """fulfillmentCreate."""
    may(info, "fulfillmentCreate")
    shop = info.context.shop
    asked = fulfillment["lineItemsByFulfillmentOrder"]
    at_most(asked)
    picks: list[tuple[FulfilmentOrder, Picks]] = []
    for at, group in enumerate(asked):
        number = number_of(group["fulfillmentOrderId"], "FulfillmentOrder")
        if number == 0:
            raise Declined("invalid id", "RESOURCE_NOT_FOUND")
        ship = shop.fulfilment_orders.get(number or -1)
        if ship is None:
            return complaint("", "Fulfillment order does not exist.", ["fulfillment"])
        path = ["fulfillment", "lineItemsByFulfillmentOrder", str(at), "fulfillmentOrderLineItems"]
        if not ship.open:
            said = f"Fulfillment order {ship.number} has an unfulfillable status= {ship.status.lower()}."
            return complaint("", said, ["fulfillment"])
        rows, errors = pick(ship, group.get("fulfillmentOrderLineItems"), path)
        if errors:
            return {"userErrors": errors}
        picks.append((ship, rows))
    if not picks:
        return complaint("", "Fulfillment orders must be provided.", ["fulfillment"])
    if len({ship.order.number for ship, _ in picks}) > 1:
        return complaint("", "All fulfillment orders must belong to the same order.", ["fulfillment"])
    if len({ship.location.number for ship, _ in picks}) > 1:
        return complaint("", "All fulfillment orders must be assigned to the same location.", ["fulfillment"])
    done = after_sale.fulfil(shop, picks)
    done.tracking = tracking.told(fulfillment.get("trackingInfo") or {})
    return {"fulfillment": done, "userErrors": []}


def track(
    root: Any,
    info: Any,
    fulfillmentId: str,
    trackingInfoInput: dict[str, Any],
    notifyCustomer: bool = False,
) -> dict[str, Any]:
    """fulfillmentTrackingInfoUpdate."""
    may(info, "fulfillmentTrackingInfoUpdate")
    done, why = tracking.update(info.context.shop, fulfillmentId, trackingInfoInput)
    if done is None:
        return complaint("", why, ["fulfillmentId"])
    return {"fulfillment": done, "userErrors": []}


def move(
    root: Any,
    info: Any,
    id: str,
    newLocationId: str,
    fulfillmentOrderLineItems: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """fulfillmentOrderMove."""
    may(info, "fulfillmentOrderMove")
    shop = info.context.shop
    ship = shop.fulfilment_orders.get(number_of(id, "FulfillmentOrder") or -1)
    if ship is None:
        return complaint("", "Fulfillment order does not exist.", ["id"])
    place = shop.locations.get(number_of(newLocationId, "Location") or -1)
    if place is None or not place.active:
        return complaint("", "Location not found.", ["id"])
    if not ship.open:
        return complaint("", "Cannot change location.", ["id"])
    if place is ship.location:
        return complaint("", "Fulfillment order is already assigned to this location.", ["newLocationId"])
    rows, errors = pick(ship, fulfillmentOrderLineItems, ["fulfillmentOrderLineItems"])
    if errors:
        return {"userErrors": errors}
    for row, _ in rows:
        level = row.line.item.levels.get(place.number)
        if level is None or not level.active:
            return complaint("", "None of the items are stocked at the new location.", ["newLocationId"])
    moved = after_sale.move(shop, ship, place, rows)
    rest = any(row.remaining for row in ship.lines) and moved is not ship
    return {
        "movedFulfillmentOrder": moved,
        "originalFulfillmentOrder": ship,
        "remainingFulfillmentOrder": ship if rest else None,
        "userErrors": [],
    }


def cancel(root: Any, info: Any, orderId: str, reason: str, restock: bool, **args: Any) -> dict[str, Any]:
    """orderCancel: a job, done a moment later."""
    may(info, "orderCancel")
    context: Context = info.context
    shop = context.shop

    def refuse(code: str, said: str) -> dict[str, Any]:
        return {"orderCancelUserErrors": [Complaint(code, ["orderId"], said)], "userErrors": []}

    order = shop.orders.get(number_of(orderId, "Order") or -1)
    if order is None:
        return refuse("NOT_FOUND", "Order does not exist")
    if args.get("refund") is not None and args.get("refundMethod") is not None:
        return refuse("INVALID", "Only one of refund and refundMethod may be given")
    if order.cancelled_at is not None:
        return refuse("INVALID", "Order has already been cancelled")
    if order.fulfilments:
        return refuse("INVALID", "Cannot cancel an order with fulfilled line items")
    job = shop.new_job()
    method = args.get("refundMethod") or {}
    pay_back = bool(args.get("refund") or method.get("originalPaymentMethodsRefund"))

    def run() -> None:
        with contextlib.suppress(
            NotPossible
        ):  # something left in the meantime; the job ends and the order shows what is true
            after_sale.cancel(
                shop, order, restock=restock, pay_back=pay_back, reason=reason, note=args.get("staffNote")
            )
        shop.jobs[job] = True

    context.later(0.05, run)
    return {"job": {"id": job, "done": False}, "orderCancelUserErrors": [], "userErrors": []}


def subscribe(root: Any, info: Any, topic: str, webhookSubscription: dict[str, Any]) -> dict[str, Any]:
    """webhookSubscriptionCreate; loopback addresses are the sandbox's one indulgence."""
    may(info, "webhookSubscriptionCreate")
    context: Context = info.context
    uri = webhookSubscription.get("uri") or webhookSubscription.get("callbackUrl")
    path = ["webhookSubscription", "callbackUrl"]
    if not uri:
        return complaint("", "Address can't be blank", path)
    parts = urlsplit(uri)
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        return complaint("", "Address protocol http:// is not supported", path)
    if parts.scheme not in ("http", "https"):
        return complaint("", "Address is invalid", path)
    if any(known.topic == topic and known.uri == uri for known in context.subscriptions.values()):
        return complaint("", "Address for this topic has already been taken", path)
    made = WebhookSubscription(context.shop.next(), topic, uri, context.shop.clock.now())
    context.subscriptions[made.number] = made
    return {"webhookSubscription": made, "userErrors": []}


def unsubscribe(root: Any, info: Any, id: str) -> dict[str, Any]:
    """webhookSubscriptionDelete."""
    may(info, "webhookSubscriptionDelete")
    gone = info.context.subscriptions.pop(number_of(id, "WebhookSubscription") or -1, None)
    if gone is None:
        return complaint("", "Webhook subscription does not exist", ["id"])
    return {"deletedWebhookSubscriptionId": id, "userErrors": []}


MUTATION: Fields = {
    "inventorySetQuantities": set_quantities,
    "inventoryAdjustQuantities": adjust_quantities,
    "inventoryActivate": activate,
    "inventoryDeactivate": deactivate,
    "fulfillmentCreate": fulfil,
    "fulfillmentOrderMove": move,
    "fulfillmentTrackingInfoUpdate": track,
    "orderCancel": cancel,
    "webhookSubscriptionCreate": subscribe,
    "webhookSubscriptionDelete": unsubscribe,
}
