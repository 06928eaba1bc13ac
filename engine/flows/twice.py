"""SKUs that more than one item of the shop bears: nobody can say whose stock the back office means, so none is written."""

from collections.abc import Mapping
from datetime import datetime

import orjson

from engine.flows.intake import LANE_SWEEP
from engine.flows.site import Site
from engine.model.ids import Sku
from engine.store.trouble import StoreTrouble
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
    before = site.twice
    changed = {sku for sku in twice.keys() | before.keys() if twice.get(sku) != before.get(sku)}
    if not changed:
        return
    site.twice = dict(twice)
    try:
        await site.store.write(_found, site.name, site.twice, changed, site.now())
    except StoreTrouble:
        site.twice = before  # else nothing would seem to have changed the next time
        raise


def _found(tx: Tx, connection: str, twice: Twice, changed: set[Sku], now: datetime) -> None:
    set_cursor(tx, connection, CURSOR, orjson.dumps(twice).decode(), now)
    mark_sku_dirty(tx, connection, changed, reason="a SKU of several items", lane=LANE_SWEEP, now=now)
