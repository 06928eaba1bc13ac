"""The only door to a write of a product: what is handed on here names no field that its rules do not allow.

Adapters build mutation inputs from an `AllowedWrite` or an `AllowedPrice` and from nothing else, and nobody but `allow`
and `allow_price` can make one; what is made anew is built from a `Birth`, which only `born` makes.
"""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from decimal import Decimal
from hashlib import sha256
from types import MappingProxyType

from engine.model.failure import Refused
from engine.model.ids import ItemId, Sku
from engine.model.product import OfficeProduct, ProductId, ShopVariant, Value, VariantId
from engine.products.fields import Home, at_market, field_of
from engine.products.ownership import Ownership, Scope

_SEAL = object()
"""Never leaves this module."""


@dataclass(frozen=True, slots=True)
class AllowedWrite:
    """New values of fields of one variant, each of which the back office may write there."""

    variant: VariantId
    product: ProductId
    item: ItemId
    values: Mapping[str, Value]
    """Cannot be changed any more."""
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        """Raise TypeError unless `allow` made it."""
        if seal is not _SEAL:
            raise TypeError("only engine.products.guard.allow makes an AllowedWrite")


@dataclass(frozen=True, slots=True)
class AllowedPrice:
    """A fixed price of one variant in the price list of one market, whole, as Shopify replaces it."""

    variant: VariantId
    market: str
    currency: str
    price: Decimal | None
    """None: it is taken out of the list, and the variant costs there what follows from the shop's own price."""
    compare_at: Decimal | None
    values: Mapping[str, Value]
    """What of it is new, by field name; the rest is as the shop has it. Cannot be changed any more."""
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        """Raise TypeError unless `allow_price` made it."""
        if seal is not _SEAL:
            raise TypeError("only engine.products.guard.allow_price makes an AllowedPrice")


@dataclass(frozen=True, slots=True)
class Birth:
    """A product that is to be made as a draft: all it is born with. Its status is DRAFT, whoever asks."""

    article: Sku
    title: str
    """Shopify makes no product without one; from then on it is the storefront's."""
    handle: str
    """By which it is found again, so that it is made once; from then on it is the storefront's."""
    options: Mapping[str, str]
    """Value by name of the options that its one variant is told by; empty for a product without any."""
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        """Raise TypeError unless `born` made it."""
        if seal is not _SEAL:
            raise TypeError("only engine.products.guard.born makes a Birth")


@dataclass(frozen=True, slots=True)
class BornVariant:
    """A variant that is to be made of an article, in a product that is a draft: all it is born with."""

    product: ProductId
    sku: Sku
    options: Mapping[str, str]
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        """Raise TypeError unless `born_into` made it."""
        if seal is not _SEAL:
            raise TypeError("only engine.products.guard.born_into makes a BornVariant")


def scope_of(shop: str, variant: ShopVariant) -> Scope:
    """The case of the rules that a variant is."""
    return Scope(shop, variant.product_type, variant.tags)


def writable(rules: Ownership, field: str, scope: Scope) -> bool:
    """TrueUp has an operation for the field, and the back office may write it there."""
    known = field_of(field)
    return known is not None and known.written and rules.may_write(field, scope)


def allow(rules: Ownership, shop: str, variant: ShopVariant, changes: Mapping[str, Value]) -> AllowedWrite:
    """These changes as something that can be sent; Refused when one of them is not ours to write."""
    scope = scope_of(shop, variant)
    for field in sorted(changes):
        known = field_of(field)
        if not writable(rules, field, scope) or (known is not None and known.home is Home.PRICE_LIST):
            raise _not_owned(rules, field, variant, scope)
    return AllowedWrite(
        variant.id, variant.product, variant.item, MappingProxyType(dict(changes)), seal=_SEAL
    )


def kept_from(
    rules: Ownership, scope: Scope, market: str, changes: Mapping[str, Value], shop: Mapping[str, Value]
) -> str:
    """Why these changes cannot go into a market's price list; empty when they can.

    Shopify replaces a fixed price whole (`priceListFixedPricesAdd`, 2026-10): with one of its two amounts the other is
    sent as the shop has it, which is only done where that one is the back office's too.
    """
    price, compare_at = at_market("price", market), at_market("compare_at_price", market)
    if price not in changes and shop.get(price) is None:
        return f"{compare_at} waits for a price: the price list has no fixed price of this variant."
    if price in changes and changes[price] is None and {**shop, **changes}.get(compare_at) is not None:
        return (
            f"Without a fixed price the price list keeps no {compare_at}: "
            "take that out of the back office and of the price list too, or give the market a price again."
        )
    for other in (price, compare_at):
        if other not in changes and shop.get(other) is not None and not writable(rules, other, scope):
            return (
                f"Shopify replaces a fixed price whole, and {other} is not the back office's: "
                "give it to the back office too, or take it out of the price list."
            )
    return ""


def allow_price(
    rules: Ownership,
    shop: str,
    variant: ShopVariant,
    market: str,
    currency: str,
    changes: Mapping[str, Value],
) -> AllowedPrice:
    """These changes of a market's prices as something that can be sent; Refused when they are not ours to write.

    `variant.values` holds what the market's price list has, by field name; `currency` is that of the list.
    """
    scope = scope_of(shop, variant)
    price, compare_at = at_market("price", market), at_market("compare_at_price", market)
    for field in sorted(changes):
        if field not in (price, compare_at) or not writable(rules, field, scope):
            raise _not_owned(rules, field, variant, scope)
    if why := kept_from(rules, scope, market, changes, variant.values):
        raise Refused(why, "Nothing was sent", code="products.not_owned")
    whole = {**variant.values, **changes}
    amount, before = whole.get(price), whole.get(compare_at)
    if not isinstance(amount, Decimal | None) or not isinstance(before, Decimal | None):
        raise Refused(
            f"{price} of {variant.sku or variant.title} is no amount",
            "Nothing was sent",
            code="products.no_price",
        )
    return AllowedPrice(
        variant.id, market, currency, amount, before, MappingProxyType(dict(changes)), seal=_SEAL
    )


def _not_owned(rules: Ownership, field: str, variant: ShopVariant, scope: Scope) -> Refused:
    return Refused(
        f"The field {field} of {variant.sku or variant.title} is not the back office's to write",
        f"Nothing was sent; the rule there is: {rules.rule_for(field, scope).text}",
        code="products.not_owned",
    )


def born(rules: Ownership, shop: str, article: OfficeProduct, *, allowed: bool) -> Birth:
    """A product to be made of an article; Refused where the configuration does not let products be made, or not these.

    `allowed`: a rule of the connection lets TrueUp make drafts.
    """
    _may_be_born(rules, Scope(shop), article, allowed=allowed)
    options = MappingProxyType(dict(article.options))
    return Birth(article.sku, article.title or article.sku, handle_of(article.sku), options, seal=_SEAL)


def born_into(
    rules: Ownership, shop: str, article: OfficeProduct, sibling: ShopVariant, *, draft: bool, allowed: bool
) -> BornVariant:
    """A variant to be made of an article; Refused as `born` is, and where its product is no draft: it would be on sale.

    `sibling`: a variant that the product has; `draft`: what the product's status is now.
    """
    _may_be_born(rules, scope_of(shop, sibling), article, allowed=allowed)
    if not draft:
        raise Refused(
            f"The product that {article.sku} belongs to is no draft, so the variant would be on sale at once",
            "Add the variant in Shopify, then adopt it; or make the product a draft and retry",
            code="products.on_sale",
        )
    if not article.options:
        raise Refused(
            f"The back office does not say what tells {article.sku} from the other variants",
            "Let it tell the options (docs/products.md), or add the variant in Shopify and adopt it",
            code="products.no_options",
        )
    return BornVariant(sibling.product, article.sku, MappingProxyType(dict(article.options)), seal=_SEAL)


def _may_be_born(rules: Ownership, scope: Scope, article: OfficeProduct, *, allowed: bool) -> None:
    if not allowed:
        raise Refused(
            "The configuration does not let TrueUp make products",
            'Set new_products = "draft" for this connection, or make the product in Shopify',
            code="products.no_drafts",
        )
    if not writable(rules, "sku", scope):
        raise Refused(
            f"The SKU of {article.sku} is not the back office's to write, so a product made of it could not be told apart",
            "Give sku to the back office in [[ownership.rules]], or make the product in Shopify",
            code="products.not_owned",
        )


def handle_of(sku: str) -> str:
    """The handle of the draft that is made of an article: one for each SKU, and of no other product."""
    plain = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in sku.lower())
    return "-".join([*plain.split(), sha256(sku.encode()).hexdigest()[:10]])
