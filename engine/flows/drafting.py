"""Making products of articles that the shop lacks: as drafts, and each once whatever is lost on the way.

Before anything is made the shop is asked for the SKU, and for the handle that only the draft of this article has: that
one is answered as of this moment, and Shopify makes no second product with it. So a repeat after a lost answer, a crash
or a late call finds what is there, and needs no settling time. A product that was made and not yet written to is gone on
with; it is kept in agreement only once it bears its SKU. Nothing is ever published here.
"""

from datetime import datetime
from hashlib import sha256

import orjson

from engine.flows.site import Site
from engine.model.failure import Failure, NotApplied, OutcomeUnknown, Refused, TryLater
from engine.model.ids import Sku
from engine.model.product import Draft, OfficeProduct, ShopVariant, Value
from engine.products.fields import shown
from engine.products.guard import Birth, allow, born, scope_of, writable
from engine.store.product_rows import Link
from engine.store.queries.products import links
from engine.store.rows import Work
from engine.store.tx import Tx
from engine.store.verbs.drafts import keep_made
from engine.store.verbs.effect import intend, settle_effect

OP = "make_draft"


class Drafting:
    """Drafts of one connection."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def attempt(self, work: Work) -> None:
        """Make the product of one article, or go on with the one that is there. Raises Failure."""
        site, sku = self._site, Sku(work.key)
        if await site.store.read(links, site.name, [sku]):
            return
        article = await self._article(sku)
        birth = born(site.ownership, site.name, article, allowed=site.drafts)
        try:
            variant = await self._variant(birth)
            told = await self._written(variant, article)
        except OutcomeUnknown as lost:
            # whatever became of it is found by the handle: no person and no settling time is needed
            raise TryLater(lost.cause, lost.remedy, code=lost.code, log=lost.log) from lost
        link = Link(sku, variant.id, variant.product, variant.item, article.id, article.title)
        await site.store.write(keep_made, site.name, link, OP, birth.handle, told, site.now())

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

    async def _variant(self, birth: Birth) -> ShopVariant:
        """The variant of the draft, made unless it is there."""
        variants = self._site.variants
        assert variants is not None, "looked at before"
        draft = await variants.draft_at(birth.handle)
        mine = None if draft is None else _mine(draft, birth)
        others = [
            each
            for each in await variants.variants_named(birth.article)
            if mine is None or each.id != mine.id
        ]
        if others:
            raise Refused(
                f"The shop has {birth.article} already: {others[0].title} ({others[0].id})",
                f"Adopt it: trueup product adopt --pair {birth.article}={others[0].id.rsplit('/', 1)[-1]}",
                code="products.in_the_shop",
            )
        if mine is not None:
            return mine
        return await self._made(birth)

    async def _made(self, birth: Birth) -> ShopVariant:
        """Write down what is sent, send it, write down what came of it; the variant it has.

        Where the handle is taken by now, a call of ours that had no answer has arrived after all, or it is another's.
        """
        site = self._site
        assert site.variants is not None, "looked at before"
        effect = await site.store.write(_intend, site.name, birth, site.now())
        try:
            fresh = await site.variants.make_draft(birth)
        except Failure as failure:
            outcome = "rejected" if isinstance(failure, NotApplied) else "unknown"
            await site.store.write(settle_effect, effect, outcome, None, failure.cause, site.now())
            raise
        try:
            draft = await site.variants.draft_at(birth.handle)
            if draft is None:
                raise OutcomeUnknown(
                    "The shop does not show the product that was just made",
                    "TrueUp looks again",
                    code="products.not_yet",
                )
            variant = _mine(draft, birth)
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
                f"Shopify made a draft of {article.sku} and refused its fields: {refusals[0].message}",
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


def _intend(tx: Tx, connection: str, birth: Birth, now: datetime) -> int:
    body = orjson.dumps({"article": birth.article, "title": birth.title, "handle": birth.handle}).decode()
    return intend(
        tx, connection=connection, work_id=None, remote="shop", op=OP, ext_ref=birth.handle, key=birth.handle,
        fingerprint=sha256(body.encode()).hexdigest(), body=body, now=now,
    )  # fmt: skip
