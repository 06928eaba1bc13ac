"""What people did can be played again from the audit trail alone, whenever their process died: it ends as the tables are."""

import os
import pickle
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.engine import Engine

from engine.model.clock import SystemClock
from engine.model.hold import Hold
from engine.model.ids import LocationId, Sku, WorkId
from engine.model.stock import CellKey
from engine.store.rows import FailureNote
from engine.store.session import Store
from engine.store.tables import IN_FORCE, hold, ledger, stock, work, work_mark
from engine.store.tx import Tx
from engine.store.verbs.asked import VERBS, do
from engine.store.verbs.claim import claim
from engine.store.verbs.endings import hold as keep_waiting
from engine.store.verbs.hold import hold_back, let_go
from engine.store.verbs.lease import acquire
from engine.store.verbs.ledger import ENGINE, verify
from engine.store.verbs.work import enqueue

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
RECORDS, CELLS = 12, 6
LIFE = 400
"""A process dies after at most so many statements."""
DIED = 9
PLACE = LocationId("gid://shopify/Location/1")
Act = tuple[str, str, str]
"""Who, did what, to what: the beginning of a line."""
SAID = {"retry": "redriven", "resolve": "resolved", "park": "parked", "unpark": "unparked", "assign": "assigned", "tag": "tagged"}  # fmt: skip


def waiting(tx: Tx, epoch: int) -> None:
    """Every record fails and waits for a person, as the engine leaves it."""
    for number in range(RECORDS):
        enqueue(
            tx, connection="main", kind="order", key=f"o{number}", lane=1, due_at=NOW, now=NOW, reason="x"
        )
    for one in claim(
        tx, connection="main", epoch=epoch, now=NOW, lanes=(0, RECORDS, 0, 0, 0), lease_seconds=60
    ):
        keep_waiting(tx, one.id, epoch, FailureNote("refused", "mend", "refused", ""), NOW)


def prepared(url: str) -> int:
    """A store with records that wait and cells that can be held back; the epoch of its engine."""
    store = Store.open(url, clock=SystemClock())
    epoch = store.write_sync(acquire, "main", "me", 1e9, NOW)
    assert epoch is not None
    store.write_sync(waiting, epoch)
    rows = [{"connection": "main", "sku": f"S{n}", "location": PLACE} for n in range(CELLS)]
    store.write_sync(lambda tx: tx.execute(stock.insert(), rows))
    store.close()
    return epoch


def acted(store: Store, chance: Random, epoch: int) -> Act | None:
    """One act of somebody; None when it changed nothing, or was the engine's."""
    who = chance.choice(("ana", "bob"))
    verb = chance.choice((*VERBS, "hold", "let go", "fail"))
    if verb == "fail":
        store.write_sync(waiting, epoch)
        return None
    if verb in VERBS:
        number = chance.randint(1, RECORDS)
        value = chance.choice(("", "ana", "late paid", "settled by hand"))
        done, _ = store.write_sync(do, verb, [(WorkId(number), None)], value, who, NOW)
        return (who, SAID[verb], f"order:o{number - 1}") if done else None
    key = CellKey(Sku(f"S{chance.randrange(CELLS)}"), PLACE)
    if verb == "hold":
        wanted = Hold("main", key.sku, PLACE, chance.randint(1, 9), False, who, NOW, None)
        done = store.write_sync(hold_back, wanted, NOW)
    else:
        done = store.write_sync(let_go, "main", key, who, NOW)
    return (who, {"hold": "held back"}.get(verb, verb), f"cell:{key.sku}|{PLACE}") if done else None


def life(url: str, seed: int, epoch: int, most: int) -> tuple[list[Act], int]:
    """What a process of its own was told to be done before it died somewhere in a statement, and how often it acted."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        with os.fdopen(tell, "wb", buffering=0) as out:
            try:
                chance, left = Random(seed), [Random(seed).randint(1, LIFE)]

                @event.listens_for(Engine, "before_cursor_execute")
                def die(*_: object) -> None:
                    left[0] -= 1
                    if left[0] == 0:
                        os._exit(DIED)

                store = Store.open(url, clock=SystemClock())
                for _ in range(most):
                    out.write(pickle.dumps(acted(store, chance, epoch)))
                os._exit(DIED)
            finally:
                os._exit(1)
    os.close(tell)
    answered: list[Act | None] = []
    with os.fdopen(told, "rb") as said:
        while True:
            try:
                answered.append(pickle.load(said))
            except EOFError:
                break
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == DIED
    return [one for one in answered if one is not None], len(answered)


@dataclass
class Replay:
    """The tables, as the trail tells them."""

    states: dict[str, str] = field(default_factory=dict)
    marks: dict[str, dict[str, str]] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)

    def line(self, action: str, entity: str, detail: str) -> None:
        match action:
            case "held":
                self.states[entity] = "held"
            case "redriven" | "resolved":
                self.states[entity] = action
                self.marks.pop(entity, None)
            case "assigned" | "tagged" | "parked" | "unparked":
                column = {"assigned": "assignee", "tagged": "tags"}.get(action, "parked")
                before, _, after = detail.partition(" -> ")
                mine = self.marks.setdefault(entity, {})
                assert (mine.get(column) or "-") == before, (entity, detail)
                mine[column] = after.replace("-", "") if after == "-" else after
            case "held back":
                self.held[entity] = detail
            case "let go":
                assert self.held.pop(entity) == detail


def as_they_are(tx: Tx) -> tuple[dict[str, str], dict[str, dict[str, str]], dict[str, int]]:
    names = {row.id: f"{row.kind}:{row.key}" for row in tx.execute(select(work))}
    states = {names[row.id]: row.state for row in tx.execute(select(work))}
    marks = {
        names[row.work_id]: {"assignee": row.assignee, "tags": row.tags, "parked": row.parked}
        for row in tx.execute(select(work_mark))
    }
    held = {
        f"cell:{row.sku}|{row.location}": row.units for row in tx.execute(select(hold).where(text(IN_FORCE)))
    }
    return states, marks, held


@pytest.mark.parametrize("acts", [400, pytest.param(10_000, marks=pytest.mark.long)])
def test_the_trail_played_again_ends_as_the_tables_are_however_often_a_process_died(
    tmp_path: Path, acts: int
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    epoch = prepared(url)
    known: Counter[Act] = Counter()
    done = deaths = 0
    while done < acts:
        answered, many = life(url, seed=deaths, epoch=epoch, most=acts - done)
        known.update(answered)
        done, deaths = done + max(1, many), deaths + 1
    store = Store.open(url, clock=SystemClock())
    try:
        assert store.read_sync(verify) is None
        lines = store.read_sync(lambda tx: tx.execute(select(ledger).order_by(ledger.c.seq)).all())
        states, marks, held = store.read_sync(as_they_are)
    finally:
        store.close()
    told = Counter((line.actor, line.action, line.entity) for line in lines if line.actor != ENGINE)
    assert known - told == Counter(), "something was answered and is not in the trail"
    unanswered = {act: many for act, many in (told - known).items() if act[1] != "let go"}
    assert sum(unanswered.values()) <= deaths, "a line of something that nobody did"
    replay = Replay()
    for line in lines:
        replay.line(line.action, line.entity, line.detail)
    assert replay.states == states
    blank = {"assignee": "", "tags": "", "parked": ""}
    assert {name: {**blank, **mine} for name, mine in replay.marks.items()} == marks
    assert {entity: int(said.split()[0]) for entity, said in replay.held.items()} == held
    assert deaths > acts / LIFE and len(told) > 2 * RECORDS
