"""What shoppers see of a product, and what its content team does to it; no app writes here but by name."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.shopify.sandbox.shop import Shop
    from adapters.shopify.sandbox.things import Item


@dataclass(slots=True, eq=False)
class Merchandise:
    """The fields of a product that its variants share."""

    title: str
    handle: str
    description_html: str = ""
    product_type: str = ""
    vendor: str = "Sandbox"
    tags: list[str] = field(default_factory=list)
    seo_title: str = ""
    seo_description: str = ""
    images: list[str] = field(default_factory=list)
    template_suffix: str = ""
    status: str = "ACTIVE"


CONTENT = tuple(Merchandise.__dataclass_fields__)
FACTS = ("price", "compare_at_price", "barcode", "cost", "origin", "customs_code", "tracked", "weight", "sku")


def rewrite(shop: "Shop", item: "Item", content: dict[str, Any]) -> None:
    """The content team edits a product."""
    for name, value in content.items():
        if name not in CONTENT:
            raise KeyError(name)
        setattr(item.shown, name, value)
    touched(shop, item)


def edit(shop: "Shop", item: "Item", facts: dict[str, Any]) -> None:
    """Somebody, or another app, edits fields of a variant; weights in grams."""
    for name, value in facts.items():
        if name not in FACTS:
            raise KeyError(name)
        if name == "sku":
            shop.rename(item, value)
        else:
            put(
                item,
                name,
                Decimal(value) if name in ("price", "compare_at_price", "cost") and value else value,
            )
    touched(shop, item)


def put(item: "Item", name: str, value: Any) -> None:
    """Give a field of a variant a value, however it came."""
    if name == "weight":
        item.weight, item.weight_unit = Decimal(str(value)), "GRAMS"
    else:
        setattr(item, name, value)


def touched(shop: "Shop", *items: "Item") -> None:
    """These variants of one product changed: they are stamped, and one message goes out."""
    for item in items:
        item.updated_at = shop.clock.now()
    shop.emit("products/update", items[0])
