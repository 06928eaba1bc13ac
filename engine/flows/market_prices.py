"""Prices of markets in a look at a variant: what cannot be used, and what goes into which price list."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.model.currencies import DIGITS
from engine.model.product import OfficeProduct, ShopPrices, ShopVariant, Value
from engine.products.fields import MARKETED, at_market, parts
from engine.products.guard import AllowedPrice, allow_price, kept_from, scope_of
from engine.products.ownership import Ownership


@dataclass(frozen=True, slots=True)
class MarketWrites:
    """What is to be written of one variant, by where it goes."""

    own: Mapping[str, Value]
    """Fields of the variant itself."""
    prices: tuple[AllowedPrice, ...]
    held: Mapping[str, str]
    """Fields that were decided to be written and cannot be, with the reason."""


def with_prices(variant: ShopVariant, markets: Collection[str], prices: ShopPrices) -> ShopVariant:
    """The variant with the fields of these markets, as far as their price lists have them."""
    if not markets:
        return variant
    none = {at_market(name, market): None for market in markets for name in MARKETED}
    held = {name: value for name, value in prices.values.get(variant.id, {}).items() if name in none}
    return replace(variant, values={**variant.values, **none, **held})


def amiss(market: str, article: OfficeProduct, prices: ShopPrices) -> str:
    """Why no price of a market can be compared; empty where they can."""
    if market in prices.missing:
        return prices.missing[market]
    told, held = article.currencies.get(market, ""), prices.currencies.get(market, "")
    if told != held:
        return f"The back office tells the prices of {market} in {told or 'no currency'}, its price list is in {held}."
    return ""


def unusable(name: str, office: Value, prices: ShopPrices) -> str:
    """Why the price list cannot hold what the back office tells; empty where it can, and for a field of no market."""
    _, market = parts(name)
    currency = prices.currencies.get(market, "")
    digits = DIGITS.get(currency, 2)
    if market and isinstance(office, Decimal) and office != office.quantize(Decimal(1).scaleb(-digits)):
        return f"{name} has more digits behind the point than {currency} has."
    return ""


def market_writes(
    rules: Ownership, shop: str, variant: ShopVariant, prices: ShopPrices, changes: Mapping[str, Value]
) -> MarketWrites:
    """These changes by where they are written."""
    own: dict[str, Value] = {}
    markets: dict[str, dict[str, Value]] = {}
    for name, value in changes.items():
        _, market = parts(name)
        (markets.setdefault(market, {}) if market else own)[name] = value
    found: list[AllowedPrice] = []
    held: dict[str, str] = {}
    for market, new in sorted(markets.items()):
        if why := kept_from(rules, scope_of(shop, variant), market, new, variant.values):
            held |= dict.fromkeys(new, why)
        else:
            found.append(allow_price(rules, shop, variant, market, prices.currencies[market], new))
    return MarketWrites(own, tuple(found), held)
