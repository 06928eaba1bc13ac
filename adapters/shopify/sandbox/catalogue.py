"""What staff do to articles and places: give an article another SKU, sell it as another article, close a location."""

from dataclasses import replace

from adapters.shopify.sandbox.after_sale import move
from adapters.shopify.sandbox.shop import NotPossible, Shop
from adapters.shopify.sandbox.things import Item, Location


def rename(shop: Shop, item: Item, sku: str) -> None:
    """Staff give an article another SKU."""
    shop.rename(item, sku)
    shop.emit("products/update", item)


def move_to_another_product(shop: Shop, item: Item) -> Item:
    """A variant cannot change its product: it is deleted, and another article with its SKU and stock is made."""
    if any(level.units["committed"] for level in item.levels.values()):
        raise NotPossible("units of it are promised to orders")
    now = shop.clock.now()
    shown = replace(item.shown)
    made = Item(shop.next(), shop.next(), shop.next(), item.sku, item.title, item.price, now, now, shown)
    shop.products[made.product] = [made]
    if not (others := [other for other in shop.products[item.product] if other is not item]):
        del shop.products[item.product], shop.by_product[item.product]
    else:
        shop.products[item.product], shop.by_product[item.product] = others, others[0]
    shop.items[made.number] = shop.by_variant[made.variant] = made
    shop.by_sku[made.sku] = shop.by_product[made.product] = made
    shop.item_numbers = sorted(shop.items.keys() - {item.number})
    for level in item.levels.values():
        there = shop.connect(made, level.location, active=level.active)
        there.units.update(level.units)
        del shop.levels[level.number]
    del shop.items[item.number], shop.by_variant[item.variant]
    shop.emit("products/update", made)
    return made


def open_location(place: Location) -> None:
    """Levels stay as they were left: nothing is stocked there until it is activated."""
    place.active = True


def close_location(shop: Shop, place: Location, to: Location) -> None:
    """Shopify moves what is there, and what is to be shipped from there, to another location first."""
    if to is place or not to.active:
        raise NotPossible("another active location has to take what is there")
    for order in list(shop.orders.values()):
        for ship in list(order.fulfilment_orders):
            if ship.open and ship.location is place:
                move(shop, ship, to)
    for item in shop.items.values():
        level = item.levels.get(place.number)
        if level is None or not level.active:
            continue
        if units := level.units["available"]:
            shop.shift(item, place, available=-units)
            shop.shift(item, to, available=units)
        level.active = False
    place.active = False
