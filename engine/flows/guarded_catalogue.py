"""Products of both neighbours behind their gates; None where a neighbour has none to offer."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime

from engine.flows.guarded import Gates
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
from engine.model.remit import Deed, Licence, Subject
from engine.ports import BackOffice, Storefront
from engine.products.guard import AllowedPrice, AllowedWrite, Birth, BornVariant
from engine.products.ports import OfficeCatalogue, ShopCatalogue


class GuardedShopCatalogue:
    """The variants of a shop behind gates."""

    def __init__(self, shop: ShopCatalogue, gates: Gates, licence: Licence) -> None:
        self._shop, self._licence = shop, licence
        self._read, self._write, self._pages = gates.read.call, gates.write.call, gates.pages

    def variants(self) -> AsyncIterator[tuple[ShopVariant, ...]]:
        return self._pages(self._shop.variants())

    async def read_variants(self, ids: Collection[VariantId]) -> tuple[ShopVariant, ...]:
        return await self._read(lambda: self._shop.read_variants(ids))

    async def variants_changed(self, since: datetime) -> tuple[VariantId, ...]:
        return await self._read(lambda: self._shop.variants_changed(since))

    async def write_variants(self, writes: Sequence[AllowedWrite]) -> tuple[VariantRefusal, ...]:
        self._licence.check([Deed("fields of products", frozenset({Subject.PRODUCTS}))])
        return await self._write(lambda: self._shop.write_variants(writes))

    async def read_prices(self, markets: Collection[str], variants: Collection[VariantId]) -> ShopPrices:
        return await self._read(lambda: self._shop.read_prices(markets, variants))

    async def write_prices(self, writes: Sequence[AllowedPrice]) -> tuple[VariantRefusal, ...]:
        self._licence.check([Deed("prices of markets", frozenset({Subject.PRODUCTS}))])
        return await self._write(lambda: self._shop.write_prices(writes))

    async def variants_named(self, sku: Sku) -> tuple[ShopVariant, ...]:
        return await self._read(lambda: self._shop.variants_named(sku))

    async def draft_at(self, handle: str) -> Draft | None:
        return await self._read(lambda: self._shop.draft_at(handle))

    async def make_draft(self, birth: Birth) -> bool:
        self._licence.check([Deed("new products", frozenset({Subject.PRODUCTS}))])
        return await self._write(lambda: self._shop.make_draft(birth))

    async def product_now(self, product: ProductId) -> ProductNow | None:
        return await self._read(lambda: self._shop.product_now(product))

    async def make_variant(self, birth: BornVariant) -> bool:
        self._licence.check([Deed("new variants", frozenset({Subject.PRODUCTS}))])
        return await self._write(lambda: self._shop.make_variant(birth))


class GuardedOfficeCatalogue:
    """The articles of a back office behind gates."""

    def __init__(self, office: OfficeCatalogue, gates: Gates) -> None:
        self._office = office
        self._read, self._pages = gates.read.call, gates.pages

    def articles(self) -> AsyncIterator[tuple[OfficeProduct, ...]]:
        return self._pages(self._office.articles())

    async def read_articles(self, skus: Collection[Sku]) -> Mapping[Sku, OfficeProduct]:
        return await self._read(lambda: self._office.read_articles(skus))

    async def articles_changed(self, cursor: str | None) -> ProductChanges:
        return await self._read(lambda: self._office.articles_changed(cursor))


def shop_catalogue(shop: Storefront, gates: Gates, licence: Licence) -> GuardedShopCatalogue | None:
    """The shop's variants, where it lets them be read and written."""
    return GuardedShopCatalogue(shop, gates, licence) if isinstance(shop, ShopCatalogue) else None


def office_catalogue(office: BackOffice, gates: Gates) -> GuardedOfficeCatalogue | None:
    """The back office's articles, where it tells any field of them."""
    able = isinstance(office, OfficeCatalogue) and bool(office.capabilities.reads)
    return GuardedOfficeCatalogue(office, gates) if able and isinstance(office, OfficeCatalogue) else None
