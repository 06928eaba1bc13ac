"""A Shopify shop as the engine sees it."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from math import inf

import httpx

from adapters.limits import Pacer
from adapters.shopify import acts, bulk, drafts, levels, orders, products
from adapters.shopify.client import ShopifyClient
from adapters.shopify.errors import read_user_errors, user_failure
from adapters.shopify.price_lists import PriceLists
from adapters.shopify.wire import JsonObject, line, next_cursor, place, reading, whole
from engine.model.clock import Clock
from engine.model.ids import ItemId, LocationId, OrderId, Sku
from engine.model.order import Order
from engine.model.product import (
    Draft,
    ProductId,
    ProductNow,
    ShopPrices,
    ShopVariant,
    VariantId,
    VariantRefusal,
)
from engine.model.sale import Parcel
from engine.model.stock import LevelRefusal, LevelWrite, ShopLevel
from engine.ports import Allowed, OrderStub, Place, Subscription
from engine.products.guard import AllowedPrice, AllowedWrite, Birth, BornVariant

LARGE = 5000
"""Items from which an export is used: twenty pages of the listing, some 5,000 points."""


class ShopifyStorefront:
    """Implements `engine.ports.Storefront` over the Admin GraphQL API."""

    def __init__(
        self,
        url: str,
        *,
        api_version: str,
        token: str | None,
        client_id: str | None = None,
        client_secret: str | None = None,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
        pace: Pacer | None = None,
        facts: bool = False,
    ) -> None:
        """`pace`: the allowance where several callers share it; one of its own when left out.

        `facts`: variants are read with what metafields of ours hold of supplier, purchase and cost, which costs more.
        """
        self._facts = facts
        self._clock = clock
        self._client = ShopifyClient(
            url,
            api_version=api_version,
            token=token,
            client_id=client_id,
            client_secret=client_secret,
            clock=clock,
            transport=transport,
            pace=pace,
        )
        self._price_lists = PriceLists(self._client, clock)

    def allowed(self) -> Allowed:
        """Points of query cost that are left."""
        return self._client.allowed()

    async def scopes(self) -> frozenset[str]:
        """Access scopes the token carries; also the moment to notice that our API version is retired."""
        data = await self._client.read("scopes", cost=3.0)
        self._client.require_version()
        with reading("access scopes"):
            return frozenset(
                line(scope["handle"]) for scope in data["currentAppInstallation"]["accessScopes"]
            )

    @property
    def dated(self) -> datetime | None:
        """The Date header of the last answer (RFC 9110 §6.6.1); None where a proxy withholds it."""
        return self._client.dated

    async def now(self) -> datetime:
        """The time by the shop's clock, to the second (the Date header, RFC 9110 §6.6.1); ours where it is withheld."""
        await self.scopes()
        return self._client.dated or self._clock.now()

    async def locations(self) -> tuple[Place, ...]:
        """All locations, inactive ones and those of fulfilment services too."""
        nodes = await self._listing("locations", "locations")
        with reading("locations"):
            return tuple(place(node) for node in nodes)

    def levels(self) -> AsyncIterator[tuple[ShopLevel, ...]]:
        """Every inventory level of the shop, page by page."""
        return levels.all_levels(self._client)

    async def is_large(self) -> bool:
        """Whether an export of all levels is cheaper than reading them page by page."""
        data = await self._client.read("items_count", cost=10.0)
        with reading("the number of items"):
            return whole(data["productVariantsCount"]["count"]) >= LARGE

    def export_levels(self) -> AsyncIterator[tuple[ShopLevel, ...]]:
        """Every inventory level as of some moment after the call, by one bulk operation."""
        return bulk.bulk_levels(self._client, self._clock)

    async def read_levels(
        self, items: Collection[ItemId], locations: Collection[LocationId]
    ) -> tuple[ShopLevel, ...]:
        """Levels of these items at these locations, fresh."""
        return await levels.read_levels(self._client, items, locations)

    async def set_on_hand(
        self, writes: Sequence[LevelWrite], *, key: str, until: float = inf
    ) -> tuple[LevelRefusal, ...]:
        """Compare-and-swap on_hand of up to 250 levels, all or nothing; NotNow once it is later than `until`."""
        return await acts.set_on_hand(self._client, writes, key, until)

    async def activate(self, item: ItemId, location: LocationId, *, key: str) -> None:
        """Stock an item at a location, with zero on hand."""
        await acts.activate(self._client, item, location, key)

    async def read_order(self, order: OrderId) -> Order | None:
        """The whole order by id; None when it does not exist."""
        return await orders.read_order(self._client, order)

    async def orders_changed(self, since: datetime) -> tuple[OrderStub, ...]:
        """Every order whose updated_at is at or after `since`."""
        return await orders.orders_changed(self._client, since)

    async def orders_named(self, name: str) -> tuple[OrderId, ...]:
        """Ids of the orders of this name, a shop's own prefix and suffix included."""
        return await orders.orders_named(self._client, name)

    async def fulfil(
        self,
        order: OrderId,
        fulfilment_order: str,
        lines: Mapping[str, int],
        parcels: Sequence[Parcel] = (),
        *,
        key: str,
    ) -> None:
        """Tell the shop that these units of a fulfilment order have left, and in which parcels.

        Shopify keeps no idempotency key here: after an unknown outcome, read the order before asking again.
        """
        await acts.fulfil(self._client, order, fulfilment_order, lines, parcels)

    async def track(self, fulfilment: str, parcels: Sequence[Parcel]) -> None:
        """Tell the shop by which numbers a fulfilment is tracked: these, and no others."""
        await acts.track(self._client, fulfilment, parcels)

    async def move_fulfilment_order(
        self, fulfilment_order: str, location: LocationId, lines: Mapping[str, int], *, key: str
    ) -> None:
        """Let these units of a fulfilment order leave from another location.

        Shopify keeps no idempotency key here either: after an unknown outcome, read the order before asking again.
        """
        await acts.move_fulfilment_order(self._client, fulfilment_order, location, lines)

    async def cancel_order(self, order: OrderId, *, key: str) -> None:
        """Cancel an unfulfilled order with restock and refund to the buyer."""
        await acts.cancel_order(self._client, order, key, self._clock)

    def variants(self) -> AsyncIterator[tuple[ShopVariant, ...]]:
        """Every variant of the shop, page by page."""
        return products.all_variants(self._client, facts=self._facts)

    async def read_variants(self, ids: Collection[VariantId]) -> tuple[ShopVariant, ...]:
        """These variants as they are now."""
        return await products.read_variants(self._client, ids, facts=self._facts)

    async def variants_changed(self, since: datetime) -> tuple[VariantId, ...]:
        """Variants whose updated_at is at or after `since`."""
        return await products.variants_changed(self._client, since)

    async def write_variants(self, writes: Sequence[AllowedWrite]) -> tuple[VariantRefusal, ...]:
        """Write up to 250 variants of one product, all or nothing."""
        return await products.write_variants(self._client, writes)

    async def read_prices(self, markets: Collection[str], variants: Collection[VariantId]) -> ShopPrices:
        """Fixed prices of these variants in the price lists of these markets, as they are now."""
        return await self._price_lists.read(markets, variants)

    async def write_prices(self, writes: Sequence[AllowedPrice]) -> tuple[VariantRefusal, ...]:
        """Write up to 250 fixed prices of one market."""
        return await self._price_lists.write(writes)

    async def variants_named(self, sku: Sku) -> tuple[ShopVariant, ...]:
        """Variants that bear this very SKU, as far as the search knows of them by now."""
        return await drafts.variants_named(self._client, sku)

    async def draft_at(self, handle: str) -> Draft | None:
        """The product at a handle, as it is at this moment."""
        return await drafts.draft_at(self._client, handle)

    async def make_draft(self, birth: Birth) -> bool:
        """Make a product with the status DRAFT; False where a product has the handle already."""
        return await drafts.make_draft(self._client, birth)

    async def product_now(self, product: ProductId) -> ProductNow | None:
        """A product with all its variants as they are at this moment; None where it is gone."""
        return await drafts.product_now(self._client, product)

    async def make_variant(self, birth: BornVariant) -> bool:
        """Make a variant; False where the product has one with these options already."""
        return await drafts.make_variant(self._client, birth)

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Webhook subscriptions of this app."""
        nodes = await self._listing("subscriptions", "webhookSubscriptions")
        with reading("subscriptions"):
            return tuple(
                Subscription(line(node["id"]), line(node["topic"]), line(node["uri"])) for node in nodes
            )

    async def subscribe(self, topic: str, uri: str) -> None:
        """Create a webhook subscription; an equal one that exists is success."""
        payload = await self._client.write(
            "subscribe",
            "webhookSubscriptionCreate",
            {"topic": topic, "subscription": {"uri": uri, "format": "JSON"}},
        )
        errors = read_user_errors(payload)
        if errors and not all("already been taken" in error.message for error in errors):
            raise user_failure(errors)

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def _listing(self, name: str, root: str) -> list[JsonObject]:
        nodes: list[JsonObject] = []
        after: str | None = None
        while True:
            data = await self._client.read(name, {"after": after}, cost=15.0)
            with reading(root):
                nodes += data[root]["nodes"]
                after = next_cursor(data[root]["pageInfo"])
            if after is None:
                return nodes
