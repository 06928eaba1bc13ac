"""SKUs that more than one item of the shop bears: nobody can say whose stock the back office means, so none is written."""

from collections.abc import Mapping

import orjson

from engine.flows.intake import LANE_SWEEP
from engine.flows.site import Site
from engine.model.ids import Sku
from engine.store.tx import Tx
from engine.store.verbs.cursor import get_cursor, set_cursor
from engine.store.verbs.stock import mark_sku_dirty

Twice = Mapping[Sku, tuple[str, ...]]
"""The items that share a SKU, each by title and id."""
CURSOR = "skus of several items"


async def take_up_twice(site: Site) -> None:
    """As the last sweep found them, before anything is written."""
    stored = await site.store.read(get_cursor, site.name, CURSOR)
    site.twice = {Sku(sku): tuple(items) for sku, items in orjson.loads(stored or "{}").items()}


async def found_twice(site: Site, twice: Twice) -> None:
    """A sweep found these, and no others; SKUs that came or went are looked at."""
    if twice != site.twice:
        changed = {sku for sku in twice.keys() | site.twice.keys() if twice.get(sku) != site.twice.get(sku)}
        site.twice = dict(twice)
        await site.store.write(_found, site, changed)


def _found(tx: Tx, site: Site, changed: set[Sku]) -> None:
    now = site.now()
    set_cursor(tx, site.name, CURSOR, orjson.dumps(site.twice).decode(), now)
    mark_sku_dirty(tx, site.name, changed, reason="a SKU of several items", lane=LANE_SWEEP, now=now)
