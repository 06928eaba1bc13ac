"""From Shopify's JSON to our values: text, money, times, stock levels and places."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from engine.model.failure import Refused
from engine.model.ids import ItemId, LocationId, Sku
from engine.model.money import Money, MoneyBag
from engine.model.stock import ShopLevel
from engine.ports import Place

JsonObject = Mapping[str, Any]
ONLY_VARIANT = " - Default Title"
"""How Shopify's name of the one variant of a product without options ends."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ANY_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn a reply of an unexpected shape into one named failure."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, IndexError) as odd:
        raise Refused(
            f"The shop's answer about {what} has an unexpected shape",
            "Report this with the log; TrueUp and the shop disagree about the API",
            code="unexpected_shape",
            log=f"{what}: {odd!r}",
        ) from odd


def line(value: object) -> str:
    """One line of text, without control characters; '' for null."""
    if value is None:
        return ""
    text = str(value)
    return text if text.isprintable() else _ANY_CONTROL.sub("", text)


def paragraph(value: object) -> str:
    """Text that may keep its line breaks and tabs; '' for null."""
    return "" if value is None else _CONTROL.sub("", str(value).replace("\r\n", "\n"))


def moment(value: object) -> datetime:
    """A time with its zone, in UTC."""
    when = datetime.fromisoformat(str(value))
    if when.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return when.astimezone(UTC)


def whole(value: object) -> int:
    """A quantity; a fraction, a text or null is an error."""
    if type(value) is not int:
        raise TypeError(f"{value!r} is not a whole number")
    return value


def money(node: JsonObject) -> Money:
    """An exact, finite amount."""
    amount = Decimal(str(node["amount"]))
    if not amount.is_finite():
        raise ValueError("an amount is not a number")
    return Money(amount, line(node["currencyCode"]))


def bag(node: JsonObject) -> MoneyBag:
    """Both sides of an amount."""
    return MoneyBag(money(node["shopMoney"]), money(node["presentmentMoney"]))


def bag_if_given(node: JsonObject | None) -> MoneyBag | None:
    """Both sides of an amount, nothing included; None when it is missing."""
    return None if node is None else bag(node)


def bag_or_none(node: JsonObject | None) -> MoneyBag | None:
    """Both sides of an amount; None when it is missing or nothing on both sides."""
    if node is None:
        return None
    both = bag(node)
    return both if both.shop.amount or both.presentment.amount else None


def moment_or_none(value: object) -> datetime | None:
    """A time in UTC; None for null."""
    return None if value is None else moment(value)


def nodes(node: JsonObject, connection: str) -> list[JsonObject]:
    """All members of a connection that was read to its end; none when it was not asked for."""
    found = node.get(connection)
    return [] if found is None else list(found["nodes"])


def next_cursor(page_info: JsonObject) -> str | None:
    """Where the next page begins; None at the end. A page that goes on from nowhere is an error, never an end."""
    if not page_info["hasNextPage"]:
        return None
    if not (cursor := page_info["endCursor"]):
        raise ValueError("another page is promised but no cursor leads to it")
    return str(cursor)


def sku_of(item: JsonObject) -> Sku | None:
    """The trimmed SKU of an item or line; None when it has none."""
    trimmed = line(item.get("sku")).strip()
    return Sku(trimmed) if trimmed else None


def gid(node: JsonObject | None) -> str | None:
    """The id of a linked object; None when there is no link."""
    return None if node is None else line(node["id"])


def location_of(node: JsonObject | None) -> LocationId | None:
    """The id of a linked location."""
    found = gid(node)
    return None if found is None else LocationId(found)


def place(node: JsonObject) -> Place:
    """A location of the shop."""
    return Place(line(node["id"]), line(node["name"]), bool(node["isActive"]))


def level(item: JsonObject, figures: JsonObject, location: LocationId) -> ShopLevel | None:
    """One stock level; None for an item without SKU, which nothing on our side can name."""
    sku = sku_of(item)
    if sku is None:
        return None
    quantities = {str(row["name"]): whole(row["quantity"]) for row in figures["quantities"]}
    return ShopLevel(
        sku=sku,
        item=ItemId(line(item["id"])),
        location=location,
        active=bool(figures["isActive"]),
        tracked=bool(item["tracked"]),
        on_hand=quantities["on_hand"],
        available=quantities["available"],
        committed=quantities["committed"],
        title=_title(item),
    )


def _title(item: JsonObject) -> str | None:
    """The product's title, with the variant's where there are several; None where they were not asked for."""
    only = [item["variant"]] if item.get("variant") else []
    for variant in (item.get("variants") or {"nodes": only})["nodes"]:
        return line(variant["displayName"]).removesuffix(ONLY_VARIANT)
    return None
