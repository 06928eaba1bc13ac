"""Writing levels: batches of 250, written down before they are sent, finished exactly once whatever dies between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from math import inf
from typing import Any

import orjson

from engine.delivery.retry import delay
from engine.flows.site import Site
from engine.model.clock import Clock
from engine.model.failure import TOO_OLD, Failure, NotApplied
from engine.model.ids import ItemId, LocationId, OrderId, Sku
from engine.model.remit import Subject
from engine.model.stock import CellKey, LevelRefusal, LevelWrite
from engine.stock.buffers import NOTHING, Buffer
from engine.stock.explain import kept
from engine.stock.memory import Memory, lowered
from engine.stock.open_write import Remedy, remedy
from engine.stock.order_at_cell import OrderAtCell
from engine.stock.target import Target
from engine.stock.velocity import Sold
from engine.store.rows import CellState, Effect, FailureNote, Published
from engine.store.tx import Tx
from engine.store.verbs.effect import intend, open_effects, settle_effect
from engine.store.verbs.levels import unmoved
from engine.store.verbs.publish import cell_failed, publish
from engine.store.verbs.stock import cell_states

BATCH = 250
"""Shopify's limit for array arguments."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A decided cell, with the moment of the back office's figures."""

    cell: CellState
    target: Target
    orders: Mapping[OrderId, OrderAtCell]
    erp_at: datetime
    asked_at: float = 0.0
    """When the back office was asked for them, by our monotonic clock: a clock set back makes no figure fresh again."""
    buffer: Buffer = NOTHING
    """What was held back, by its rule."""
    kits: Mapping[OrderId, int] = field(default_factory=dict)
    """Units that sold kits take, by order."""
    elsewhere: Mapping[OrderId, int] = field(default_factory=dict)
    """Units that other shops sold and the back office has not booked yet, by order."""
    components: Mapping[Sku, tuple[int, int]] = field(default_factory=dict)
    """Of a kit: free units of each component, and how many one kit takes."""
    sold: Sold | None = None
    again_in: timedelta | None = None
    """After which time the cell is looked at again although nothing moves."""
    unfound: bool = False
    """A document that exists was not found yet, so the figure errs low and is looked at again."""

    @property
    def write(self) -> LevelWrite:
        """The compare-and-swap."""
        return LevelWrite(
            self.cell.sku, self.cell.item, self.cell.location, self.target.quantity, self.target.on_hand
        )

    @property
    def published(self) -> Published:
        """What to remember after the write, or after both sides were found equal."""
        target, terms = self.target, self.target.terms
        return Published(
            key=self.cell.key,
            read=self.cell.memory,
            agreed=target.agreed(),
            target=target.quantity,
            on_hand=target.on_hand,
            terms_json=orjson.dumps(
                kept(target, self.orders, self.buffer.text, self.kits, self.components, self.elsewhere)
            ).decode(),
            dirty_seq=self.cell.dirty_seq,
            open=target.open or self.unfound,
            again_at=None if self.again_in is None else self.erp_at + self.again_in,
            sold=self.sold,
            erp_on_hand=terms.erp_on_hand,
            erp_reserved=terms.erp_reserved,
            erp_at=self.erp_at,
        )

    @property
    def until_listed(self) -> bool:
        """There is nothing to write, and only the next complete listing of changed orders can tell more."""
        return self.target.open and self.target.equal and not self.unfound

    def settles(self, clock: Clock, freshness: timedelta) -> bool:
        """What was read still suffices to act on."""
        if self.unfound and self.target.equal:
            return False
        since_asked = timedelta(seconds=clock.monotonic() - self.asked_at)
        return self.target.settles(max(clock.now() - self.erp_at, since_asked), freshness)

    def until(self, clock: Clock, freshness: timedelta) -> float:
        """Until when what was read suffices to act on, by the monotonic clock; for ever unless it raises a level."""
        if not self.target.raises:
            return inf
        return (
            min(self.asked_at, clock.monotonic() - (clock.now() - self.erp_at).total_seconds())
            + freshness.total_seconds()
        )


@dataclass(frozen=True, slots=True)
class Open:
    """A write whose answer was never recorded."""

    effect: Effect
    rows: Sequence[Published]
    writes: Sequence[LevelWrite]

    @property
    def cells(self) -> frozenset[CellKey]:
        """The cells it may have changed, or may still change."""
        return frozenset(row.key for row in self.rows)

    def remedy(self, held: Mapping[CellKey, int], now: datetime, freshness: timedelta) -> Remedy:
        """What it needs, by the levels held now."""
        taken = min(row.erp_at or self.effect.created_at for row in self.rows)
        return remedy(
            [(row.on_hand, row.target, held.get(row.key)) for row in self.rows],
            snapshot_age=now - taken,
            age=now - self.effect.created_at,
            freshness=freshness,
        )


class LevelWriter:
    """Sends batches and settles them."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def write(self, plans: Sequence[Planned]) -> None:
        """Write all of these; members that are refused do not hold back the others."""
        for start in range(0, len(plans), BATCH):
            await self._batch(list(plans[start : start + BATCH]))

    async def finish_open(self) -> frozenset[CellKey]:
        """Settle what an earlier engine, or a lost reply, left open; the cells whose write may still arrive.

        Raises Failure while the shop does not answer; nothing else may be written before.
        """
        site, doubtful = self._site, frozenset[CellKey]()
        for effect in await site.store.read(open_effects, site.name, "shop", "set_on_hand"):
            one = _opened(effect)
            held = await self._held(one.writes)
            if not all(site.licence.remit.covers(Subject.STOCK, write.location) for write in one.writes):
                await self._finish(effect.id, [row for row in one.rows if held.get(row.key) == row.target])
                continue  # it is another connector's by now: it is neither sent again nor spoilt
            match one.remedy(held, site.now(), site.rhythm.freshness):
                case Remedy.REPEAT:
                    refusals = await site.shop.set_on_hand(one.writes, key=effect.key)
                    await self._settle(effect.id, one.rows, refusals)
                case Remedy.SPOIL:
                    doubtful |= one.cells
                    await self._spoil(one, held)
                case Remedy.WAIT:
                    doubtful |= one.cells
                case Remedy.NEVER:
                    await self._finish(effect.id, [])
                case Remedy.LOOK:
                    await self._finish(
                        effect.id, [row for row in one.rows if held.get(row.key) == row.target]
                    )
        return doubtful

    async def _spoil(self, one: Open, held: Mapping[CellKey, int]) -> None:
        """Lower the fullest of its levels by a unit; the next look sends the write again, which then cannot act."""
        site = self._site
        row = max(one.rows, key=lambda row: held.get(row.key, 0))
        write = next(w for w in one.writes if (w.sku, w.location) == row.key)
        [cell] = await site.store.read(cell_states, site.name, [row.key])
        was = held[row.key]
        spoiling = replace(
            row, read=cell.memory, agreed=lowered(cell.memory, 1), on_hand=was, target=was - 1, open=True
        )
        member = replace(write, quantity=was - 1, change_from=was)
        key = site.fresh_key()
        effect = await site.store.write(_put_down, site.name, [_row(spoiling, member.item)], key, site.now())
        await self._settle(effect, [spoiling], await site.shop.set_on_hand([member], key=key))

    async def _held(self, writes: Sequence[LevelWrite]) -> Mapping[CellKey, int]:
        levels = await self._site.shop.read_levels({w.item for w in writes}, {w.location for w in writes})
        return {CellKey(level.sku, level.location): level.on_hand for level in levels}

    async def _batch(self, plans: list[Planned]) -> None:
        """Send what still holds; whoever is refused or has moved is looked at again, the others are sent."""
        site = self._site
        while plans:
            key = site.fresh_key()
            fresh = [plan for plan in plans if plan.settles(site.clock, site.rhythm.freshness)]
            effect, plans = await site.store.write(_intend, site.name, fresh, key, site.now())
            if effect is None:
                return
            until = min(plan.until(site.clock, site.rhythm.freshness) for plan in plans)
            try:
                refusals = await site.shop.set_on_hand([plan.write for plan in plans], key=key, until=until)
            except NotApplied as failure:
                await site.store.write(settle_effect, effect, "rejected", None, failure.code, site.now())
                if failure.code == TOO_OLD:
                    continue  # what lowers a level is right at any age
                await self._later(plans, failure)
                return
            await self._settle(effect, [plan.published for plan in plans], refusals)
            if not refusals:
                site.pace.arrived(site.now(), [plan.cell.dirty_at for plan in plans])
                return
            refused = {CellKey(refusal.write.sku, refusal.write.location) for refusal in refusals}
            left = [plan for plan in plans if plan.cell.key not in refused]
            plans = left if len(left) < len(plans) else []

    async def _settle(self, effect: int, rows: Sequence[Published], refusals: Sequence[LevelRefusal]) -> None:
        site = self._site
        if not refusals:
            await self._finish(effect, rows)
            return
        evidence = "; ".join(sorted({refusal.code for refusal in refusals}))
        await site.store.write(settle_effect, effect, "rejected", None, evidence, site.now())
        for refusal in refusals:
            if not refusal.stale:
                note = FailureNote(
                    f"Shopify refused the level: {refusal.message}",
                    "Correct the item or its location in Shopify; the next sweep tries again.",
                    refusal.code,
                )
                key = CellKey(refusal.write.sku, refusal.write.location)
                await site.store.write(cell_failed, site.name, key, note, site.now(), due_at=None)

    async def _finish(self, effect: int, rows: Sequence[Published]) -> None:
        site = self._site
        await site.store.write(_finish, site.name, effect, rows, site.now())

    async def _later(self, plans: Sequence[Planned], failure: Failure) -> None:
        site = self._site
        for plan in plans:
            due = site.now() + delay(plan.cell.attempt, site.chance)
            await site.store.write(
                cell_failed, site.name, plan.cell.key, FailureNote.of(failure), site.now(), due_at=due
            )


def _intend(
    tx: Tx, connection: str, plans: Sequence[Planned], key: str, now: datetime
) -> tuple[int | None, list[Planned]]:
    """Write down the write of those cells whose version has not moved since they were read; its id, and them."""
    same = unmoved(tx, connection, [plan.cell for plan in plans])
    left = [plan for plan in plans if plan.cell.key in same]
    if not left:
        return None, []
    rows = [_row(plan.published, plan.cell.item) for plan in left]
    return _put_down(tx, connection, rows, key, now), left


def _put_down(tx: Tx, connection: str, rows: Sequence[dict[str, object]], key: str, now: datetime) -> int:
    body = orjson.dumps(rows).decode()
    return intend(
        tx, connection=connection, work_id=None, remote="shop", op="set_on_hand", ext_ref=key, key=key,
        fingerprint=sha256(body.encode()).hexdigest(), body=body, now=now,
    )  # fmt: skip


def _finish(tx: Tx, connection: str, effect: int, rows: Sequence[Published], now: datetime) -> None:
    """The outcome and the memory of its cells, in one transaction."""
    settle_effect(tx, effect, "applied" if rows else "rejected", None, "", now)
    if rows:
        publish(tx, connection, rows, now, reference=f"effect:{effect}")


def _row(row: Published, item: ItemId) -> dict[str, object]:
    return {
        "sku": row.key.sku, "location": row.key.location, "item": item, "read": _kept(row.read),
        "agreed": _kept(row.agreed), "target": row.target, "on_hand": row.on_hand, "terms": row.terms_json,
        "dirty_seq": row.dirty_seq, "open": row.open, "erp_on_hand": row.erp_on_hand, "erp_reserved": row.erp_reserved,
        "erp_at": row.erp_at,
    }  # fmt: skip


def _kept(memory: Memory) -> dict[str, object]:
    return {name: getattr(memory, name) for name in memory.__slots__}


def _opened(effect: Effect) -> Open:
    rows: list[Published] = []
    writes: list[LevelWrite] = []
    for row in orjson.loads(effect.body):
        key = CellKey(Sku(row["sku"]), LocationId(row["location"]))
        taken = row["erp_at"]
        rows.append(
            Published(
                key=key, read=_memory(row["read"]), agreed=_memory(row["agreed"]), target=row["target"],
                on_hand=row["on_hand"], terms_json=row["terms"], dirty_seq=row["dirty_seq"],
                open=row.get("open", False),
                erp_on_hand=row["erp_on_hand"], erp_reserved=row["erp_reserved"],
                erp_at=None if taken is None else datetime.fromisoformat(taken),
            )
        )  # fmt: skip
        writes.append(LevelWrite(key.sku, ItemId(row["item"]), key.location, row["target"], row["on_hand"]))
    return Open(effect, rows, writes)


def _memory(kept: Mapping[str, Any]) -> Memory:
    seen_at = kept["seen_at"]
    return Memory(**{**kept, "seen_at": None if seen_at is None else datetime.fromisoformat(seen_at)})
