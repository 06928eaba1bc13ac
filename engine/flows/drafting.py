"""Making products of articles that the shop lacks: as drafts, and each once whatever is lost on the way.

Before anything is made the shop is asked for the SKU, and for what nothing but this draft has: a handle of its own, or
its SKU among the variants of its product. That is answered as of this moment, and Shopify makes neither a second product
with a handle nor a second variant with the same options. So a repeat after a lost answer, a crash or a late call finds
what is there, and needs no settling time. What was made and not yet written to is gone on with; it is kept in agreement
only once it bears its SKU. Nothing is ever published here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import orjson

from engine.flows.site import Site
from engine.model.failure import Failure, NotApplied, OutcomeUnknown, Refused, TryLater
from engine.model.ids import Sku
from engine.model.product import Draft, OfficeProduct, ProductId, ProductNow, ShopVariant, Value
from engine.products.fields import shown
from engine.products.guard import Birth, allow, born, born_into, scope_of, writable
from engine.store.product_rows import Link
from engine.store.queries.products import links
from engine.store.rows import Work
from engine.store.tx import Tx
from engine.store.verbs.drafts import keep_made
from engine.store.verbs.effect import intend, settle_effect

OP = "make_draft"


@dataclass(frozen=True, slots=True)
class Making:
    """How one article comes into the shop."""

    name: str
    """What its call is known by: nothing but this article has it."""
    body: Mapping[str, object]
    make: Callable[[], Awaitable[bool]]
    """Make it; False where something is in its place by now."""
    look: Callable[[], Awaitable[ShopVariant | None]]
    """The variant as it is at this moment; Refused where something else is in its place."""


class Drafting:
    """Drafts of one connection."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def attempt(self, work: Work) -> None:
        """Make the product or the variant of one article, or go on with what is there. Raises Failure."""
        site, sku = self._site, Sku(work.key)
        if await site.store.read(links, site.name, [sku]):
            return
        article = await self._article(sku)
        try:
            making, variant = await self._found(article)
            if variant is None:
                variant = await self._made(making)
            told = await self._written(variant, article)
        except OutcomeUnknown as lost:
            # whatever became of it is found by its name: no person and no settling time is needed
            raise TryLater(lost.cause, lost.remedy, code=lost.code, log=lost.log) from lost
        link = Link(sku, variant.id, variant.product, variant.item, article.id, article.title)
        await site.store.write(keep_made, site.name, link, OP, making.name, told, site.now())

    async def _article(self, sku: Sku) -> OfficeProduct:
        site = self._site
        article = None if site.articles is None else (await site.articles.read_articles([sku])).get(sku)
        if article is None or article.discontinued or site.variants is None:
            raise Refused(
                f"The back office does not sell {sku}",
                "Enter it there, or resolve this record",
                code="products.article_gone",
            )
        return article

    async def _found(self, article: OfficeProduct) -> tuple[Making, ShopVariant | None]:
        """How it is to be made, and its variant where it was made already; Refused where the shop has the SKU elsewhere."""
        variants = self._site.variants
        assert variants is not None, "looked at before"
        product = await self._lead(article) if article.variant_of else None
        now = None if product is None else await variants.product_now(product)
        making = self._product(article) if product is None else self._variant(article, product, now)
        mine = await making.look()
        if mine is None:
            for other in await variants.variants_named(article.sku):
                raise Refused(
                    f"The shop has {article.sku} already: {other.title} ({other.id})",
                    f"Adopt it: trueup product adopt --pair {article.sku}={other.id.rsplit('/', 1)[-1]}",
                    code="products.in_the_shop",
                )
        return making, mine

    async def _lead(self, article: OfficeProduct) -> ProductId:
        """The product of the article that this one is a variant of."""
        site = self._site
        for link in await site.store.read(links, site.name, [article.variant_of]):
            return link.product
        raise TryLater(
            f"{article.sku} belongs to the product of {article.variant_of}, which is not adopted yet",
            f"TrueUp looks again; adopt {article.variant_of}, or have a draft made of it: trueup product draft",
            code="products.no_lead",
        )

    def _product(self, article: OfficeProduct) -> Making:
        """A product of its own."""
        site, variants = self._site, self._site.variants
        assert variants is not None, "looked at before"
        birth = born(site.ownership, site.name, article, allowed=site.drafts)

        async def look() -> ShopVariant | None:
            draft = await variants.draft_at(birth.handle)
            return None if draft is None else _mine(draft, birth)

        body = {"article": birth.article, "title": birth.title, "options": dict(birth.options)}
        return Making(birth.handle, body, lambda: variants.make_draft(birth), look)

    def _variant(self, article: OfficeProduct, product: ProductId, now: ProductNow | None) -> Making:
        """A variant of a product that is there; as long as it is not made, the product has to be a draft."""
        site, variants = self._site, self._site.variants
        assert variants is not None, "looked at before"
        if now is None or not now.variants:
            raise Refused(
                f"The product of {article.variant_of} is not in the shop any more",
                f"Release {article.variant_of} (trueup product release), and adopt what took its place",
                code="products.variant_gone",
            )

        async def make() -> bool:
            birth = born_into(
                site.ownership, site.name, article, now.variants[0], draft=now.draft, allowed=site.drafts
            )
            return await variants.make_variant(birth)

        async def look() -> ShopVariant | None:
            there = await variants.product_now(product)
            return (
                None
                if there is None
                else next((one for one in there.variants if one.sku == article.sku), None)
            )

        body = {"article": article.sku, "product": product, "options": dict(article.options)}
        return Making(f"{product} {article.sku}", body, make, look)

    async def _made(self, making: Making) -> ShopVariant:
        """Write down what is sent, send it, write down what came of it; the variant it has.

        Where its place is taken by now, a call of ours that had no answer has arrived after all, or it is another's.
        """
        site, fresh = self._site, True
        effect = await site.store.write(_intend, site.name, making, site.now())
        try:
            fresh = await making.make()
        except Failure as failure:
            outcome = "rejected" if isinstance(failure, NotApplied) else "unknown"
            await site.store.write(settle_effect, effect, outcome, None, failure.cause, site.now())
            raise
        try:
            variant = await making.look()
            if variant is None and not fresh:
                raise Refused(
                    "Another variant of the product has the same options",
                    "Correct the options in the back office, or adopt that variant (trueup product adopt)",
                    code="products.options_taken",
                )
            if variant is None:
                raise OutcomeUnknown(
                    "The shop does not show what was just made", "TrueUp looks again", code="products.not_yet"
                )
        except Failure as failure:
            outcome = "rejected" if isinstance(failure, Refused) and not fresh else "unknown"
            await site.store.write(settle_effect, effect, outcome, None, failure.cause, site.now())
            raise
        said = "" if fresh else "an earlier call made it"
        await site.store.write(settle_effect, effect, "applied", variant.product, said, site.now())
        return variant

    async def _written(self, variant: ShopVariant, article: OfficeProduct) -> str:
        """Its SKU, and what the back office tells and owns; said again it changes nothing. What was written, in words."""
        site = self._site
        assert site.variants is not None, "looked at before"
        scope = scope_of(site.name, variant)
        told = {name: value for name, value in article.values.items() if value is not None}
        wanted: dict[str, Value] = {"tracked": True, **told}
        new = {
            name: value
            for name, value in wanted.items()
            if name in variant.values
            and value != variant.values[name]
            and writable(site.ownership, name, scope)
        }
        if refusals := await site.variants.write_variants([allow(site.ownership, site.name, variant, new)]):
            raise Refused(
                f"Shopify made {article.sku} and refused its fields: {refusals[0].message}",
                "Correct the article in the back office, then retry",
                code=f"products.{refusals[0].code.lower()}",
            )
        return ", ".join(f"{name} {shown(value)}" for name, value in new.items()) or "as it was"


def _mine(draft: Draft, birth: Birth) -> ShopVariant:
    """The one variant of a draft of this article; Refused where the handle is another product's."""
    if draft.article != birth.article or len(draft.variants) != 1:
        raise Refused(
            f"The product {birth.handle} in the shop was not made of {birth.article}, or has several variants by now",
            "Adopt its variant (trueup product adopt), or give the product another handle in Shopify",
            code="products.handle_taken",
        )
    return draft.variants[0]


def _intend(tx: Tx, connection: str, making: Making, now: datetime) -> int:
    body = orjson.dumps(making.body).decode()
    return intend(
        tx, connection=connection, work_id=None, remote="shop", op=OP, ext_ref=making.name, key=making.name,
        fingerprint=sha256(body.encode()).hexdigest(), body=body, now=now,
    )  # fmt: skip
