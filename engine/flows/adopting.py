"""What could be adopted on a connection, and both sides of what is: read, compared, and nothing written anywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.flows.market_prices import amiss, with_prices
from engine.flows.product_looking import UNREAD, look
from engine.flows.site import Site
from engine.model.compared import Compared, result_of
from engine.model.failure import Refused
from engine.model.ids import Sku
from engine.model.product import OfficeProduct, ShopPrices, VariantId
from engine.products.deciding import Act, Memory, decide
from engine.products.fields import parts, shown
from engine.products.guard import kept_from, scope_of
from engine.products.matching import How, Match, folded, match
from engine.store.product_rows import FieldSeen, Link
from engine.store.queries.products import adopted_variants, links


async def proposals(site: Site) -> tuple[Match, ...]:
    """A proposal for every variant that is not adopted yet, then the articles without one. Raises Failure."""
    told(site)
    assert site.articles is not None and site.variants is not None, "both sides tell their products"
    variants = [each async for page in site.variants.variants() for each in page]
    articles = [each async for page in site.articles.articles() for each in page]
    skus, ids = await site.store.read(adopted_variants, site.name)
    return match(
        (each for each in variants if each.id not in ids), (each for each in articles if each.sku not in skus)
    )


async def lacking(site: Site) -> tuple[OfficeProduct, ...]:
    """Articles on sale that nothing in the shop answers to; of all others only names are kept. Raises Failure."""
    told(site)
    assert site.articles is not None and site.variants is not None, "both sides tell their products"
    skus, ids = await site.store.read(adopted_variants, site.name)
    theirs, coded = set[str](), list[tuple[str, str]]()
    async for variants in site.variants.variants():
        for variant in variants:
            if variant.id not in ids:
                theirs.add(folded(variant.sku))
                coded.append((folded(variant.sku), shown(variant.values.get("barcode"))))
    ours, found = set[str](), list[OfficeProduct]()
    async for page in site.articles.articles():
        fresh = [each for each in page if each.sku not in skus]
        ours |= {folded(each.sku) for each in fresh}
        found += [each for each in fresh if not each.discontinued and folded(each.sku) not in theirs]
    # a barcode counts where the SKU says nothing, as in `match`
    codes = {code for name, code in coded if code and name not in ours}
    return tuple(each for each in found if shown(each.values.get("barcode")) not in codes)


async def chosen(site: Site, pairs: Mapping[Sku, VariantId]) -> tuple[Match, ...]:
    """These very pairs, as a person named them. Raises Failure; Refused when a side is not there or adopted already."""
    told(site)
    assert site.articles is not None and site.variants is not None, "both sides tell their products"
    skus, ids = await site.store.read(adopted_variants, site.name)
    articles = await site.articles.read_articles(set(pairs))
    variants = {each.id: each for each in await site.variants.read_variants(set(pairs.values()))}
    for sku, variant in pairs.items():
        for known, taken, what in (
            (sku in articles, sku in skus, f"article {sku}"), (variant in variants, variant in ids, f"variant {variant}")
        ):  # fmt: skip
            if taken or not known:
                raise Refused(
                    f"The {what} " + ("is adopted already" if taken else "is not there"),
                    "Release it first: trueup product release"
                    if taken
                    else "Look at trueup product adopt for what is",
                    code="products.pair",
                )
    if len(set(pairs.values())) < len(pairs):
        raise Refused(
            "Two articles are paired with one variant", "Pair each with another", code="products.pair"
        )
    return tuple(
        Match(How.CHOSEN, variants[variant], articles[sku], "this very pair")
        for sku, variant in pairs.items()
    )


def would_write(site: Site, found: Match) -> dict[str, tuple[str, str]]:
    """What adopting a match would write at once: field → (the shop's value, the back office's).

    Of prices of markets only where `priced` read them before.
    """
    if found.variant is None or found.article is None:
        return {}
    scope, changes = scope_of(site.name, found.variant), {}
    for name, shop in found.variant.values.items():
        rule, office = site.ownership.rule_for(name, scope), found.article.values.get(name)
        told = name in found.article.values
        if told and decide(name, rule, Memory(), office, shop).act is Act.WRITE:
            changes[name] = shown(shop), shown(office)
    for market in site.ownership.markets(site.name):
        of = {name: found.article.values[name] for name in changes if parts(name)[1] == market}
        if of and kept_from(site.ownership, scope, market, of, found.variant.values):
            changes = {name: each for name, each in changes.items() if name not in of}
    return changes


async def priced(site: Site, found: Sequence[Match]) -> tuple[Match, ...]:
    """The same with what the price lists have, where rules speak of markets. Raises Failure."""
    markets = site.ownership.markets(site.name)
    ids = {each.variant.id for each in found if each.variant is not None and each.article is not None}
    if not markets or not ids or site.variants is None:
        return tuple(found)
    prices = await site.variants.read_prices(markets, ids)
    return tuple(
        each
        if each.variant is None or each.article is None
        else replace(each, variant=with_prices(each.variant, _usable(markets, each.article, prices), prices))
        for each in found
    )


def _usable(markets: Sequence[str], article: OfficeProduct, prices: ShopPrices) -> list[str]:
    return [market for market in markets if not amiss(market, article, prices)]


def link(found: Match) -> Link:
    """A confirmed match as it is kept; ValueError when one side is missing."""
    variant, article = found.pair
    return Link(article.sku, variant.id, variant.product, variant.item, article.id, variant.title)


async def compared(site: Site, sku: str) -> list[Compared]:
    """Every field of an adopted product as both sides have it now; empty when it is not adopted. Raises Failure."""
    told(site)
    kept = await site.store.read(links, site.name, [sku])
    if not kept:
        return []
    looks, gone = await look(site, kept, {})
    if gone:
        raise gone[0][1]
    one = looks[0]
    sends = [*((one.write,) if one.write else ()), *one.prices]
    written = {name for send in sends for name in send.values}
    return [
        _compared(name, seen, shown(one.variant.values[name]), to_write=name in written)
        for name, seen in one.looked.fields.items()
    ]


def _compared(name: str, seen: FieldSeen, shop: str, *, to_write: bool) -> Compared:
    wrong = seen.state in ("invalid", UNREAD)
    office = seen.note if wrong else shown(seen.office)
    if wrong:
        result = "invalid"
    elif to_write and office != shop:
        result = "differs, due to be written"
    else:
        result = result_of(office, shop, by_rule=seen.state == Act.LEFT)
    return Compared(name, office, shop, seen.rule, result)


def told(site: Site) -> None:
    """Refused where one side has no products to offer."""
    if site.articles is None or site.variants is None:
        raise Refused(
            "The back office tells nothing of its products",
            "Let it tell its fields: docs/products.md says how for each back office",
            code="products.not_told",
        )
