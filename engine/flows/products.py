"""Products: adopted variants that are due are read on both sides, decided field by field, and written by product.

A batch is read with one call of each side and costs one mutation per product that differs, none where nothing does.
Trouble with a single variant becomes a record of the queue and never stops the others.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import orjson

from engine.delivery.retry import delay
from engine.flows.product_alarm import Alarm
from engine.flows.product_looking import Look, Sent, look
from engine.flows.shadow import judge_products
from engine.flows.site import Site
from engine.model.failure import Failure, NotApplied, NotNow, OutcomeUnknown, Refused, TryLater
from engine.model.product import Value, VariantRefusal
from engine.model.remit import Subject
from engine.products.fields import kept, shown
from engine.products.guard import AllowedWrite
from engine.store.product_rows import Link, Looked
from engine.store.queries.products import due_links, links
from engine.store.rows import Effect, Work
from engine.store.tx import Tx
from engine.store.verbs.effect import intend, open_effects, settle_effect
from engine.store.verbs.products import keep_looked, later

BATCH = 25
"""Variants read together: one call of the shop. More in one call would hold up the shop, and us, for longer."""
PER_CALL = 250
"""Variants of one product in one mutation."""
AT_ONCE = 2
"""Mutations under way; the shop's other writes keep the rest of its places."""
OP = "write_variants"


class Products:
    """Keeps the adopted variants of one connection true."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._places = asyncio.Semaphore(AT_ONCE)
        self._reading, self._writing = Alarm(site, "reading products"), Alarm(site, "writing products")

    async def round(self) -> int:
        """Look at those that are due; how many there were."""
        async with self._site.product_turn:
            return await self._round()

    async def _round(self) -> int:
        site = self._site
        if site.articles is None or site.variants is None or site.closed_for():
            return 0
        due = await site.store.read(due_links, site.name, site.now(), BATCH)
        if not due:
            return 0
        try:
            await self._look(due)
        except Failure as failure:
            await self._reading.heard(failure)
            wait = timedelta(seconds=failure.after) if isinstance(failure, NotNow) else delay(3, site.chance)
            await site.store.write(later, site.name, due, site.now() + max(wait, timedelta(seconds=1)))
        return len(due)

    async def attempt(self, work: Work) -> None:
        """Look at one variant that had trouble; raises what is wrong with it."""
        site = self._site
        found = await site.store.read(links, site.name, [work.key])
        if not found:
            return  # released meanwhile
        if site.articles is None or site.variants is None:
            raise Refused(
                "The back office tells nothing of its products any more",
                "Let it tell them again (product_fields in the configuration), or release the product",
                code="products.not_told",
            )
        sent = await self.unanswered(found)
        looks, gone = await look(site, found, sent)
        if gone:
            raise gone[0][1]
        await self._settle_sent(sent, looks)
        if not site.licence.remit.covers(Subject.PRODUCTS):
            await judge_products(site, looks)
            return
        for one in looks:
            calm = replace(one.looked, link=replace(one.looked.link, troubled=False))  # this is its record
            try:
                refusals = await self._write([replace(one, looked=calm)])
            except OutcomeUnknown as lost:
                # a target may be said again: no person and no settling time is needed, whatever the back office can do
                raise TryLater(lost.cause, lost.remedy, code=lost.code, log=lost.log) from lost
            if refusals:
                raise _refused(one, refusals[0])

    async def _after_stock(self) -> None:
        """Whatever is under way for stock is done first."""
        async with self._site.level_turn:
            pass

    async def _look(self, due: Sequence[Link]) -> None:
        site = self._site
        sent = await self.unanswered(due)
        await self._after_stock()
        looks, gone = await look(site, due, sent)
        await self._reading.over()
        await self._settle_sent(sent, looks)
        if not site.licence.remit.covers(Subject.PRODUCTS):
            await judge_products(site, looks)
            looks = [one for one in looks if one.write is None]
        idle = [one.looked for one in looks if one.write is None]
        troubled = [Looked(link, cause=why.cause) for link, why in gone]
        if idle or troubled:
            await site.store.write(keep_looked, site.name, [*idle, *troubled], site.now())
        await self.write([one for one in looks if one.write is not None])

    async def write(self, looks: Sequence[Look]) -> None:
        """Send what was decided, one product after the other and some at a time."""
        calls = _by_call(looks)
        answers = await asyncio.gather(*(self._call(call) for call in calls), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer

    async def _call(self, call: Sequence[Look]) -> None:
        """One product: those that are refused become records of the queue, the others are written."""
        site, left = self._site, list(call)
        async with self._places:
            while left:
                await self._after_stock()
                try:
                    refusals = await self._write(left)
                except Refused as refused:
                    refusals = (VariantRefusal(None, refused.code, refused.cause),)
                except Failure as failure:
                    await self._writing.heard(failure)
                    wait = (
                        timedelta(seconds=failure.after)
                        if isinstance(failure, NotNow)
                        else delay(2, site.chance)
                    )
                    due = site.now() + max(wait, timedelta(seconds=1))
                    await site.store.write(later, site.name, [one.looked.link for one in left], due)
                    return
                await self._writing.over()
                if not refusals:
                    return
                blamed = {refusal.variant for refusal in refusals}
                bad = [one for one in left if None in blamed or one.looked.link.variant in blamed]
                troubled = [Looked(one.looked.link, cause=refusals[0].message) for one in bad]
                await site.store.write(keep_looked, site.name, troubled, site.now())
                left = [one for one in left if one not in bad]

    async def _write(self, call: Sequence[Look]) -> tuple[VariantRefusal, ...]:
        """Write down what is sent, send it, write down what came of it: where all arrived, what was found too."""
        site = self._site
        writes = [one.write for one in call if one.write is not None]
        if not writes or site.variants is None:
            await site.store.write(keep_looked, site.name, [one.looked for one in call], site.now())
            return ()
        effect = await site.store.write(_intend, site.name, call, site.fresh_key(), site.now())
        try:
            refusals = await site.variants.write_variants(writes)
        except Failure as failure:
            outcome = "rejected" if isinstance(failure, NotApplied) else "unknown"
            await site.store.write(settle_effect, effect, outcome, None, failure.cause, site.now())
            raise
        found = () if refusals else [one.looked for one in call]
        said = refusals[0].message if refusals else ""
        await site.store.write(_answered, site.name, effect, found, said, site.now())
        return refusals

    async def unanswered(self, due: Sequence[Link]) -> Sent:
        """Values of writes to these whose answer was lost."""
        site, skus = self._site, {link.sku for link in due}
        found: dict[str, dict[str, Value]] = {}
        for effect in await site.store.read(open_effects, site.name, "shop", OP):
            for sku, values in _sent(effect).items():
                if sku in skus:
                    found.setdefault(sku, {}).update(values)
        return found

    async def _settle_sent(self, sent: Sent, looks: Sequence[Look]) -> None:
        """The shop was read since: what it holds says what became of them."""
        site = self._site
        if sent:
            seen = {one.looked.link.sku for one in looks}
            await site.store.write(_settle_found, site.name, seen, site.now())


def _by_call(looks: Sequence[Look]) -> list[list[Look]]:
    """Variants of one product together, as many as one call takes."""
    products: dict[str, list[Look]] = {}
    for one in looks:
        products.setdefault(one.looked.link.product, []).append(one)
    return [group[at : at + PER_CALL] for group in products.values() for at in range(0, len(group), PER_CALL)]


def _intend(tx: Tx, connection: str, call: Sequence[Look], key: str, now: datetime) -> int:
    rows = {one.looked.link.sku: _plain(one.write) for one in call if one.write is not None}
    body = orjson.dumps(rows).decode()
    return intend(
        tx, connection=connection, work_id=None, remote="shop", op=OP, ext_ref=key, key=key,
        fingerprint=sha256(body.encode()).hexdigest(), body=body, now=now,
    )  # fmt: skip


def _answered(
    tx: Tx, connection: str, effect: int, found: Sequence[Looked], said: str, now: datetime
) -> None:
    """All of a call arrived, and is kept as it was found; or, where nothing was found, none of it."""
    settle_effect(tx, effect, "applied" if found else "rejected", None, said, now)
    keep_looked(tx, connection, found, now)


def _plain(write: AllowedWrite) -> dict[str, str]:
    return {name: shown(value) for name, value in write.values.items()}


def _sent(effect: Effect) -> Mapping[str, Mapping[str, Value]]:
    rows: dict[str, dict[str, str]] = orjson.loads(effect.body)
    return {sku: {name: kept(name, text) for name, text in values.items()} for sku, values in rows.items()}


def _settle_found(tx: Tx, connection: str, skus: Collection[str], now: datetime) -> None:
    """A target is said again where it did not arrive, so all that matters is that the shop was read since."""
    for effect in open_effects(tx, connection, "shop", OP):
        if set(_sent(effect)) <= set(skus):
            settle_effect(tx, effect.id, "superseded", None, "the shop was read since", now)


def _refused(one: Look, refusal: VariantRefusal) -> Refused:
    return Refused(
        f"Shopify refused {one.looked.link.sku}: {refusal.message}",
        "Correct the article in the back office or the variant in Shopify, then retry",
        code=f"products.{refusal.code.lower()}",
    )
