"""Writing levels: batches of 250, written down before they are sent, finished exactly once whatever dies between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import orjson

from engine.delivery.retry import delay
from engine.flows.site import Site
from engine.model.failure import Failure, NotApplied
from engine.model.ids import ItemId, LocationId, OrderId, Sku
from engine.model.stock import CellKey, LevelRefusal, LevelWrite
from engine.stock.explain import kept
from engine.stock.target import OrderAtCell, Target
from engine.store.rows import CellState, Effect, FailureNote, Published
from engine.store.tx import Tx
from engine.store.verbs.effect import intend, open_effects, settle_effect
from engine.store.verbs.publish import cell_failed, publish

BATCH = 250
"""Shopify's limit for array arguments."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A decided cell with what to store once its write has succeeded."""

    cell: CellState
    target: Target
    published: Published

    @property
    def write(self) -> LevelWrite:
        """The compare-and-swap."""
        return LevelWrite(
            self.cell.sku, self.cell.item, self.cell.location, self.target.quantity, self.target.on_hand
        )


def finished(
    cell: CellState, target: Target, orders: Mapping[OrderId, OrderAtCell], erp_at: datetime
) -> Published:
    """What to remember of a cell after its write, or after both sides were found equal."""
    memory, terms = target.agreed(), target.terms
    return Published(
        key=cell.key,
        expected_ver=cell.ver,
        base=memory.base,
        pos=memory.pos,
        target=target.quantity,
        on_hand=target.on_hand,
        terms_json=orjson.dumps(kept(target, orders)).decode(),
        dirty_seq=-1 if target.waiting else cell.dirty_seq,
        base_read=cell.base,
        pos_read=cell.pos,
        seen_low=target.memory.seen_low,
        seen_at=target.memory.seen_at,
        erp_on_hand=terms.erp_on_hand,
        erp_reserved=terms.erp_reserved,
        erp_at=erp_at,
    )


class LevelWriter:
    """Sends batches and settles them."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def write(self, plans: Sequence[Planned]) -> None:
        """Write all of these; members that are refused do not hold back the others."""
        for start in range(0, len(plans), BATCH):
            await self._batch(list(plans[start : start + BATCH]))

    async def finish_open(self) -> None:
        """Settle what an earlier engine, or a lost reply, left open: same key, same body, so it acts at most once.

        Raises Failure while the shop does not answer; nothing else may be written before.
        """
        site = self._site
        for effect in await site.store.read(open_effects, site.name, "shop", "set_on_hand"):
            rows = [_published(row) for row in orjson.loads(effect.body)]
            fresh = site.now() - effect.created_at <= site.rhythm.freshness
            if fresh or not any(row.target > row.on_hand for row, _ in rows):
                refusals = await site.shop.set_on_hand([write for _, write in rows], key=effect.key)
                await self._settle(effect.id, [row for row, _ in rows], refusals)
            else:
                await self._judge(effect, rows)

    async def _judge(self, effect: Effect, rows: Sequence[tuple[Published, LevelWrite]]) -> None:
        """Too old to be sent again, for it raises a level: see whether it was applied."""
        site = self._site
        writes = [write for _, write in rows]
        levels = await site.shop.read_levels({w.item for w in writes}, {w.location for w in writes})
        held = {CellKey(level.sku, level.location): level.on_hand for level in levels}
        applied = [row for row, write in rows if held.get(row.key) == write.quantity]
        await site.store.write(
            _finish, site.name, effect.id, "applied" if applied else "rejected", applied, site.now()
        )

    async def _batch(self, plans: list[Planned]) -> None:
        site = self._site
        while plans:
            key, now = site.fresh_key(), site.now()
            body = orjson.dumps([_row(plan) for plan in plans]).decode()
            effect = await site.store.write(
                intend, connection=site.name, work_id=None, remote="shop", op="set_on_hand", ext_ref=key, key=key,
                fingerprint=sha256(body.encode()).hexdigest(), body=body, now=now,
            )  # fmt: skip
            try:
                refusals = await site.shop.set_on_hand([plan.write for plan in plans], key=key)
            except NotApplied as failure:
                await site.store.write(settle_effect, effect, "rejected", None, failure.code, site.now())
                await self._later(plans, failure)
                return
            await self._settle(effect, [plan.published for plan in plans], refusals)
            if not refusals:
                return
            refused = {CellKey(refusal.write.sku, refusal.write.location) for refusal in refusals}
            left = [plan for plan in plans if plan.cell.key not in refused]
            plans = left if len(left) < len(plans) else []

    async def _settle(self, effect: int, rows: list[Published], refusals: Sequence[LevelRefusal]) -> None:
        site = self._site
        if not refusals:
            await site.store.write(_finish, site.name, effect, "applied", rows, site.now())
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

    async def _later(self, plans: Sequence[Planned], failure: Failure) -> None:
        site = self._site
        for plan in plans:
            due = site.now() + delay(plan.cell.attempt, site.chance)
            await site.store.write(
                cell_failed, site.name, plan.cell.key, FailureNote.of(failure), site.now(), due_at=due
            )


def _finish(tx: Tx, connection: str, effect: int, outcome: str, rows: list[Published], now: datetime) -> None:
    """The outcome and the memory of its cells, in one transaction."""
    settle_effect(tx, effect, outcome, None, "", now)
    if rows:
        publish(tx, connection, rows, now, reference=f"effect:{effect}")


def _row(plan: Planned) -> dict[str, object]:
    row = plan.published
    return {
        "sku": row.key.sku, "location": row.key.location, "item": plan.cell.item, "ver": row.expected_ver,
        "base": row.base, "pos": row.pos, "target": row.target, "on_hand": row.on_hand, "terms": row.terms_json,
        "dirty_seq": row.dirty_seq, "base_read": row.base_read, "pos_read": row.pos_read,
    }  # fmt: skip


def _published(row: dict[str, object]) -> tuple[Published, LevelWrite]:
    def whole(name: str) -> int:
        value = row[name]
        assert isinstance(value, int)
        return value

    sku, location = Sku(str(row["sku"])), LocationId(str(row["location"]))
    published = Published(
        key=CellKey(sku, location), expected_ver=whole("ver"), base=None if row["base"] is None else whole("base"), pos=whole("pos"),
        target=whole("target"), on_hand=whole("on_hand"), terms_json=str(row["terms"]),
        dirty_seq=whole("dirty_seq"), base_read=None if row["base_read"] is None else whole("base_read"),
        pos_read=whole("pos_read"),
    )  # fmt: skip
    return published, LevelWrite(sku, ItemId(str(row["item"])), location, whole("target"), whole("on_hand"))
