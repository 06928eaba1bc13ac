"""One look at adopted variants: both sides read, every field decided; nothing is written."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.flows.site import Site
from engine.model.failure import Refused
from engine.model.product import OfficeProduct, ShopVariant, Value
from engine.products.deciding import Act, Memory, Verdict, changes, decide, ours, wanted_back
from engine.products.guard import AllowedWrite, allow, scope_of
from engine.store.product_rows import FieldSeen, Link, Looked
from engine.store.queries.products import memories

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
    variants = {each.id: each for each in await site.variants.read_variants({link.variant for link in links})}
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
            found.append(_decided(site, link, article, variant, memory, sent.get(link.sku, {}), names))
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
    site: Site, link: Link, article: OfficeProduct, variant: ShopVariant, kept: Mapping[str, Memory],
    sent: Mapping[str, Value], chosen: Collection[str] | None,
) -> Look:  # fmt: skip
    scope, fields = scope_of(site.name, variant), dict[str, FieldSeen]()
    verdicts: dict[str, Verdict] = {}
    told = [name for name in variant.values if name in article.values or name in article.invalid]
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
        if name in article.invalid:
            fields[name] = FieldSeen(None, shop, memory, "invalid", rule.text, article.invalid[name])
            continue
        office = article.values[name]
        verdict = verdicts[name] = decide(name, rule, memory, office, shop)
        fields[name] = FieldSeen(
            office, office if verdict.act is Act.WRITE else shop, verdict.after,
            "same" if verdict.act is Act.WRITE else verdict.act, rule.text, written=verdict.act is Act.WRITE,
            moved=memory.known and rule.writes and shop != memory.shop and not memory.restore,
        )  # fmt: skip
    new = changes(verdicts, article.values)
    link = replace(link, title=variant.title, discontinued=article.discontinued)
    looked = Looked(link, fields)
    return Look(looked, variant, allow(site.ownership, site.name, variant, new) if new else None)
