"""The rules for writing stock: compare-and-swap, all or nothing, once per idempotency key."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.shopify.sandbox.shop import Shop
from adapters.shopify.sandbox.things import Item, Level, Location, gid

REASONS = (
    "correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created",
    "movement_received", "movement_updated", "other", "promotion", "quality_control", "received",
    "reservation_created", "reservation_deleted", "reservation_updated", "restock", "safety_stock", "shrinkage",
)  # fmt: skip
ADJUSTABLE = ("available", "damaged", "incoming", "quality_control", "reserved", "safety_stock")
BILLION = 1_000_000_000
STALE = "The changeFromQuantity argument no longer matches the persisted quantity."


@dataclass(frozen=True, slots=True)
class Complaint:
    """A user error."""

    code: str
    field: list[str] | None
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """One row of an adjustment group."""

    name: str
    delta: int
    level: Level
    ledger: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What one successful call changed."""

    number: int
    reason: str
    reference: str | None
    changes: tuple[Change, ...]
    created_at: Any

    @property
    def gid(self) -> str:
        """Its global id."""
        return gid("InventoryAdjustmentGroup", self.number)


@dataclass(frozen=True, slots=True)
class Target:
    """One row asked for, resolved."""

    item: Item
    location: Location
    asked: dict[str, Any]


def number_of(said: Any, kind: str) -> int | None:
    """The number in a global id of this kind, query part aside."""
    head = f"gid://shopify/{kind}/"
    rest = str(said).split("?", 1)[0]
    return int(rest[len(head) :]) if rest.startswith(head) and rest[len(head) :].isdigit() else None


def _resolve(shop: Shop, rows: Sequence[dict[str, Any]], path: str) -> tuple[list[Target], list[Complaint]]:
    targets: list[Target] = []
    errors: list[Complaint] = []
    for at, row in enumerate(rows):
        item = shop.items.get(number_of(row["inventoryItemId"], "InventoryItem") or 0)
        location = shop.locations.get(number_of(row["locationId"], "Location") or 0)
        if item is None:
            errors.append(
                Complaint(
                    "INVALID_INVENTORY_ITEM",
                    ["input", path, str(at), "inventoryItemId"],
                    "The specified inventory item could not be found.",
                )
            )
        if location is None:
            errors.append(
                Complaint(
                    "INVALID_LOCATION",
                    ["input", path, str(at), "locationId"],
                    "The specified location could not be found.",
                )
            )
        if item is not None and location is not None:
            targets.append(Target(item, location, row))
    return targets, errors


def _header(given: dict[str, Any]) -> list[Complaint]:
    errors = []
    if given["reason"] not in REASONS:
        said = ", ".join(REASONS)
        errors.append(
            Complaint(
                "INVALID_REASON",
                ["input", "reason"],
                f"The specified reason is invalid. Valid values are: {said}.",
            )
        )
    reference = given.get("referenceDocumentUri")
    if reference is not None and "://" not in reference:
        errors.append(
            Complaint(
                "INVALID_REFERENCE_DOCUMENT",
                ["input", "referenceDocumentUri"],
                "The specified reference document is invalid.",
            )
        )
    return errors


def current(shop: Shop, target: Target, name: str) -> int:
    """What is there now; nothing where the item was never stocked."""
    level = target.item.levels.get(target.location.number)
    return level.quantity(name) if level is not None else 0


def set_quantities(shop: Shop, given: dict[str, Any]) -> tuple[Group | None, list[Complaint]]:
    """Set available or on_hand; where an item is not stocked this works too, and the stock does not sell."""
    name, rows = given["name"], given["quantities"]
    errors = _header(given)
    if name not in ("available", "on_hand"):
        errors.append(
            Complaint(
                "INVALID_NAME",
                ["input", "name"],
                "The quantity name must be either 'available' or 'on_hand'.",
            )
        )
    targets, unknown = _resolve(shop, rows, "quantities")
    errors += unknown
    pairs = [(str(row["inventoryItemId"]), str(row["locationId"])) for row in rows]
    seen = Counter(pairs)
    for at, (row, pair) in enumerate(zip(rows, pairs, strict=True)):
        path = ["input", "quantities", str(at)]
        if seen[pair] > 1:
            errors.append(
                Complaint(
                    "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR",
                    [*path, "locationId"],
                    "The combination of inventoryItemId and locationId must be unique.",
                )
            )
        errors += _bounds(name, row["quantity"], [*path, "quantity"])
    if errors:
        return None, errors
    for at, target in enumerate(targets):
        expected = target.asked["changeFromQuantity"]
        if expected is not None and expected != current(shop, target, name):
            field = ["input", "quantities", str(at), "changeFromQuantity"]
            errors.append(Complaint("CHANGE_FROM_QUANTITY_STALE", field, STALE))
    if errors:
        return None, errors
    changes: list[Change] = []
    for target in targets:
        before = current(shop, target, name)
        after = target.asked["quantity"]
        level = _level(shop, target)
        delta = after - before
        level.units["available"] += delta
        if delta:
            shop.touch_level(level)
            changes += [Change("available", delta, level), Change("on_hand", delta, level)]
        shop.note_write(level, name, before, after)
    return _grouped(shop, given, changes), []


def _bounds(name: str, quantity: int, field: list[str]) -> list[Complaint]:
    if name == "on_hand" and quantity < 0:
        return [Complaint("INVALID_QUANTITY_NEGATIVE", field, "The quantity can't be negative.")]
    if quantity > BILLION:
        return [
            Complaint("INVALID_QUANTITY_TOO_HIGH", field, "The quantity can't be higher than 1,000,000,000.")
        ]
    if quantity < -BILLION:
        return [
            Complaint("INVALID_QUANTITY_TOO_LOW", field, "The quantity can't be lower than -1,000,000,000.")
        ]
    return []


def adjust_quantities(shop: Shop, given: dict[str, Any]) -> tuple[Group | None, list[Complaint]]:
    """Add to or take from a state."""
    name, rows = given["name"], given["changes"]
    errors = _header(given)
    if name not in ADJUSTABLE:
        said = ", ".join(ADJUSTABLE)
        errors.append(
            Complaint(
                "INVALID_QUANTITY_NAME",
                ["input", "name"],
                f"The specified quantity name is invalid. Valid values are: {said}.",
            )
        )
    targets, unknown = _resolve(shop, rows, "changes")
    errors += unknown
    for at, row in enumerate(rows):
        path = ["input", "changes", str(at), "ledgerDocumentUri"]
        if name == "available" and row.get("ledgerDocumentUri") is not None:
            said = "A ledger document URI is not allowed when adjusting available."
            errors.append(Complaint("INVALID_AVAILABLE_DOCUMENT", path, said))
        if name != "available" and row.get("ledgerDocumentUri") is None:
            said = "A ledger document URI is required except when adjusting available."
            errors.append(Complaint("INVALID_QUANTITY_DOCUMENT", path, said))
    for at, target in enumerate(targets):
        expected = target.asked["changeFromQuantity"]
        if not errors and expected is not None and expected != current(shop, target, name):
            field = ["input", "changes", str(at), "changeFromQuantity"]
            errors.append(Complaint("CHANGE_FROM_QUANTITY_STALE", field, STALE))
    if errors:
        return None, errors
    changes: list[Change] = []
    for target in targets:
        delta = target.asked["delta"]
        level = _level(shop, target)
        level.units[name] += delta
        shop.touch_level(level)
        changes.append(Change(name, delta, level, target.asked.get("ledgerDocumentUri")))
        if name != "incoming":
            changes.append(Change("on_hand", delta, level))
    return _grouped(shop, given, changes), []


def _level(shop: Shop, target: Target) -> Level:
    level = target.item.levels.get(target.location.number)
    return level or shop.connect(target.item, target.location, active=False)


def _grouped(shop: Shop, given: dict[str, Any], changes: Sequence[Change]) -> Group:
    group = Group(
        shop.next(), given["reason"], given.get("referenceDocumentUri"), tuple(changes), shop.clock.now()
    )
    shop.adjustments[group.number] = group
    return group


def activate(shop: Shop, args: dict[str, Any]) -> tuple[Level | None, list[Complaint]]:
    """Stock an item at a location; a level that was there before keeps what it held."""
    item = shop.items.get(number_of(args["inventoryItemId"], "InventoryItem") or 0)
    location = shop.locations.get(number_of(args["locationId"], "Location") or 0)
    if item is None:
        return None, [
            Complaint("", ["inventoryItemId"], "The product couldn't be stocked because it wasn't found.")
        ]
    if location is None or not location.active:
        said = "The product couldn't be stocked because the location wasn't found."
        return None, [Complaint("", ["locationId"], said)]
    available, on_hand = args.get("available"), args.get("onHand")
    if available is not None and on_hand is not None:
        said = "Cannot specify both available and onHand."
        return None, [Complaint("", ["available"], said)]
    level = item.levels.get(location.number)
    if level is not None and level.active:
        for field, asked in (("available", available), ("onHand", on_hand)):
            if asked is not None:
                name = "available" if field == "available" else "on_hand"
                said = f"Not allowed to set {name} quantity when the item is already active at the location."
                return None, [Complaint("", [field], said)]
        return level, []
    level = level or shop.connect(item, location, active=False)
    level.active = True
    if available is not None:
        level.units["available"] = available
    if on_hand is not None:
        level.units["available"] += on_hand - level.quantity("on_hand")
    shop.touch_level(level)
    return level, []


def deactivate(shop: Shop, said: Any) -> list[Complaint]:
    """Stop stocking an item at a location; the level stays, hidden."""
    level = shop.levels.get(number_of(said, "InventoryLevel") or 0)
    refused: Callable[[str], list[Complaint]] = lambda text: [Complaint("", ["inventoryLevelId"], text)]  # noqa: E731
    if level is None:
        return refused("The product couldn't be unstocked because the inventory level was deleted.")
    place = level.location.name
    for state in ("committed", "incoming", "reserved"):
        if level.units[state]:
            return refused(
                f"The product couldn't be unstocked from {place} because it has {state} inventory."
            )
    if sum(other.active for other in level.item.levels.values()) < 2:
        return refused(
            f"The product couldn't be unstocked from {place} because products need to be stocked at a minimum of 1 location."
        )
    level.active = False
    shop.touch_level(level)
    return []
