"""Rule sets and variants made for tests."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import strategies as st

from engine.model.ids import ItemId, Sku
from engine.model.product import ProductId, ShopVariant, Value, VariantId
from engine.products.fields import FACTS, FIELDS
from engine.products.ownership import BACK_OFFICE, STOREFRONT, Policy, Rule, ownership

VALUES: dict[str, Value] = {
    "price": Decimal("21.50"), "compare_at_price": Decimal("30.00"), "barcode": "4006381333931", "sku": "MUG-2",
    "cost": Decimal("7.25"), "weight": Decimal("350.00"), "origin": "PT", "customs_code": "69120000", "tracked": False,
    "supplier": "Kiln & Co", "supplier_sku": "K-77", "purchase_price": Decimal("3.0375"), "purchase_currency": "EUR",
    "minimum_order": 12, "lead_days": 21, "landed_cost": Decimal("4.81"),
}  # fmt: skip
"""A value for every field that is written."""
ALL_OURS = ownership(
    [
        Rule(frozenset(FACTS), BACK_OFFICE),
        Rule(frozenset({"price", "compare_at_price"}), BACK_OFFICE, markets=frozenset({"EU"})),
    ]
)
"""Rules that let the back office write every field there is an operation for, and the prices of one market."""


def _some(*names: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(names), max_size=2)


def rules() -> st.SearchStrategy[Rule]:
    """Any rule at all, sound or not."""
    return st.builds(
        Rule, st.frozensets(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=6),
        st.sampled_from([BACK_OFFICE, STOREFRONT, "cms"]), st.sampled_from(list(Policy)),
        _some("main", "outlet"), _some("EU", "US"), _some("Mug", "Cup"), _some("sale", "new"),
    )  # fmt: skip


def rule_sets() -> st.SearchStrategy[list[Rule]]:
    """Any rules together."""
    return st.lists(rules(), max_size=5)


def variant(
    sku: str,
    number: int = 1,
    *,
    product: int = 1,
    product_type: str = "",
    tags: Collection[str] = (),
    values: Mapping[str, Value] | None = None,
) -> ShopVariant:
    """A variant of the shop."""
    return ShopVariant(
        VariantId(f"gid://shopify/ProductVariant/{number}"), ProductId(f"gid://shopify/Product/{product}"),
        ItemId(f"gid://shopify/InventoryItem/{number}"), Sku(sku), f"Article {sku}", product_type, frozenset(tags),
        values or {}, datetime(2026, 11, 1, tzinfo=UTC),
    )  # fmt: skip
