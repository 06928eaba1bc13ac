"""What could be adopted on a connection: both catalogues read to their ends and matched; nothing is written anywhere."""

from engine.flows.site import Site
from engine.model.failure import Refused
from engine.products.matching import Match, match
from engine.store.product_rows import Link
from engine.store.queries.products import adopted_variants


async def proposals(site: Site) -> tuple[Match, ...]:
    """A proposal for every variant that is not adopted yet, then the articles without one. Raises Failure."""
    if site.articles is None or site.variants is None:
        raise Refused(
            "The back office tells nothing of its products",
            "Let it tell its fields: docs/products.md says how for each back office",
            code="products.not_told",
        )
    variants = [each async for page in site.variants.variants() for each in page]
    articles = [each async for page in site.articles.articles() for each in page]
    skus, ids = await site.store.read(adopted_variants, site.name)
    return match(
        (each for each in variants if each.id not in ids), (each for each in articles if each.sku not in skus)
    )


def link(found: Match) -> Link:
    """A confirmed match as it is kept; ValueError when one side is missing."""
    variant, article = found.pair
    return Link(article.sku, variant.id, variant.product, variant.item, article.id, variant.title)
