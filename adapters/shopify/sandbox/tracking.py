"""Tracking numbers of fulfilments, as a fulfilment is made with them and as they are told later."""

from typing import Any

from adapters.shopify.sandbox.inventory import number_of
from adapters.shopify.sandbox.shop import Shop
from adapters.shopify.sandbox.things import Fulfilment

Told = list[tuple[str | None, str | None, str | None]]
"""(company, number, address)."""


def told(given: dict[str, Any]) -> Told:
    """What an input says: one number or several, each with the address of the same place, all of one company."""
    numbers = given.get("numbers") or ([given["number"]] if given.get("number") else [])
    urls = given.get("urls") or ([given["url"]] if given.get("url") else [])
    company = given.get("company")
    rows = max(len(numbers), len(urls), 1 if company else 0)
    return [
        (company, numbers[at] if at < len(numbers) else None, urls[at] if at < len(urls) else None)
        for at in range(rows)
    ]


def update(shop: Shop, id: str, given: dict[str, Any]) -> tuple[Fulfilment | None, str]:
    """The fulfilment with its new numbers, or what Shopify says against it; what it had before is forgotten."""
    done = shop.fulfilments.get(number_of(id, "Fulfillment") or -1)
    if done is None:
        return None, "Fulfillment does not exist."
    if any(number is not None and not str(number).strip() for _, number, _ in told(given)):
        return None, "Tracking number can't be blank."
    done.tracking = told(given)
    shop.emit("fulfillments/update", done)
    shop.touch_order(done.order)
    return done, ""
