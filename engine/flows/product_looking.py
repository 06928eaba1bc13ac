"""One look at adopted variants: both sides read, every field decided; nothing is written."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.flows.market_prices import amiss, market_writes, unusable, with_prices
from engine.flows.site import Site
from engine.model.failure import Refused
from engine.model.product import OfficeProduct, ShopPrices, ShopVariant, Value
from engine.products.deciding import Act, Memory, Verdict, changes, decide, ours, wanted_back
from engine.products.fields import parts
from engine.products.guard import AllowedPrice, AllowedWrite, allow, scope_of
from engine.store.product_rows import FieldSeen, Link, Looked
from engine.store.queries.products import memories

UNREAD = "unread"
"""State of a market's price that could not be compared; it is not kept."""
BREATH = 5
"""After so many variants whatever else is due on the loop, stock above all, has its turn."""

Sent = Mapping[str, Mapping[str, Value]]
"""By SKU, the values of writes whose answer was lost."""
Chosen = Mapping[str, Collection[str]]
"""By SKU, the fields that a person wants the back office's values in."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found of one variant, and what is to be written."""

    looked: Looked
    """As it stands once the write is confirmed."""
    variant: ShopVariant
    """As the shop has it now."""
    write: AllowedWrite | None = None
    prices: tuple[AllowedPrice, ...] = ()
    """What goes into the price lists of markets, one for each."""
    amiss: Mapping[str, str] = field(default_factory=dict)
    """Markets whose prices could not be compared, with the reason."""

    @property
    def idle(self) -> bool:
        """Nothing is to be written."""
        return self.write is None and not self.prices

    def without_unread(self) -> "Look":
        """The same without what could not be compared: of that nothing is kept."""
        read = {name: seen for name, seen in self.looked.fields.items() if seen.state != UNREAD}
        return replace(self, looked=replace(self.looked, fields=read))


async def look(
    site: Site, links: Sequence[Link], sent: Sent, chosen: Chosen | None = None
) -> tuple[list[Look], list[tuple[Link, Refused]]]:
    """What is to be done about these; those of which one side is gone come second, with the reason. Raises Failure.

    With `chosen` nothing else is looked at. The shop is read last, so that what it changed itself is seen as late as can be before it is written to.
    """
    assert site.articles is not None and site.variants is not None, (
        "products are looked at where both sides have some"
    )
    kept = await site.store.read(memories, site.name, [link.sku for link in links], site.now())
    articles = await site.articles.read_articles({link.sku for link in links})
    ids = {link.variant for link in links}
    variants = {each.id: each for each in await site.variants.read_variants(ids)}
    markets = site.ownership.markets(site.name)
    prices = await site.variants.read_prices(markets, ids) if markets else ShopPrices()
    found: list[Look] = []
    gone: list[tuple[Link, Refused]] = []
    for at, link in enumerate(links):
        if at % BREATH == 0:
            await asyncio.sleep(0)
        article, variant = articles.get(link.sku), variants.get(link.variant)
        if article is None or variant is None:
            gone.append((link, _missing(link, variant)))
        else:
            memory = kept.get(link.sku, {})
            names = None if chosen is None else chosen.get(link.sku, ())
            variant = with_prices(variant, markets, prices)
            said = sent.get(link.sku, {})
            found.append(_decided(site, link, article, variant, prices, memory, said, names))
    return found, gone


def _missing(link: Link, variant: ShopVariant | None) -> Refused:
    if variant is None:
        return Refused(
            f"The variant of {link.sku} is not in the shop any more",
            f"Release it (trueup product release {link.sku}), or adopt the one that took its place",
            code="products.variant_gone",
        )
    return Refused(
        f"The back office does not know {link.sku} any more",
        f"Enter it there again, or release it here: trueup product release {link.sku}",
        code="products.article_gone",
    )


def _decided(
    site: Site, link: Link, article: OfficeProduct, variant: ShopVariant, prices: ShopPrices,
    kept: Mapping[str, Memory], sent: Mapping[str, Value], chosen: Collection[str] | None,
) -> Look:  # fmt: skip
    scope, fields = scope_of(site.name, variant), dict[str, FieldSeen]()
    verdicts: dict[str, Verdict] = {}
    told = [name for name in variant.values if name in article.values or name in article.invalid]
    markets = {market for name in told if (market := parts(name)[1])}
    wrong = {market: why for market in markets if (why := amiss(market, article, prices))}
    for name in [name for name in told if chosen is None or name in chosen]:
        rule, memory, shop = (
            site.ownership.rule_for(name, scope),
            kept.get(name, Memory()),
            variant.values[name],
        )
        if name in sent:
            memory = ours(memory, sent[name], shop)
        if chosen is not None:
            memory = wanted_back(memory)
        if why := wrong.get(parts(name)[1], ""):
            fields[name] = FieldSeen(article.values.get(name), shop, memory, UNREAD, rule.text, why)
            continue
        office = article.values.get(name)
        if why := article.invalid.get(name) or unusable(name, office, prices):
            fields[name] = FieldSeen(office, shop, memory, "invalid", rule.text, why)
            continue
        verdict = verdicts[name] = decide(name, rule, memory, office, shop)
        fields[name] = FieldSeen(
            office, office if verdict.act is Act.WRITE else shop, verdict.after,
            "same" if verdict.act is Act.WRITE else verdict.act, rule.text, written=verdict.act is Act.WRITE,
            moved=memory.known and rule.writes and shop != memory.shop and not memory.restore,
        )  # fmt: skip
    writes = market_writes(site.ownership, site.name, variant, prices, changes(verdicts, article.values))
    for name, why in writes.held.items():
        seen = fields[name]
        fields[name] = replace(
            seen,
            shop=variant.values[name],
            memory=kept.get(name, Memory()),
            state="invalid",
            note=why,
            written=False,
        )
    link = replace(link, title=variant.title, discontinued=article.discontinued)
    own = allow(site.ownership, site.name, variant, writes.own) if writes.own else None
    return Look(Looked(link, fields), variant, own, writes.prices, wrong)
