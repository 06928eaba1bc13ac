"""Deliberate faults in the stock rule and the writing of levels."""

from collections.abc import Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from typing import Any, cast

from sqlalchemy import Connection, select

from adapters.shopify import acts
from adapters.shopify.client import ShopifyClient
from adapters.shopify.storefront import ShopifyStorefront
from adapters.shopify.wire import level as wire_level
from engine.flows.cell_reading import Reading, read_all
from engine.flows.levels import Planned
from engine.flows.site import Site
from engine.model.ids import Sku
from engine.model.stock import CellKey, LevelRefusal, LevelWrite, ShopLevel, StockSnapshot
from engine.ports import BackOffice
from engine.stock import target
from engine.stock.memory import Memory
from engine.stock.order_at_cell import OrderAtCell
from engine.stock.target import Shelf, Target, Terms
from engine.store.rows import CellState, Published
from engine.store.tables import stock
from engine.store.verbs.publish import publish
from engine.store.verbs.stock import ONE, named, see_level
from tests.simulation.mutant import Mutant

RELISTED = frozenset({"RELISTED"})
WRONG = frozenset({"RELISTED", "DIFFERS"})
_set_on_hand = ShopifyStorefront.set_on_hand
_agreed = Target.agreed


async def _blind(
    self: ShopifyStorefront, writes: Sequence[LevelWrite], *, key: str, until: float = inf
) -> tuple[LevelRefusal, ...]:
    levels = await self.read_levels({w.item for w in writes}, {w.location for w in writes})
    held = {(level.sku, level.location): level.on_hand for level in levels}
    anew = [replace(w, change_from=held.get((w.sku, w.location), w.change_from)) for w in writes]
    return await _set_on_hand(self, anew, key=key, until=until)


@dataclass(frozen=True)
class _Early:
    """A back office whose stock was read before anything else."""

    real: BackOffice
    snapshot: StockSnapshot

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    async def stock(self, skus: Collection[Sku]) -> StockSnapshot:
        return self.snapshot


class _SetsAvailable:
    """A client that names the wrong quantity."""

    def __init__(self, client: ShopifyClient) -> None:
        self._client = client

    async def write(self, operation: str, root: str, variables: dict[str, Any], *, until: float) -> Any:
        given = variables["input"] | {"name": "available"}
        return await self._client.write(operation, root, variables | {"input": given}, until=until)


async def _set_available(
    self: ShopifyStorefront, writes: Sequence[LevelWrite], *, key: str, until: float = inf
) -> tuple[LevelRefusal, ...]:
    return await acts.set_on_hand(cast(ShopifyClient, _SetsAvailable(self._client)), writes, key, until)


def _available_as_on_hand(*args: Any) -> ShopLevel | None:
    level = wire_level(*args)
    return None if level is None else replace(level, on_hand=level.available)


async def _erp_first(site: Site, cells: Sequence[CellState], **kept: Any) -> Reading:
    seen = copy(site)
    snapshot = await site.back_office.stock({cell.sku for cell in cells})
    seen.back_office = cast(BackOffice, _Early(site.back_office, snapshot))
    return await read_all(seen, cells, **kept)


async def _stock_before_shipments(site: Site, cells: Sequence[CellState], **kept: Any) -> Reading:
    reading = await read_all(site, cells, **kept)
    snapshot = await site.back_office.stock({cell.sku for cell in cells})
    documents = await site.back_office.documents({held.order_id for held in reading.orders})
    return replace(reading, snapshot=snapshot, documents=documents)


def _no_remainder(
    memory: Memory, on_hand: int, orders: Iterable[OrderAtCell], shelf: Shelf, **rest: Any
) -> Target:
    orders = tuple(orders)
    named = rest.get("settled_movements", 0) + sum(order.named for order in orders)
    base = None if memory.base is None else on_hand - named
    return target.decide(replace(memory, base=base), on_hand, orders, shelf, **rest)


def _whatever_version(
    tx: Connection, connection: str, cells: Sequence[Published], now: datetime, reference: str = ""
) -> list[bool]:
    anew = []
    for cell in cells:
        ver = tx.execute(select(stock.c.ver).where(ONE), named(connection, cell.key)).scalar()
        anew.append(cell if ver is None else replace(cell, read=replace(cell.read, ver=ver)))
    return publish(tx, connection, anew, now, reference)


def _all_unmoved(_tx: Connection, _connection: str, cells: Sequence[CellState]) -> set[CellKey]:
    return {cell.key for cell in cells}


def _base_follows(tx: Connection, connection: str, levels: Sequence[ShopLevel], now: datetime) -> Any:
    for level in levels:
        mine = (stock.c.connection == connection) & (stock.c.sku == level.sku)
        mine &= (stock.c.location == level.location) & stock.c.base.is_not(None)
        tx.execute(stock.update().where(mine).values(base=stock.c.base + level.on_hand - stock.c.on_hand))
    return see_level(tx, connection, levels, now)


def _pos_forgotten(self: Target) -> Any:
    return replace(_agreed(self), pos=self.pos_left)


_nothing_left = property(lambda order: 0)
_returned_twice = property(lambda order: max(0, order.left_here_only - order.restocked))


def _lifted(terms: Terms, _on_hand: int) -> int:
    return max(terms.total() + terms.held_up, 0)


def _for_ever(*_: Any) -> float:
    return inf


def _always(plan: Planned, *_: Any) -> bool:
    return not (plan.target.waiting and plan.target.equal)


COMPANY = {"slow": 5.0, "meddle": 0.2, "pace": 6.0}
"""Somebody does something while calls are under way."""

QUIET: dict[str, Any] = dict.fromkeys(
    ("lost", "reply_lost", "broken", "outages", "crash", "pauses", "stall", "busy", "late"), 0
)
"""Nothing but what else is named: where a fault needs several things to go well one after the other."""

STOCK: tuple[Mutant, ...] = (
    Mutant("blind-set", "a level is set whatever stands there", WRONG, 20,
           {"adapters.shopify.storefront.ShopifyStorefront.set_on_hand": _blind}),
    Mutant("erp-before-shopify", "the ERP's figures are read before Shopify's", WRONG, 20,
           {"engine.flows.inventory.read_all": _erp_first}, COMPANY),
    Mutant("stock-before-shipments", "ERP stock is read before ERP shipments", WRONG, 20,
           {"engine.flows.inventory.read_all": _stock_before_shipments}, COMPANY),
    Mutant("remainder-ignored", "an unexplained fall is written away", WRONG, 20,
           {"engine.flows.deciding.decide": _no_remainder}, {"drop": 0.5, "listing_lag": 40.0}),
    Mutant("version-not-compared", "a write is sent, and its memory kept, whatever happened meanwhile",
           WRONG | {"PHANTOM REMAINDER"}, 20,
           {"engine.flows.levels.publish": _whatever_version, "engine.flows.levels.unmoved": _all_unmoved},
           {"edits": True, "meddle": 0.15, "slow": 3.0}),
    Mutant("base-on-plain-read", "the agreed figure follows what is read", WRONG | {"PHANTOM REMAINDER"}, 10,
           {"engine.flows.cell_reading.see_level": _base_follows}),
    Mutant("rise-dropped", "a rise that was written away is not kept", frozenset({"PHANTOM REMAINDER"}), 10,
           {"engine.stock.target.Target.agreed": _pos_forgotten}, {"edits": True}),
    Mutant("f-ignored", "goods that left in the shop first are on sale again until the ERP ships them", RELISTED, 10,
           {"engine.stock.order_at_cell.OrderAtCell.shipped_here_only": _nothing_left}),
    Mutant("f-net-of-booked-returns", "returns make up for goods that left, although the ERP has them", WRONG, 20,
           {"engine.stock.order_at_cell.OrderAtCell.shipped_here_only": _returned_twice},
           QUIET | {"tier": "T0", "late_verb": "ship", "pace": 6.0, "parted": True}),
    Mutant("g-raises", "units the ERP shipped first raise the level", RELISTED, 40,
           {"engine.stock.target._quantity": _lifted},
           {"crossed": True, "pace": 4.0, "drop": 0.95, "listing_lag": 40.0}),
    Mutant("freshness-ignored", "a level is raised on old figures", frozenset({"STALE RAISE"}), 20,
           {"engine.flows.levels.Planned.settles": _always, "engine.flows.levels.Planned.until": _for_ever}, {"slow": 15.0, "pace": 8.0}),
    Mutant("compare-on-available", "what may be sold is read, compared and set where the shelf is meant", WRONG, 5,
           {"adapters.shopify.storefront.ShopifyStorefront.set_on_hand": _set_available,
            "adapters.shopify.levels.level": _available_as_on_hand}),
)  # fmt: skip
