"""Sending what was decided of products: by product, then by market; what is lost on the way is said again.

What goes to one variant may be several parts, as Shopify takes the fixed prices of a market by a call of their own.
Each part is kept once it arrived; the variant stays due until all of them did, so a crash between two loses none.

What goes out together is written down in one commit before its first call, and what came of it in one after its last:
the answers are a fraction of a second old by then, and one that is lost with the process is found out like any other.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

import orjson

from engine.delivery.retry import delay
from engine.flows.product_alarm import Alarm
from engine.flows.product_looking import Look, Sent
from engine.flows.site import Site
from engine.model.failure import Failure, NotApplied, NotNow, Refused
from engine.model.product import Value, VariantId, VariantRefusal
from engine.products.fields import kept, parts, shown
from engine.products.guard import AllowedPrice, AllowedWrite
from engine.store.product_rows import Link, Looked
from engine.store.rows import Effect
from engine.store.tx import Tx
from engine.store.verbs.effect import intend, open_effects, settle_effect
from engine.store.verbs.products import keep_looked, later

PER_CALL = 250
"""Variants of one product, or fixed prices of one market, in one mutation."""
AT_ONCE = 2
"""Mutations under way; the shop's other writes keep the rest of its places."""
OP = "write_variants"
Answer = str | datetime
"""Why something was not written, or until when it waits."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a call that was written down."""

    effect: int
    outcome: str
    said: str = ""
    found: Sequence[Looked] = ()
    """What is kept of it: all of the call, where it arrived."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one call writes of one variant."""

    link: Link
    looked: Looked
    """What is kept of it once the call is answered."""
    sent: AllowedWrite | AllowedPrice

    @property
    def variant(self) -> VariantId:
        """Whose it is."""
        return self.sent.variant


def parted(one: Look) -> list[Part]:
    """What is to be written of a variant, in this order: its own fields, then those of each market."""
    if not one.prices:
        return [] if one.write is None else [Part(one.looked.link, one.looked, one.write)]
    sends: list[tuple[str, AllowedWrite | AllowedPrice]] = [(each.market, each) for each in one.prices]
    if one.write is not None:
        sends.insert(0, ("", one.write))
    return [Part(one.looked.link, _of(one, market), send) for market, send in sends]


def _of(one: Look, market: str) -> Looked:
    fields = {name: seen for name, seen in one.looked.fields.items() if parts(name)[1] == market}
    return replace(one.looked, fields=fields, partial=True)


def rest(one: Look) -> Looked | None:
    """What is left to be kept of a look when all its parts have arrived, and ends it; None where its one part did."""
    if one.write is not None and not one.prices:
        return None
    arrived = {name for part in parted(one) for name in part.looked.fields}
    left = {name: seen for name, seen in one.looked.fields.items() if name not in arrived}
    return replace(one.looked, fields=left)


class Sending:
    """Writes to the variants and price lists of one shop."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._places = asyncio.Semaphore(AT_ONCE)
        self._writing = Alarm(site, "writing products")

    async def after_stock(self) -> None:
        """Whatever is under way for stock is done first."""
        async with self._site.level_turn:
            pass

    async def write(self, looks: Sequence[Look]) -> None:
        """Send what was decided, some calls at a time; what is refused becomes a record of the queue."""
        if not looks:
            return
        site, said = self._site, list[Answered]()
        rounds = _rounds(looks)
        calls = [_calls(some) for some in rounds]
        effects = iter(await self._intended([call for some in calls for call in some]))
        through = [self._through([(call, next(effects)) for call in some], said) for some in calls]
        answers = await asyncio.gather(*through, return_exceptions=True)
        await site.store.write(_answered, site.name, said, site.now())
        for some, answer in zip(rounds, answers, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            await self._finish(some, answer)

    async def _through(
        self, calls: Sequence[tuple[Sequence[Part], int]], said: list[Answered]
    ) -> dict[str, Answer]:
        """These calls with their effects, one after the other; by SKU what was not written."""
        found: dict[str, Answer] = {}
        for call, effect in calls:
            for sku, answer in (await self._call(call, effect, said)).items():
                found.setdefault(sku, answer)
        return found

    async def _finish(self, looks: Sequence[Look], found: Mapping[str, Answer]) -> None:
        """Those that arrived whole are done; the refused are records of the queue, the others are looked at again."""
        site, now = self._site, self._site.now()
        done, waiting = list[Looked](), dict[datetime, list[Link]]()
        for one in looks:
            link = one.looked.link
            match found.get(link.sku):
                case None:
                    done += [left] if (left := rest(one)) else []
                case str(cause):
                    done.append(Looked(link, cause=cause))
                case datetime() as due:
                    waiting.setdefault(due, []).append(link)
        if done:
            await site.store.write(keep_looked, site.name, done, now)
        for due, links in waiting.items():
            await site.store.write(later, site.name, links, due)

    async def _call(
        self, call: Sequence[Part], effect: int | None, said: list[Answered]
    ) -> dict[str, Answer]:
        """Those that are refused are left out and the others said again; by SKU what was not written."""
        left, found = list(call), dict[str, Answer]()
        async with self._places:
            while left:
                await self.after_stock()
                if effect is None:
                    [effect] = await self._intended([left])
                try:
                    refusals = await self._sent(left, effect, said)
                except Refused as refused:
                    refusals = (VariantRefusal(None, refused.code, refused.cause),)
                except Failure as failure:
                    return found | dict.fromkeys((part.link.sku for part in left), await self._wait(failure))
                await self._writing.over()
                if not refusals:
                    break
                blamed = {refusal.variant for refusal in refusals}
                bad = [part for part in left if None in blamed or part.variant in blamed]
                found |= {part.link.sku: refusals[0].message for part in bad}
                left, effect = [part for part in left if part not in bad], None
        return found

    async def _wait(self, failure: Failure) -> datetime:
        await self._writing.heard(failure)
        site = self._site
        wait = timedelta(seconds=failure.after) if isinstance(failure, NotNow) else delay(2, site.chance)
        return site.now() + max(wait, timedelta(seconds=1))

    async def send(self, call: Sequence[Part]) -> tuple[VariantRefusal, ...]:
        """Write down what is sent, send it, write down what came of it: where all arrived, what was found too."""
        site, said = self._site, list[Answered]()
        [effect] = await self._intended([call])
        try:
            return await self._sent(call, effect, said)
        finally:
            await site.store.write(_answered, site.name, said, site.now())

    async def _intended(self, calls: Sequence[Sequence[Part]]) -> list[int]:
        """Write down what is about to be sent; the effect of each call."""
        site = self._site
        keyed = [(call, site.fresh_key()) for call in calls]
        return await site.store.write(_intend, site.name, keyed, site.now())

    async def _sent(
        self, call: Sequence[Part], effect: int, said: list[Answered]
    ) -> tuple[VariantRefusal, ...]:
        """Send what is written down, and say what came of it."""
        site = self._site
        assert site.variants is not None, "products are sent where the shop has some"
        own = [part.sent for part in call if isinstance(part.sent, AllowedWrite)]
        prices = [part.sent for part in call if isinstance(part.sent, AllowedPrice)]
        try:
            refusals = await (
                site.variants.write_prices(prices) if prices else site.variants.write_variants(own)
            )
        except Failure as failure:
            outcome = "rejected" if isinstance(failure, NotApplied) else "unknown"
            said.append(Answered(effect, outcome, failure.cause))
            raise
        if refusals:
            said.append(Answered(effect, "rejected", refusals[0].message))
        else:
            said.append(Answered(effect, "applied", found=[part.looked for part in call]))
        return refusals


def _rounds(looks: Sequence[Look]) -> list[list[Look]]:
    """Looks whose calls have nothing to do with each other: a product each, and together all that markets share."""
    products: dict[str, list[Look]] = {}
    for one in looks:
        products.setdefault("" if one.prices else one.looked.link.product, []).append(one)
    return list(products.values())


def _calls(looks: Sequence[Look]) -> list[list[Part]]:
    """Variants of one product together and prices of one market together, as many as one call takes.

    Prices that are taken out of a market go by a call of their own.
    """
    groups: dict[tuple[str, str, bool], list[Part]] = {}
    for part in sorted((part for one in looks for part in parted(one)), key=_market):
        own = part.link.product if isinstance(part.sent, AllowedWrite) else ""
        gone = isinstance(part.sent, AllowedPrice) and part.sent.price is None
        groups.setdefault((_market(part), own, gone), []).append(part)
    return [group[at : at + PER_CALL] for group in groups.values() for at in range(0, len(group), PER_CALL)]


def _market(part: Part) -> str:
    return part.sent.market if isinstance(part.sent, AllowedPrice) else ""


async def unanswered(site: Site, due: Sequence[Link]) -> Sent:
    """Values of writes to these whose answer was lost."""
    skus = {link.sku for link in due}
    found: dict[str, dict[str, Value]] = {}
    for effect in await site.store.read(open_effects, site.name, "shop", OP):
        for sku, values in _sent(effect).items():
            if sku in skus:
                found.setdefault(sku, {}).update(values)
    return found


def _intend(tx: Tx, connection: str, calls: Sequence[tuple[Sequence[Part], str]], now: datetime) -> list[int]:
    return [_intend_one(tx, connection, call, key, now) for call, key in calls]


def _intend_one(tx: Tx, connection: str, call: Sequence[Part], key: str, now: datetime) -> int:
    rows = {part.link.sku: {name: shown(value) for name, value in part.sent.values.items()} for part in call}
    body = orjson.dumps(rows).decode()
    return intend(
        tx, connection=connection, work_id=None, remote="shop", op=OP, ext_ref=key, key=key,
        fingerprint=sha256(body.encode()).hexdigest(), body=body, now=now,
    )  # fmt: skip


def _answered(tx: Tx, connection: str, said: Sequence[Answered], now: datetime) -> None:
    """What came of each call; what arrived is kept as it was found."""
    for one in said:
        settle_effect(tx, one.effect, one.outcome, None, one.said, now)
    keep_looked(tx, connection, [looked for one in said for looked in one.found], now)


def _sent(effect: Effect) -> Mapping[str, Mapping[str, Value]]:
    rows: dict[str, dict[str, str]] = orjson.loads(effect.body)
    return {sku: {name: kept(name, text) for name, text in values.items()} for sku, values in rows.items()}


def settle_found(tx: Tx, connection: str, skus: Collection[str], now: datetime) -> None:
    """A target is said again where it did not arrive, so all that matters is that the shop was read since."""
    for effect in open_effects(tx, connection, "shop", OP):
        if set(_sent(effect)) <= set(skus):
            settle_effect(tx, effect.id, "superseded", None, "the shop was read since", now)
