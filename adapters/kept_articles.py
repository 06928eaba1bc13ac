"""Articles of a back office that stamps them and answers few calls: kept beside it, what was stamped since is read again.

For vendors that cannot be asked for many articles by their codes. How each asks and reads a row is its own. A look
costs one call as long as little changed, and none is made sooner than `every` seconds after the one before.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.moments import LONG_AGO
from adapters.overlap import Key, Overlap
from engine.model.clock import Clock
from engine.model.ids import Sku
from engine.model.product import OfficeProduct, ProductChanges

PAGE = 1000
WHOLE = timedelta(hours=1)
"""How often everything is read again: what was deleted is in no listing of changes."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """One article and when it was changed last, by the back office's clock."""

    article: OfficeProduct
    at: datetime

    @property
    def key(self) -> Key:
        """What it is: two edits may have one stamp."""
        one = self.article
        return (one.id, self.at, one.discontinued, *sorted(one.values.items()), *sorted(one.invalid.items()))


Ask = Callable[[datetime | None], Awaitable[Sequence[Stamped]]]
"""Articles stamped since a moment, or all of them; given-up ones too."""


class KeptArticles:
    """See `adapters.office.Knowing`."""

    def __init__(
        self, who: str, clock: Clock, ask: Ask, *, overlap: float, every: float, whole: timedelta = WHOLE
    ) -> None:
        """`overlap`: seconds between a stamp and the moment a question can see it; `every`: seconds between looks;
        `whole`: time between two readings of everything."""
        self._who, self._clock, self._ask = who, clock, ask
        self._overlap = Overlap(overlap)
        self._span, self._every, self._whole = timedelta(seconds=overlap), every, whole
        self._kept: dict[str, Stamped] = {}
        self._newest = LONG_AGO
        self._looked_at = self._whole_at = float("-inf")

    async def all(self) -> AsyncIterator[tuple[OfficeProduct, ...]]:
        """Every article, read anew; a code that two bear is left out."""
        await self._read_all()
        found = sorted(self._by_sku().values(), key=lambda each: each.sku)
        for start in range(0, len(found), PAGE):
            yield tuple(found[start : start + PAGE])

    async def named(self, skus: Collection[Sku]) -> Mapping[Sku, OfficeProduct]:
        """These as they were `every` seconds ago at most; unknown and ambiguous codes are left out."""
        await self._look()
        known = self._by_sku()
        return {sku: known[sku] for sku in skus if sku in known}

    async def since(self, cursor: str | None) -> ProductChanges:
        """See `engine.products.ports.OfficeCatalogue.articles_changed`."""
        await self._look()
        if cursor is None:
            return ProductChanges(frozenset(), self._give(self._newest - self._span))
        begin = self._overlap.since(cursor, self._who)
        told = self._overlap.told(cursor)
        fresh = [each for each in self._kept.values() if each.at >= begin and each.key not in told]
        if not fresh:
            return ProductChanges(frozenset(), cursor)
        skus = frozenset(each.article.sku for each in fresh)
        return ProductChanges(skus, self._give(max(begin, self._newest - self._span)))

    def _give(self, begin: datetime) -> str:
        return self._overlap.give(
            self._newest, frozenset(each.key for each in self._kept.values() if each.at >= begin)
        )

    async def _look(self) -> None:
        """Read what was stamped since the last look, or everything where that was long ago."""
        now = self._clock.monotonic()
        if now - self._looked_at < self._every:
            return
        if now - self._whole_at >= self._whole.total_seconds():
            await self._read_all()
            return
        self._keep(await self._ask(self._newest - self._span))
        self._looked_at = now

    async def _read_all(self) -> None:
        now = self._clock.monotonic()
        found = await self._ask(None)
        self._kept = {}
        self._keep(found)
        self._looked_at = self._whole_at = now

    def _keep(self, found: Sequence[Stamped]) -> None:
        self._kept |= {each.article.id: each for each in found}
        self._newest = max([self._newest, *(each.at for each in found)])

    def _by_sku(self) -> dict[Sku, OfficeProduct]:
        times = Counter(each.article.sku for each in self._kept.values())
        return {
            each.article.sku: each.article for each in self._kept.values() if times[each.article.sku] == 1
        }
