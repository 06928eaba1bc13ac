"""Two people press retry on the same five hundred records at the same moment: each record is tried once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

from sqlalchemy import func, select

from engine.model.ids import WorkId
from engine.store.rows import FailureNote
from engine.store.session import Store
from engine.store.tables import ledger, work
from engine.store.trouble import StoreBusy
from engine.store.tx import Tx
from engine.store.verbs.asked import do
from engine.store.verbs.claim import claim
from engine.store.verbs.endings import dead_letter
from engine.store.verbs.ledger import verify
from engine.store.verbs.work import enqueue

MANY, AT_ONCE = 500, 50
NOTE = FailureNote("It was tried often enough.", "Look at it.")


def _dead(tx: Tx, now: datetime) -> list[WorkId]:
    for number in range(MANY):
        enqueue(tx, connection="main", kind="order", key=f"o{number}", lane=1, due_at=now, now=now)
    taken = claim(tx, connection="main", epoch=1, now=now, lanes=(0, MANY, 0, 0, 0), lease_seconds=60)
    assert all(dead_letter(tx, one.id, 1, NOTE, now) for one in taken)
    return [one.id for one in taken]


def test_a_retry_from_two_consoles_at_once_acts_once(
    store_url: str, opened: Callable[[str], Store], now: datetime
) -> None:
    consoles = {"ada": opened(store_url), "kim": opened(store_url)}
    ids = consoles["ada"].write_sync(_dead, now)
    seen = consoles["ada"].read_sync(lambda tx: dict(tx.execute(select(work.c.id, work.c.version)).all()))
    ready = Barrier(2)

    def press(operator: str) -> tuple[int, int]:
        """Retry all of them, some at a time, as the engine does with what a person asked for."""
        done = left = 0
        order = ids if operator == "ada" else ids[::-1]
        ready.wait(10)
        for start in range(0, MANY, AT_ONCE):
            some = [(one, seen[one]) for one in order[start : start + AT_ONCE]]
            did, alone = _patiently(consoles[operator], some, operator, now)
            done, left = done + did, left + alone
        return done, left

    with ThreadPoolExecutor(2) as people:
        answers = list(people.map(press, consoles))
    assert sum(done for done, _ in answers) == MANY
    assert sum(left for _, left in answers) == MANY
    store = consoles["kim"]
    told = select(func.count()).where(ledger.c.action == "redriven")
    assert store.read_sync(lambda tx: tx.execute(told).scalar_one()) == MANY
    lanes = (0, 2 * MANY, 0, 0, 0)
    asked = {"connection": "main", "epoch": 1, "now": now, "lanes": lanes, "lease_seconds": 60}
    taken = store.write_sync(claim, **asked)  # type: ignore[arg-type]
    assert sorted(one.id for one in taken) == sorted(ids)
    assert store.write_sync(claim, **asked) == []  # type: ignore[arg-type]
    assert store.read_sync(verify) is None


def _patiently(store: Store, some: list[tuple[WorkId, int]], operator: str, now: datetime) -> tuple[int, int]:
    """A write the other one's held up is made again, as every flow does."""
    for _ in range(20):
        try:
            return store.write_sync(do, "retry", some, "", operator, now)
        except StoreBusy:
            continue
    raise AssertionError("the store stayed busy")
