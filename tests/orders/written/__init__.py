"""Orders written by hand, one file each: the Order node as Shopify answers our query, and what must become of it.

The files use Shopify's own names and shapes, with three abbreviations: an amount is a text ("12.00", or
"12.00 | 13.10" where the buyer pays in another currency than the shop's), a connection is the list of its nodes, and
an id leaves out `gid://shopify/`. What a file does not say is as in `blank.py`.

To have the nodes as JSON, for `trueup order proof --file`: python -m tests.orders.written FOLDER
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.orders.written.blank import BLANK, SAME

HOME = Path(__file__).parent
CONNECTIONS = frozenset(
    ["localizedFields", "lineItems", "shippingLines", "discountApplications", "fulfillmentOrders", "paymentSchedules",
     "fulfillmentLineItems", "refundLineItems", "refundShippingLines", "refunds.transactions"]
)  # fmt: skip
GID = re.compile(r"[A-Z][A-Za-z]+/\d+")
END = {"hasNextPage": False, "endCursor": None}


@dataclass(frozen=True)
class Written:
    """One file."""

    name: str
    title: str
    node: dict[str, Any]
    """The Order node, complete."""
    document: Mapping[str, Any] | None
    """The sales document to be booked; None when the order is to be held."""
    held: Mapping[str, Any] | None
    """`code` of the reason, and `names`: what its sentence must say."""
    values: Mapping[str, Mapping[str, str]]
    """Tables of the connection, where the order needs some."""


@cache
def written() -> tuple[Written, ...]:
    """All of them, by name."""
    return tuple(_read(file) for file in sorted(HOME.glob("*.toml")))


def _read(file: Path) -> Written:
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    number = int(file.name.split("-")[0])
    order = {"id": f"Order/{number}", "name": f"#{1000 + number}"} | said["order"]
    shop = order.get("currencyCode", BLANK[""]["currencyCode"])
    currencies = (shop, order.get("presentmentCurrencyCode", shop))
    return Written(
        file.stem,
        said["title"],
        _object(order, "", currencies),
        said.get("document"),
        said.get("held"),
        said.get("values", {}),
    )


def _object(given: Mapping[str, Any], place: str, currencies: tuple[str, str]) -> dict[str, Any]:
    kind = "taxLines" if place.endswith(".taxLines") else place
    full = {**BLANK.get(kind, {}), **given}
    for field, other in SAME.get(kind, {}).items():
        full.setdefault(field, full[other])
    return {
        field: _value(value, f"{place}.{field}" if place else field, currencies)
        for field, value in full.items()
    }


def _value(value: Any, place: str, currencies: tuple[str, str]) -> Any:
    name = place.rsplit(".", 1)[-1]
    if isinstance(value, str):
        if name.endswith("Set") or name == "price":
            return _bag(value, currencies)
        return f"gid://shopify/{value}" if name == "id" and GID.fullmatch(value) else value
    if isinstance(value, dict):
        return _object(value, place, currencies)
    if isinstance(value, list):
        members = [_object(each, place, currencies) if isinstance(each, dict) else each for each in value]
        connected = name in CONNECTIONS or place in CONNECTIONS
        return {"nodes": members, "pageInfo": dict(END)} if connected else members
    return value


def _bag(text: str, currencies: tuple[str, str]) -> dict[str, Any]:
    """Both sides of an amount; one that is written once is the same on both, so it may be only nothing abroad."""
    sides = [side.strip() for side in text.split("|")]
    if len(sides) == 1:
        if currencies[0] != currencies[1] and sides != ["0"]:
            raise ValueError(f"{text} must be given in both currencies")
        sides *= 2
    shop, buyer = ({"amount": side, "currencyCode": of} for side, of in zip(sides, currencies, strict=True))
    return {"shopMoney": shop, "presentmentMoney": buyer}
