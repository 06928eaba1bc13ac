"""Deliberate faults in delivery, orders, leases and intake."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any

from sqlalchemy import Connection, select

from adapters.sql.booking import Booking
from engine.delivery.states import RUNNING
from engine.flows import intake
from engine.flows.intake import Intake
from engine.flows.orders import Orders
from engine.flows.watch import Watch
from engine.model.ids import DocumentId, OrderId, WorkId
from engine.model.order import Order
from engine.model.sale import Document
from engine.orders.step import TakeBack
from engine.orders.steps import _take_back as owed_returns
from engine.ports import Tier
from engine.store.rows import FailureNote, Incoming
from engine.store.session import Store
from engine.store.tables import lease, work
from engine.store.verbs import lease as leases
from engine.store.verbs.cursor import get_cursor, set_cursor
from engine.store.verbs.endings import retry, succeed, uncertain
from engine.store.verbs.inbox import IDENTITY, close_inbox, take_inbox
from engine.store.verbs.inbox import _values as inbox_values
from engine.store.verbs.rescue import rescue
from tests.simulation.mutant import Mutant

SLOW_SEARCH = {
    "tier": "T2", "late": 0.12, "index_lag": 20.0,
    "lost": 0.0, "reply_lost": 0.0, "broken": 0.0, "outages": 0, "pauses": 0, "stall": 0.0,
}  # fmt: skip
"""A back office without unique keys whose writes often arrive late; little else, or the breaker keeps the line closed."""
CREATED_TWICE = frozenset({"DUPLICATE", "DUPLICATED"})
LIVES_ON = {"second_engine": True, "pauses": 10, "stall": 0.02}
"""Engines that stand still for longer than their lease."""


@wraps(uncertain)
def _retried(
    tx: Connection, id: WorkId, epoch: int, _until: datetime | None, note: FailureNote, now: datetime
) -> bool:
    return retry(tx, id, epoch, now, note, now)


@wraps(uncertain)
def _looked_up_at_once(
    tx: Connection, id: WorkId, epoch: int, _until: datetime | None, note: FailureNote, now: datetime
) -> bool:
    return uncertain(tx, id, epoch, now, note, now)


def _one_look(_tier: Tier) -> int:
    return 0


def _unsettled(*_: Any) -> None:
    return None


@wraps(rescue)
def _rescued_to_pending(tx: Connection, *, connection: str, epoch: int, now: datetime, **_: Any) -> int:
    stale = (work.c.connection == connection) & work.c.state.in_(RUNNING) & (work.c.epoch < epoch)
    values = {"state": "pending", "due_at": now, "in_doubt": False}
    return tx.execute(work.update().where(stale).values(version=work.c.version + 1, **values)).rowcount


@wraps(rescue)
def _not_rescued(tx: Connection, *, connection: str, epoch: int, now: datetime, **_: Any) -> int:
    return 0


def _unfenced(store: Store, *_: Any) -> Store:
    return store


def _running_in_any_epoch(tx: Connection, attempts: Sequence[tuple[WorkId, int]]) -> list[Any]:
    running = select(work).where(work.c.state.in_(RUNNING))
    return [tx.execute(running.where(work.c.id == work_id)).first() for work_id, _ in attempts]


_acquire = leases.acquire


@wraps(leases.acquire)
def _same_epoch(tx: Connection, name: str, holder: str, seconds: float, now: datetime) -> int | None:
    epoch = _acquire(tx, name, holder, seconds, now)
    if epoch is None or epoch == 1:
        return epoch
    tx.execute(lease.update().where(lease.c.name == name).values(epoch=1))
    return 1


def _not_written(tx: Connection, **_: Any) -> int:
    return 0


async def _created_because_not_found(self: Orders, key: OrderId, _: Order) -> Document | None:
    return (await self._site.back_office.documents([key])).get(key)


async def _cursor_first(self: Watch) -> None:
    site = self._site
    changes = await site.back_office.changes(await site.store.read(get_cursor, site.name, "back_office"))
    await site.store.write(set_cursor, site.name, "back_office", changes.cursor, site.now())
    await site.store.write(
        intake.back_office_moved, site.name, changes.skus, changes.orders, "delta", site.now()
    )


async def _nothing_listed(self: Watch) -> None:
    return None


async def _closed_first(self: Intake) -> int:
    site = self._site
    rows = await site.store.read(take_inbox, site.name, 200)
    if rows:
        await site.store.write(close_inbox, [row.id for row in rows], site.now())
        await site.store.write(intake._intake, site.name, rows, site.now())
    return len(rows)


async def _told_to_nobody(_money: Any, _order: Any, _document: Any) -> None:
    """Nothing is owed."""


def _up_to_date(*_: Any) -> bool:
    return False


def _never_closed(*_: Any) -> bool:
    return False


@wraps(succeed)
def _asked_again_in_vain(tx: Connection, id: WorkId, epoch: int, now: datetime) -> bool:
    tx.execute(work.update().where(work.c.id == id).values(again=False))
    return succeed(tx, id, epoch, now)


@wraps(owed_returns)
def _difference(document: Document, *rest: Any) -> TakeBack | None:
    step = owed_returns(document, *rest)
    if step is None:
        return None
    back = {(line.sku, line.warehouse): line.returned for line in document.lines}
    return replace(step, units={shelf: total - back.get(shelf, 0) for shelf, total in step.units.items()})


def _booked_whole(self: Booking, document: DocumentId, units: Any, key: str) -> None:
    for (sku, warehouse), count in sorted(units.items()):
        values = {"document": document, "sku": sku, "warehouse": warehouse, "units": count, "total": count}
        self._run("return_line", values | {"key": key})


def _salted(tx: Connection, row: Incoming) -> Any:
    values = list(inbox_values(tx, row))
    values[IDENTITY.index("body_hash")] = f"{row.webhook_id}"
    return tuple(values)


def _nothing_kept(tx: Connection, rows: Any) -> list[bool]:
    return [True for _ in rows]


ENGINE = (
    Mutant("retry-after-timeout", "a create without an answer is tried again at once",
           CREATED_TWICE, 20, {"engine.flows.deliver.uncertain": _retried}, SLOW_SEARCH),
    Mutant("look-up-at-once", "an unknown outcome is looked up without waiting for the settle time",
           CREATED_TWICE, 20,
           {"engine.flows.deliver.uncertain": _looked_up_at_once, "engine.flows.settling.Settling.check": _unsettled,
            "engine.flows.orders.looks_needed": _one_look},
           SLOW_SEARCH),
    Mutant("rescue-to-pending", "a dead engine's records are simply due again",
           CREATED_TWICE, 20, {"engine.runtime.rescue": _rescued_to_pending}, SLOW_SEARCH | {"crash": 0.01}),
    Mutant("no-rescue", "what a dead engine left running stays so",
           frozenset({"STUCK", "LOST"}), 10, {"engine.runtime.rescue": _not_rescued}, {"crash": 0.005}),
    Mutant("no-fence", "a superseded engine may go on writing",
           frozenset({"NOT FENCED"}), 20, {"engine.flows.site.Fenced": _unfenced}, LIVES_ON),
    Mutant("settle-without-epoch", "an attempt is ended whoever's it is",
           frozenset({"NOT FENCED"}), 20,
           {"engine.flows.site.Fenced": _unfenced, "engine.store.verbs.endings._running": _running_in_any_epoch}, LIVES_ON),
    Mutant("no-epoch-bump", "a lease taken over keeps its epoch",
           frozenset({"EPOCH BACK", "STUCK"}), 10, {"engine.runtime.lease.acquire": _same_epoch},
           {"crash": 0.005}),
    Mutant("effect-not-written", "a create is sent without having been written down",
           frozenset({"NOT WRITTEN DOWN"}), 3, {"engine.flows.documents.intend": _not_written}),
    Mutant("found-not-closed", "a look-up that finds the document leaves the call open",
           frozenset({"STUCK"}), 10, {"engine.flows.documents.settle_open": _never_closed},
           {"reply_lost": 0.3}),
    Mutant("created-because-not-found", "a document we know to exist is made again when the search lags",
           CREATED_TWICE, 20, {"engine.flows.orders.Orders._document": _created_because_not_found},
           {"tier": "T2", "index_lag": 20.0}),
    Mutant("cursor-early", "the back office's cursor is stored before what it showed",
           frozenset({"SHIPPED", "DIFFERS", "STUCK", "RETURNED"}), 20,
           {"engine.flows.watch.Watch._deltas": _cursor_first}, {"busy": 0.2, "pace": 8.0, "second_engine": False, "crash": 0.0}),
    Mutant("no-order-poll", "only webhooks tell of orders",
           frozenset({"LOST", "SHIPPED", "RETURNED"}), 5, {"engine.flows.watch.Watch.orders": _nothing_listed},
           {"drop": 0.5}),
    Mutant("inbox-closed-early", "a message is closed before its work is asked for",
           frozenset({"CLOSED WITHOUT WORK"}), 10, {"engine.flows.intake.Intake.round": _closed_first}),
    Mutant("acknowledged-not-kept", "a webhook is answered 200 and not stored",
           frozenset({"ACKNOWLEDGED AND GONE"}), 3, {"console.inbox.receive_many": _nothing_kept}),
    Mutant("dedupe-on-header-only", "a message is known by the id in its header, which nobody signs",
           frozenset({"TAKEN IN TWICE"}), 5, {"engine.store.verbs.inbox._values": _salted}, {"duplicate": 0.2}),
    Mutant("return-by-difference", "the units of a return that seem to be missing are booked, whatever is there",
           frozenset({"RETURNED"}), 20,
           {"engine.orders.steps._take_back": _difference, "adapters.sql.booking.Booking.take_back": _booked_whole},
           {"tier": "T0", "late_verb": "take_back", "pace": 5.0}),
    Mutant("not-amended", "what is taken out of an order after it was booked stays reserved",
           frozenset({"RESERVED", "TOTAL"}), 5, {"engine.orders.steps.outdated": _up_to_date}),
    Mutant("money-not-carried", "what is paid, paid back and credited after an order was booked is told to nobody",
           frozenset({"MONEY", "CREDIT"}), 5, {"engine.flows.money.Money.due": _told_to_nobody}),
    Mutant("bell-while-running", "a change during an attempt is forgotten",
           frozenset({"SHIPPED", "RETURNED", "LOST", "DIFFERS"}), 20,
           {"engine.flows.deliver.succeed": _asked_again_in_vain}, {"slow": 5.0, "meddle": 0.2, "pace": 6.0}),
)  # fmt: skip
