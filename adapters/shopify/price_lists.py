"""Fixed prices of markets, in the price lists of their catalogues (Admin API 2026-10).

A market's prices are those of the one price list that a catalogue of this market alone has: a fixed price in a list that
several markets share would change what the others pay. `priceListFixedPricesAdd` takes up to 250 prices, each whole:
one without `compareAtPrice` has none from then on. `priceListFixedPricesDelete` takes fixed prices out, up to 250 too:
the variant costs there what follows from the shop's own price. Inputs are built from an `AllowedPrice` and from nothing
else.
Needs the access scopes `read_markets` and `write_products`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.shopify.client import FOR_STOCK_AND_ORDERS, ShopifyClient
from adapters.shopify.errors import UserError, read_user_errors, user_failure
from adapters.shopify.wire import JsonObject, line, next_cursor, reading
from engine.model.clock import Clock
from engine.model.failure import TryLater, sentence
from engine.model.product import ShopPrices, Value, VariantId, VariantRefusal
from engine.products.fields import Invalid, at_market, canonical, market_key, shown
from engine.products.guard import AllowedPrice

BATCH = 250
"""Prices in one mutation, as Shopify bounds every list it is given."""
TOGETHER = 50
"""Variants named in one search: a longer one would say little for its length."""
LISTS = 20
"""Price lists read in one call: each asks for some 20 points of the 1,000 that a query may."""
KNOWN_FOR = 600.0
"""Seconds for which is remembered which market has which list; staff give a market another one once in a while."""
TRANSIENT = frozenset({"SERVICE_UNAVAILABLE", "IDEMPOTENCY_CONCURRENT_REQUEST"})


@dataclass(frozen=True, slots=True)
class PriceListOf:
    """The price list of one market, or why it has none that is its own."""

    id: str = ""
    currency: str = ""
    why: str = ""


class PriceLists:
    """Price lists of one shop."""

    def __init__(self, client: ShopifyClient, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._found: Mapping[str, PriceListOf] = {}
        self._looked = float("-inf")

    async def read(self, markets: Collection[str], variants: Collection[VariantId]) -> ShopPrices:
        """Fixed prices of these variants there; a market is named as `market_key` writes it."""
        found = await self._of(markets)
        lists = {each.id: market for market, each in found.items() if each.id}
        values: dict[VariantId, dict[str, Value]] = {}
        wanted = sorted(set(variants))
        for at in range(0, len(wanted), TOGETHER) if lists else ():
            search = " OR ".join(
                f"variant_id:{each.rsplit('/', 1)[-1]}" for each in wanted[at : at + TOGETHER]
            )
            for few in range(0, len(lists), LISTS):
                asked = {"lists": list(lists)[few : few + LISTS], "variants": search}
                data = await self._client.read("read_prices", asked, cost=100.0, leave=FOR_STOCK_AND_ORDERS)
                with reading("price lists"):
                    self._take(data["nodes"], lists, values)
        return ShopPrices(
            values,
            {market: each.currency for market, each in found.items() if each.id},
            {market: each.why for market, each in found.items() if not each.id},
        )

    def _take(
        self,
        nodes: Sequence[JsonObject | None],
        lists: Mapping[str, str],
        values: dict[VariantId, dict[str, Value]],
    ) -> None:
        known = {each.id: each.currency for each in self._found.values()}
        if not all(node and known[line(node["id"])] == line(node["currency"]) for node in nodes):
            self.forget()
            raise TryLater(
                "A price list of a market is not there any more, or in another currency",
                "TrueUp looks again which one the market has",
                code="products.price_list_gone",
            )
        for node in nodes:
            assert node is not None, "none is missing"
            market = lists[line(node["id"])]
            if node["prices"]["pageInfo"]["hasNextPage"]:
                raise ValueError("more fixed prices than variants that were asked for")
            for price in node["prices"]["nodes"]:
                before = price.get("compareAtPrice")
                raw = {"price": price["price"]["amount"], "compare_at_price": before and before["amount"]}
                of = values.setdefault(VariantId(line(price["variant"]["id"])), {})
                of |= {
                    at_market(name, market): _value(at_market(name, market), each)
                    for name, each in raw.items()
                }

    async def write(self, writes: Sequence[AllowedPrice]) -> tuple[VariantRefusal, ...]:
        """Write fixed prices of one market, or take some out; names the variants to blame when not all of it was done."""
        if not writes:
            return ()
        if len(writes) > BATCH or len({(one.market, one.currency, one.price is None) for one in writes}) > 1:
            raise ValueError(
                "prices of one market, to be written or to be taken out, and at most 250, go into one call"
            )
        market = writes[0].market
        of = (await self._of([market]))[market]
        if not of.id or of.currency != writes[0].currency:
            raise TryLater(
                f"The price list of {market} is another one by now",
                "TrueUp looks again",
                code="products.price_list_gone",
            )
        errors = read_user_errors(await self._said(of.id, writes))
        if passing := [error for error in errors if error.code in TRANSIENT]:
            raise user_failure(passing)
        if any(error.code in ("PRICE_LIST_NOT_FOUND", "PRICE_LIST_CURRENCY_MISMATCH") for error in errors):
            self.forget()
        if any(error.code == "PRICE_NOT_FIXED" for error in errors):
            raise TryLater(
                f"A fixed price that was to be taken out of the price list of {market} is not there any more",
                "TrueUp looks at these products again",
                code="products.price_not_fixed",
            )
        return tuple(
            VariantRefusal(_blamed(error, writes), error.code or "user_error", sentence(error.message))
            for error in errors
        )

    async def _said(self, prices: str, writes: Sequence[AllowedPrice]) -> JsonObject:
        """The payload of the mutation that writes these, or takes them out."""
        if writes[0].price is None:
            name, root = "remove_prices", "priceListFixedPricesDelete"
            given: dict[str, Any] = {"list": prices, "variants": [write.variant for write in writes]}
        else:
            name, root = "add_prices", "priceListFixedPricesAdd"
            given = {"list": prices, "prices": [price_input(write) for write in writes]}
        return await self._client.write(name, root, given, leave=FOR_STOCK_AND_ORDERS)

    def forget(self) -> None:
        """What is known of the lists has turned out to be old."""
        self._looked = float("-inf")

    async def _of(self, markets: Collection[str]) -> Mapping[str, PriceListOf]:
        if self._clock.monotonic() - self._looked >= KNOWN_FOR:
            self._found = await self._look()
            self._looked = self._clock.monotonic()
        none = PriceListOf(why="no market of this name or handle has an active catalogue with a price list")
        return {
            each: PriceListOf(why=f"Of {each} no price can be written: {found.why}.") if found.why else found
            for each in markets
            for found in [self._found.get(each, none)]
        }

    async def _look(self) -> Mapping[str, PriceListOf]:
        """Every market by name and by handle."""
        found: dict[str, list[PriceListOf]] = {}
        after: str | None = None
        while True:
            data = await self._client.read(
                "market_lists", {"after": after}, cost=100.0, leave=FOR_STOCK_AND_ORDERS
            )
            with reading("catalogues of markets"):
                page = data["catalogs"]
                for node in page["nodes"]:
                    self._add(node, found)
                after = next_cursor(page["pageInfo"])
            if after is None:
                break
        several = PriceListOf(why="it has several price lists, or several markets bear that name")
        return {key: lists[0] if len(lists) == 1 else several for key, lists in found.items()}

    @staticmethod
    def _add(node: JsonObject, found: dict[str, list[PriceListOf]]) -> None:
        prices, markets = node.get("priceList"), node.get("markets") or {"nodes": ()}
        if prices is None or node["status"] != "ACTIVE":
            return
        alone = len(markets["nodes"]) == 1 and not markets["pageInfo"]["hasNextPage"]
        shared = PriceListOf(
            why="it shares its price list with other markets; give it a catalogue of its own"
        )
        own = PriceListOf(line(prices["id"]), line(prices["currency"]))
        for market in markets["nodes"]:
            for key in {market_key(line(market["name"])), market_key(line(market["handle"]))}:
                found.setdefault(key, []).append(own if alone else shared)


def price_input(write: AllowedPrice) -> dict[str, Any]:
    """PriceListPriceInput of a price; without a compare-at price it has none from then on."""
    given: dict[str, Any] = {
        "variantId": write.variant,
        "price": {"amount": shown(write.price), "currencyCode": write.currency},
    }
    if write.compare_at is not None:
        given["compareAtPrice"] = {"amount": shown(write.compare_at), "currencyCode": write.currency}
    return given


def _blamed(error: UserError, writes: Sequence[AllowedPrice]) -> VariantId | None:
    """The variant that a complaint names by its place in the input; None when it names none."""
    match error.field:
        case ("prices" | "variantIds", index, *_) if (
            index.isascii() and index.isdigit() and int(index) < len(writes)
        ):
            return writes[int(index)].variant
    return writes[0].variant if len(writes) == 1 else None


def _value(name: str, raw: object) -> Value:
    """In the form both sides are compared in; what the shop holds against its own rules stays as it is shown there."""
    try:
        return canonical(name, raw)
    except Invalid:
        return line(raw)
