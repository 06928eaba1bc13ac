"""The only door to a write of a product: what is handed on here names no field that its rules do not allow.

Adapters build mutation inputs from an `AllowedWrite` and from nothing else, and nobody but `allow` can make one.
"""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from types import MappingProxyType

from engine.model.failure import Refused
from engine.model.ids import ItemId
from engine.model.product import ProductId, ShopVariant, Value, VariantId
from engine.products.fields import FIELDS
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


def scope_of(shop: str, variant: ShopVariant) -> Scope:
    """The case of the rules that a variant is."""
    return Scope(shop, variant.product_type, variant.tags)


def writable(rules: Ownership, field: str, scope: Scope) -> bool:
    """TrueUp has an operation for the field, and the back office may write it there."""
    known = FIELDS.get(field)
    return known is not None and known.written and rules.may_write(field, scope)


def allow(rules: Ownership, shop: str, variant: ShopVariant, changes: Mapping[str, Value]) -> AllowedWrite:
    """These changes as something that can be sent; Refused when one of them is not ours to write."""
    scope = scope_of(shop, variant)
    for field in sorted(changes):
        if not writable(rules, field, scope):
            raise Refused(
                f"The field {field} of {variant.sku or variant.title} is not the back office's to write",
                f"Nothing was sent; the rule there is: {rules.rule_for(field, scope).text}",
                code="products.not_owned",
            )
    return AllowedWrite(
        variant.id, variant.product, variant.item, MappingProxyType(dict(changes)), seal=_SEAL
    )
