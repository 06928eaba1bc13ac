"""What the product flows ask of both neighbours, where they can do it."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from engine.model.ids import Sku
from engine.model.product import (
    Draft,
    OfficeProduct,
    ProductChanges,
    ProductId,
    ProductNow,
    ShopPrices,
    ShopVariant,
    VariantId,
    VariantRefusal,
)
from engine.products.guard import AllowedPrice, AllowedWrite, Birth, BornVariant


@runtime_checkable
class ShopCatalogue(Protocol):
    """A storefront whose variants can be read and written."""

    def variants(self) -> AsyncIterator[tuple[ShopVariant, ...]]:
        """Every variant of the shop, page by page."""
        ...

    async def read_variants(self, ids: Collection[VariantId]) -> tuple[ShopVariant, ...]:
        """These variants as they are now; those that are gone are left out."""
        ...

    async def variants_changed(self, since: datetime) -> tuple[VariantId, ...]:
        """Variants that changed at or after `since`; all pages."""
        ...

    async def write_variants(self, writes: Sequence[AllowedWrite]) -> tuple[VariantRefusal, ...]:
        """Write up to 250 variants of one product, all or nothing; a target, so said twice it changes nothing.

        An empty answer means all were written, a non-empty one that none was.
        """
        ...

    async def read_prices(self, markets: Collection[str], variants: Collection[VariantId]) -> ShopPrices:
        """Fixed prices of these variants in the price lists of these markets, as they are now."""
        ...

    async def write_prices(self, writes: Sequence[AllowedPrice]) -> tuple[VariantRefusal, ...]:
        """Write up to 250 fixed prices of one market, or take as many out; a target, so said twice it changes nothing.

        An empty answer means all were written; a non-empty one names who is to blame, and the others are said again.
        """
        ...

    async def variants_named(self, sku: Sku) -> tuple[ShopVariant, ...]:
        """Variants that bear this very SKU, as far as the shop's search knows of them by now."""
        ...

    async def draft_at(self, handle: str) -> Draft | None:
        """The product at a handle, as it is at this moment; None where there is none."""
        ...

    async def make_draft(self, birth: Birth) -> bool:
        """Make a product with the status DRAFT; False where a product has the handle, and then none is made."""
        ...

    async def product_now(self, product: ProductId) -> ProductNow | None:
        """A product with all its variants as they are at this moment; None where it is gone."""
        ...

    async def make_variant(self, birth: BornVariant) -> bool:
        """Make a variant; False where the product has one with these options, and then none is made."""
        ...


@runtime_checkable
class OfficeCatalogue(Protocol):
    """A back office whose articles can be read; which of their fields, its `Capabilities.reads` says."""

    def articles(self) -> AsyncIterator[tuple[OfficeProduct, ...]]:
        """Every article that is or was sold, page by page."""
        ...

    async def read_articles(self, skus: Collection[Sku]) -> Mapping[Sku, OfficeProduct]:
        """These articles as they are now; unknown SKUs are left out."""
        ...

    async def articles_changed(self, cursor: str | None) -> ProductChanges:
        """Articles that changed since the cursor, at most one page; without one, where to begin from."""
        ...
