"""Buyers: what an order costs, and where its units are committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.shopify.sandbox.money import NOTHING, Bag, converted, rounded, split, total
from adapters.shopify.sandbox.shop import NotPossible, Shop, SoldOut
from adapters.shopify.sandbox.things import (
    Discount,
    Fulfilment,
    FulfilmentOrder,
    FulfilmentOrderLine,
    Item,
    Line,
    Location,
    Order,
    Share,
    Shipping,
    Tax,
    Transaction,
)


@dataclass(frozen=True, slots=True)
class Till:
    """The two currencies of an order and how tax is counted."""

    shop: str
    presentment: str
    tax_rate: Decimal
    taxes_included: bool

    def bag(self, amount: Decimal) -> Bag:
        """A price of the shop on both sides."""
        return Bag(rounded(amount, self.shop), converted(amount, self.shop, self.presentment))

    def share_out(self, whole: Bag, weights: Sequence[Bag]) -> list[Bag]:
        """The amount over lines, each side split on its own."""
        ours = split(whole.shop, [weight.shop for weight in weights], self.shop)
        theirs = split(whole.presentment, [weight.presentment for weight in weights], self.presentment)
        return [Bag(mine, yours) for mine, yours in zip(ours, theirs, strict=True)]

    def percent(self, whole: Bag, percent: Decimal) -> Bag:
        """So many percent, rounded on each side."""
        part = percent / 100
        return Bag(rounded(whole.shop * part, self.shop), rounded(whole.presentment * part, self.presentment))

    def taxes(self, price: Bag) -> list[Tax]:
        """The tax in or on a price."""
        if not self.tax_rate:
            return []
        part = self.tax_rate / (1 + self.tax_rate) if self.taxes_included else self.tax_rate
        amount = Bag(
            rounded(price.shop * part, self.shop), rounded(price.presentment * part, self.presentment)
        )
        return [Tax("VAT" if self.taxes_included else "State Tax", self.tax_rate, amount)]


def wanted_lines(shop: Shop, asked: Any) -> list[tuple[Item, int]]:
    """The lines of a basket."""
    if not isinstance(asked, list) or not asked:
        raise NotPossible("an order needs lines")
    found = [(shop.article(line["sku"]), int(line["quantity"])) for line in asked]
    if any(count <= 0 for _, count in found):
        raise NotPossible("quantities are positive")
    return found


def route(shop: Shop, basket: Sequence[tuple[Item, int]], said: Any) -> list[Location]:
    """Where each line is committed: one place for all when there is one, else line by line."""
    places = [shop.place(said)] if said is not None else [p for p in shop.locations.values() if p.active]
    places = places if said is not None else shop.random.sample(places, len(places))
    left: dict[tuple[int, int], int] = {}

    def room(item: Item, place: Location) -> int:
        if not item.ships:
            return 1_000_000
        level = item.levels.get(place.number)
        full = level.units["available"] if level is not None and level.active else 0
        return full - left.get((item.number, place.number), 0)

    need: dict[int, int] = {}
    for item, count in basket:
        need[item.number] = need.get(item.number, 0) + count
    for place in places:
        if all(room(shop.items[number], place) >= count for number, count in need.items()):
            return [place for _ in basket]
    chosen = []
    for item, count in basket:
        place_found = next((place for place in places if room(item, place) >= count), None)
        if place_found is None:
            raise SoldOut(item.sku)
        left[item.number, place_found.number] = left.get((item.number, place_found.number), 0) + count
        chosen.append(place_found)
    return chosen


def priced(
    shop: Shop, asked: dict[str, Any], basket: Sequence[tuple[Item, int]], at: list[Location], source: str
) -> Order:
    """The order with all its amounts, not yet in the books."""
    till = Till(
        shop.currency,
        asked.get("currency") or shop.currency,
        Decimal(str(asked.get("tax_rate") or "0")),
        bool(asked.get("taxes_included", False)),
    )
    stamp = shop.clock.now()
    order = Order(
        shop.next(), 1001 + len(shop.orders), source, till.shop, till.presentment, till.taxes_included,
        stamp, stamp, shop.clock.wall(),
    )  # fmt: skip
    order.lines = [
        Line(shop.next(), item, count, till.bag(item.price), place)
        for (item, count), place in zip(basket, at, strict=True)
    ]
    if asked.get("discount"):
        discount(order, till, asked["discount"])
    for line in order.lines:
        line.taxes = till.taxes(line.discounted)
    if asked.get("shipping"):
        price = till.bag(Decimal(str(asked["shipping"])))
        order.shipping = [Shipping(shop.next(), "Standard", price, till.taxes(price))]
    order.original_total = total_price(order)
    gift_card = Decimal(str(asked.get("gift_card") or "0"))
    pay(shop, order, till, gift_card, str(asked.get("payment") or "SALE"))
    return order


def discount(order: Order, till: Till, said: dict[str, Any]) -> None:
    """Apply a code over the whole order, or a staff discount on its first line."""
    across = said.get("kind", "order") == "order"
    percent = Decimal(str(said["percent"])) if "percent" in said else None
    amount = Decimal(str(said["amount"])) if "amount" in said else None
    applied = Discount(
        0, "code" if across else "manual", "SAVE" if across else "Goodwill", across, percent, amount
    )
    lines = order.lines if across else order.lines[:1]
    weights = [line.original for line in lines]
    whole = total(weights)
    if percent is not None:
        off = till.percent(whole, percent)
    else:
        asked = till.bag(amount or Decimal(0))
        off = Bag(min(asked.shop, whole.shop), min(asked.presentment, whole.presentment))
    for line, share in zip(lines, till.share_out(off, weights), strict=True):
        if share != NOTHING:
            line.shares.append(Share(applied, share))
    order.discounts.append(applied)


def subtotal(order: Order) -> Bag:
    """Lines after discounts."""
    return total([line.discounted for line in order.lines])


def total_tax(order: Order) -> Bag:
    """All tax, in or on the prices."""
    on_lines = [tax.amount for line in order.lines for tax in line.taxes]
    return total([*on_lines, *(tax.amount for charge in order.shipping for tax in charge.taxes)])


def total_price(order: Order) -> Bag:
    """What the buyer owes."""
    found = subtotal(order) + total([charge.price for charge in order.shipping])
    return found if order.taxes_included else found + total_tax(order)


def pay(shop: Shop, order: Order, till: Till, gift_card: Decimal, rest: str) -> None:
    """A gift card first as far as it goes; a card for the `rest`: SALE, AUTHORIZATION, or LATER for nothing yet."""
    if rest not in ("SALE", "AUTHORIZATION", "LATER"):
        raise NotPossible(f"nobody pays by {rest}")
    due = order.original_total
    if gift_card:
        bag = till.bag(gift_card)
        part = due if bag.shop >= due.shop else bag
        take(shop, order, "SALE", "gift_card", part)
        due = due - part
    if due.shop > 0 and rest != "LATER":
        take(shop, order, rest, "cash" if order.source == "pos" else "shopify_payments", due)


def take(
    shop: Shop, order: Order, kind: str, gateway: str, amount: Bag, parent: Transaction | None = None
) -> Transaction:
    """Book a movement of money."""
    done = Transaction(shop.next(), order, kind, gateway, amount, shop.clock.now(), parent)
    order.transactions.append(done)
    shop.transactions[done.number] = done
    return done


def open_fulfilment_order(
    shop: Shop, order: Order, place: Location, lines: Sequence[tuple[Line, int, int]]
) -> FulfilmentOrder:
    """Ask a location to ship (line, total, remaining)."""
    rows = [FulfilmentOrderLine(shop.next(), line, total_, left) for line, total_, left in lines]
    found = FulfilmentOrder(shop.next(), order, place, rows, shop.clock.now(), shop.clock.now())
    order.fulfilment_orders.append(found)
    shop.fulfilment_orders[found.number] = found
    return found


def check_out(shop: Shop, asked: dict[str, Any]) -> Order:
    """A buyer places an order on the web; its units are committed at once."""
    basket = wanted_lines(shop, asked.get("lines"))
    places = route(shop, basket, asked.get("location"))
    order = priced(shop, asked, basket, places, "web")
    for place in dict.fromkeys(places):
        lines = [line for line in order.lines if line.location is place and line.item.ships]
        if not lines:
            continue
        open_fulfilment_order(shop, order, place, [(line, line.quantity, line.quantity) for line in lines])
    shop.add_order(order)
    for line in order.lines:
        if not line.item.ships:
            continue
        shop.shift(line.item, line.location, available=-line.quantity, committed=line.quantity)
        shop.note_act(order, "promised", line, line.quantity, line.location)
    shop.emit("orders/create", order)
    return order


def ring_up(shop: Shop, asked: dict[str, Any]) -> Order:
    """A sale at the till: paid and handed over at once, limited only by what stands on the shelf."""
    basket = wanted_lines(shop, asked.get("lines"))
    place = shop.place(asked.get("location", 0))
    need: dict[int, int] = {}
    for item, count in basket:
        need[item.number] = need.get(item.number, 0) + count
    for number, count in need.items():
        level = shop.items[number].levels.get(place.number)
        if level is None or not level.active or level.quantity("on_hand") < count:
            raise SoldOut(shop.items[number].sku)
    order = priced(shop, asked, basket, [place for _ in basket], "pos")
    order.retail = place
    ship = open_fulfilment_order(shop, order, place, [(line, line.quantity, 0) for line in order.lines])
    ship.status = "CLOSED"
    shop.add_order(order)
    handed = [(shop.next(), line, line.quantity) for line in order.lines]
    fulfilment = Fulfilment(shop.next(), order, place, handed, shop.clock.now(), f"{order.name}-F1")
    order.fulfilments.append(fulfilment)
    shop.fulfilments[fulfilment.number] = fulfilment
    for line in order.lines:
        line.fulfilled = line.quantity
        shop.shift(line.item, place, available=-line.quantity)
        shop.note_act(order, "promised", line, line.quantity, place)
        shop.note_act(order, "fulfilled", line, line.quantity, place)
    shop.emit("orders/create", order)
    shop.emit("fulfillments/create", fulfilment)
    return order
