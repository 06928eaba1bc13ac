"""Markets, each with a catalogue of its own, and the fixed prices of their price lists."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.shopify.sandbox.things import Item, gid

if TYPE_CHECKING:
    from adapters.shopify.sandbox.shop import Shop


@dataclass(slots=True, eq=False)
class Market:
    """A group of buyers."""

    number: int
    name: str
    handle: str

    @property
    def gid(self) -> str:
        """Its global id."""
        return gid("Market", self.number)


@dataclass(frozen=True, slots=True)
class FixedPrice:
    """What a price list has of one variant."""

    item: Item
    price: Decimal
    compare_at: Decimal | None = None


@dataclass(slots=True, eq=False)
class PriceList:
    """Prices in one currency; of variants without a fixed one they follow from the shop's own."""

    number: int
    name: str
    currency: str
    rate: Decimal = Decimal(1)
    """Price here of what costs one in the shop's currency."""
    fixed: dict[int, FixedPrice] = field(default_factory=dict)
    """By variant."""

    @property
    def gid(self) -> str:
        """Its global id."""
        return gid("PriceList", self.number)

    def relative(self, item: Item) -> FixedPrice:
        """What a variant costs here without a fixed price."""
        before = item.compare_at_price
        return FixedPrice(
            item, cents(item.price * self.rate), None if before is None else cents(before * self.rate)
        )


@dataclass(slots=True, eq=False)
class Catalogue:
    """Who sees which price list."""

    number: int
    title: str
    markets: list[Market]
    prices: PriceList | None
    status: str = "ACTIVE"

    @property
    def gid(self) -> str:
        """Its global id."""
        return gid("MarketCatalog", self.number)


def open_market(shop: "Shop", asked: dict[str, Any]) -> Catalogue:
    """Staff open a market with a catalogue (`status`) and a price list; without `currency` it has no price list.

    With `of`, the name of another market, it shares that one's catalogue.
    """
    name = str(asked["name"])
    market = Market(shop.next(), name, str(asked.get("handle") or "-".join(name.casefold().split())))
    if "of" in asked:
        shared = next(
            each for each in shop.catalogues.values() if any(m.name == asked["of"] for m in each.markets)
        )
        shared.markets.append(market)
        return shared
    prices = None
    if asked.get("currency"):
        prices = PriceList(
            shop.next(), f"{name} prices", str(asked["currency"]), Decimal(str(asked.get("rate", 1)))
        )
        shop.price_lists[prices.number] = prices
    catalogue = Catalogue(shop.next(), name, [market], prices, str(asked.get("status", "ACTIVE")))
    shop.catalogues[catalogue.number] = catalogue
    return catalogue


def edit_price(shop: "Shop", item: Item, asked: dict[str, Any]) -> None:
    """Staff give a variant a fixed price in a market, or take it away with `price` null."""
    found = next(
        each.prices
        for each in shop.catalogues.values()
        if any(m.name == asked["market"] for m in each.markets)
    )
    if found is None:
        raise KeyError("market")
    if asked.get("price") is None:
        found.fixed.pop(item.variant, None)
        return
    before = asked.get("compare_at_price")
    found.fixed[item.variant] = FixedPrice(
        item, cents(asked["price"]), None if before is None else cents(before)
    )


def fixed_of(shop: "Shop", item: Item) -> dict[str, dict[str, str | None]]:
    """Fixed prices of a variant, by market."""
    return {
        market.name: {
            "price": format(held.price, "f"),
            "compare_at_price": None if held.compare_at is None else format(held.compare_at, "f"),
        }
        for catalogue in shop.catalogues.values()
        for market in catalogue.markets
        if catalogue.prices is not None and (held := catalogue.prices.fixed.get(item.variant)) is not None
    }


def cents(amount: Any) -> Decimal:
    """An amount as Shopify keeps it."""
    return Decimal(str(amount)).quantize(Decimal("0.01"))
