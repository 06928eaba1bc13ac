"""What each side says of a product's fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NewType

from engine.model.ids import ItemId, Sku

ProductId = NewType("ProductId", str)
"""Shopify product, a GID."""

VariantId = NewType("VariantId", str)
"""Shopify product variant, a GID."""

Value = Decimal | str | bool | int | None
"""One field: money and weights are Decimal, weights in grams; counts and days are int; None: no value there."""


@dataclass(frozen=True, slots=True)
class OfficeProduct:
    """One article as the back office has it."""

    sku: Sku
    values: Mapping[str, Value]
    """By field name; a field the back office cannot read is missing, one without a value is None."""
    invalid: Mapping[str, str] = field(default_factory=dict)
    """Fields whose content is none that the field can hold, with the reason."""
    discontinued: bool = False
    """The back office does not sell it any more."""
    title: str = ""
    id: str = ""
    """The back office's own id, which stays when the SKU is renamed; empty where there is none."""
    currencies: Mapping[str, str] = field(default_factory=dict)
    """By market, the currency of its prices."""
    variant_of: str = ""
    """SKU of the article to whose product this one belongs; empty where it is a product of its own, or nobody says."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What tells it from the other variants: value by the option's name."""


@dataclass(frozen=True, slots=True)
class ShopVariant:
    """One variant of the shop with its inventory item, as just read."""

    id: VariantId
    product: ProductId
    item: ItemId
    sku: Sku
    """Trimmed; empty when the variant has none."""
    title: str
    product_type: str
    tags: frozenset[str]
    values: Mapping[str, Value]
    updated_at: datetime
    """When variant or product last changed; what happens to the inventory item alone may not move it."""


@dataclass(frozen=True, slots=True)
class ShopPrices:
    """Fixed prices of markets, as just read from their price lists."""

    values: Mapping[VariantId, Mapping[str, Value]] = field(default_factory=dict)
    """By field name; a variant without a fixed price in a list has no value there and is missing here."""
    currencies: Mapping[str, str] = field(default_factory=dict)
    """By market, the currency of its price list."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Markets that have no price list of their own to read or to write, with the reason."""


@dataclass(frozen=True, slots=True)
class ProductNow:
    """A product with all its variants, as just read."""

    draft: bool
    """Its status is DRAFT: no buyer sees it."""
    variants: tuple[ShopVariant, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A product that TrueUp made of an article, as just read."""

    article: str
    """SKU of the article it was made of, as the product itself says; empty where it says none."""
    variants: tuple[ShopVariant, ...]


@dataclass(frozen=True, slots=True)
class VariantRefusal:
    """Why one variant of a call was not written."""

    variant: VariantId | None
    """None: the complaint names no variant, the whole call was declined."""
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ProductChanges:
    """Articles that changed in the back office since a cursor."""

    skus: frozenset[Sku]
    cursor: str
    """Opaque; hand it back next time. Advance it only after the changes are stored."""
