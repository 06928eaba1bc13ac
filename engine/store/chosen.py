"""How cells are picked from the table of stock: by its key, whether they are a few of many SKUs or all of some."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement

from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.tables import stock

CHUNK = 500
"""SKUs named in one statement."""
WASTE = 2
"""Rows read for each that is wanted, up to which SKUs and locations are asked for crosswise."""


def chosen(cells: Collection[CellKey]) -> Iterator[ColumnElement[bool]]:
    """Conditions on `stock` that together meet all these cells, each once, and few others."""
    at: dict[LocationId, set[Sku]] = defaultdict(set)
    for key in cells:
        at[key.location].add(key.sku)
    skus = {sku for each in at.values() for sku in each}
    if len(skus) * len(at) <= WASTE * sum(map(len, at.values())):
        groups = [(sorted(at), sorted(skus))] if at else []
    else:
        groups = [([location], sorted(each)) for location, each in sorted(at.items())]
    for locations, named in groups:
        for start in range(0, len(named), CHUNK):
            yield stock.c.sku.in_(named[start : start + CHUNK]) & stock.c.location.in_(locations)
