"""Looking for products that changed: articles of the back office by its cursor, variants of the shop by time.

Nothing is asked of either side before the first variant is adopted.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta

from engine.flows.product_alarm import Alarm
from engine.flows.site import Site
from engine.model.failure import Failure
from engine.model.ids import Sku
from engine.model.product import OfficeProduct
from engine.store.queries.products import adopted_count, by_office_id, links
from engine.store.tx import Tx
from engine.store.verbs.cursor import get_cursor, set_cursor
from engine.store.verbs.products import mark_all, mark_skus, mark_variants, renamed

ARTICLES, VARIANTS, COMPARED = "articles", "variants", "products compared"
"""Cursors: the back office's changes, up to when the shop was listed, when all were compared."""
OVERLAP = timedelta(minutes=2)
"""A search of the shop may show a change late."""
MOST_PAGES = 50


class Catalogue:
    """Marks what changed on one connection."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._alarms = {name: Alarm(site, name) for name in (ARTICLES, VARIANTS)}

    async def articles(self) -> None:
        """Ask the back office which articles changed; the cursor advances with the marks, in one transaction."""
        await self._watched(ARTICLES, self._articles)

    async def variants(self) -> None:
        """Ask the shop which variants changed; every so often all are compared, whatever anybody tells."""
        await self._watched(VARIANTS, self._variants)

    async def _watched(self, name: str, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except Failure as failure:
            await self._alarms[name].heard(failure)
            raise
        await self._alarms[name].over()

    async def _articles(self) -> None:
        site = self._site
        if site.articles is None or not await site.store.read(adopted_count, site.name):
            return
        cursor = await site.store.read(get_cursor, site.name, ARTICLES)
        for _ in range(MOST_PAGES):
            found = await site.articles.articles_changed(cursor)
            if cursor is None:
                # nobody knows what changed before: everything adopted is compared
                await site.store.write(_begun, site.name, found.cursor, site.now())
                return
            names = await self._names(found.skus)
            if found.skus or found.cursor != cursor:
                await site.store.write(_changed, site.name, found.skus, names, found.cursor, site.now())
            if not found.skus or found.cursor == cursor:
                return
            cursor = found.cursor

    async def _variants(self) -> None:
        site, now = self._site, self._site.now()
        if site.variants is None or site.articles is None:
            return
        if not await site.store.read(adopted_count, site.name):
            return
        compared = await site.store.read(get_cursor, site.name, COMPARED)
        if compared is None or now - datetime.fromisoformat(compared) >= site.rhythm.full_compare:
            await site.store.write(_all, site.name, now)
            return
        since = await site.store.read(get_cursor, site.name, VARIANTS)
        changed = await site.variants.variants_changed(datetime.fromisoformat(since or compared) - OVERLAP)
        await site.store.write(_listed, site.name, changed, now)

    async def _names(self, skus: Collection[Sku]) -> Mapping[Sku, Sku]:
        """Adopted articles that are called otherwise now: old name by new name."""
        site = self._site
        known = {link.sku for link in await site.store.read(links, site.name, skus)}
        strange = set(skus) - known
        if not strange or site.articles is None:
            return {}
        articles: Mapping[Sku, OfficeProduct] = await site.articles.read_articles(strange)
        by_id = await site.store.read(by_office_id, site.name, [each.id for each in articles.values()])
        return {sku: by_id[each.id].sku for sku, each in articles.items() if each.id in by_id}


def _begun(tx: Tx, connection: str, cursor: str, now: datetime) -> None:
    mark_all(tx, connection, "first look", now)
    set_cursor(tx, connection, ARTICLES, cursor, now)


def _changed(
    tx: Tx, connection: str, skus: Collection[Sku], names: Mapping[Sku, Sku], cursor: str, now: datetime
) -> None:
    for new, old in names.items():
        renamed(tx, connection, old, new, now)
    mark_skus(tx, connection, skus, "back office", now)
    set_cursor(tx, connection, ARTICLES, cursor, now)


def _all(tx: Tx, connection: str, now: datetime) -> None:
    mark_all(tx, connection, "sweep", now)
    for name in (COMPARED, VARIANTS):
        set_cursor(tx, connection, name, now.isoformat(), now)


def _listed(tx: Tx, connection: str, changed: Collection[str], now: datetime) -> None:
    mark_variants(tx, connection, changed, "shop", now)
    set_cursor(tx, connection, VARIANTS, now.isoformat(), now)
