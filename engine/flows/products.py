"""Products: adopted variants that are due are read on both sides, decided field by field, and written by product.

A batch is read with one call of each side and costs one mutation per product that differs, none where nothing does.
Trouble with a single variant becomes a record of the queue and never stops the others.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from engine.delivery.retry import delay
from engine.flows.product_alarm import Alarm
from engine.flows.product_looking import Look, Sent, look
from engine.flows.product_sending import Sending, parted, rest, settle_found, unanswered
from engine.flows.shadow import judge_products
from engine.flows.site import Site
from engine.model.failure import Failure, Misset, NotNow, OutcomeUnknown, Refused, TryLater
from engine.model.product import VariantRefusal
from engine.model.remit import Subject
from engine.products.fields import parts
from engine.store.product_rows import Link, Looked
from engine.store.queries.products import due_links, links
from engine.store.rows import Work
from engine.store.verbs.products import keep_looked, later

BATCH = 25
"""Variants read together: one call of the shop. More in one call would hold up the shop, and us, for longer."""
MEND = "Mend the catalogue of that market in Shopify, or take the market out of [[ownership.rules]]"


class Products:
    """Keeps the adopted variants of one connection true."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._sending = Sending(site)
        self._reading = Alarm(site, "reading products")
        self._markets: dict[str, Alarm] = {}

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
        for one in await self._told(looks):
            calm = replace(one.looked, link=replace(one.looked.link, troubled=False))  # this is its record
            await self._attempt(replace(one, looked=calm))

    async def _attempt(self, one: Look) -> None:
        """Everything of one variant, part by part; what is refused of it is raised once the others were said."""
        site = self._site
        refused: list[VariantRefusal] = []
        try:
            for part in parted(one):
                refused += await self._sending.send([part])
        except OutcomeUnknown as lost:
            # a target may be said again: no person and no settling time is needed, whatever the back office can do
            raise TryLater(lost.cause, lost.remedy, code=lost.code, log=lost.log) from lost
        if refused:
            raise _refused(one, refused[0])
        if left := rest(one):
            await site.store.write(keep_looked, site.name, [left], site.now())

    async def _look(self, due: Sequence[Link]) -> None:
        site = self._site
        sent = await self.unanswered(due)
        await self._sending.after_stock()
        looks, gone = await look(site, due, sent)
        await self._reading.over()
        await self._settle_sent(sent, looks)
        looks = await self._told(looks)
        if not site.licence.remit.covers(Subject.PRODUCTS):
            await judge_products(site, looks)
            looks = [one for one in looks if one.idle]
        idle = [one.looked for one in looks if one.idle]
        troubled = [Looked(link, cause=why.cause) for link, why in gone]
        if idle or troubled:
            await site.store.write(keep_looked, site.name, [*idle, *troubled], site.now())
        await self.write([one for one in looks if not one.idle])

    async def write(self, looks: Sequence[Look]) -> None:
        """Send what was decided; what is refused becomes a record of the queue."""
        await self._sending.write(looks)

    async def unanswered(self, due: Sequence[Link]) -> Sent:
        """Values of writes to these whose answer was lost."""
        return await unanswered(self._site, due)

    async def _settle_sent(self, sent: Sent, looks: Sequence[Look]) -> None:
        """The shop was read since: what it holds says what became of them."""
        site = self._site
        if sent:
            seen = {one.looked.link.sku for one in looks}
            await site.store.write(settle_found, site.name, seen, site.now())

    async def _told(self, looks: Sequence[Look]) -> list[Look]:
        """A market whose prices cannot be compared is one alert, and no state of every variant; the rest stands."""
        amiss: dict[str, str] = {}
        for one in looks:
            amiss |= one.amiss
        looked = {market for one in looks for name in one.looked.fields if (market := parts(name)[1])}
        for market in sorted(looked):
            alarm = self._markets.setdefault(market, Alarm(self._site, f"prices of {market}"))
            if market in amiss:
                await alarm.heard(Misset(amiss[market], MEND, code="products.market"))
            else:
                await alarm.over()
        return [one.without_unread() for one in looks]


def _refused(one: Look, refusal: VariantRefusal) -> Refused:
    return Refused(
        f"Shopify refused {one.looked.link.sku}: {refusal.message}",
        "Correct the article in the back office or the variant in Shopify, then retry",
        code=f"products.{refusal.code.lower()}",
    )
