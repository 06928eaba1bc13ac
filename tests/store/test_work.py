"""What becomes of a record in the queue."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.store.queries.waiting import waiting
from engine.store.rows import FailureNote, Work
from engine.store.session import Store
from engine.store.tables import effect, work
from engine.store.verbs.claim import claim
from engine.store.verbs.effect import intend
from engine.store.verbs.endings import dead_letter, hold, postpone, retry, succeed, uncertain
from engine.store.verbs.person import redrive, resolve
from engine.store.verbs.rescue import rescue
from engine.store.verbs.work import ECHO, SAME_DATE, enqueue, is_echo

Put = Callable[..., int]
NOTE = FailureNote("The back office is away.", "Wait.", "away", "ConnectError")
LATER = timedelta(minutes=5)


def take(
    store: Store, now: datetime, *, epoch: int = 1, lanes: Sequence[int] = (10,) * 5, **other: Any
) -> list[Work]:
    return store.write_sync(
        claim, connection="main", epoch=epoch, now=now, lanes=lanes, lease_seconds=60, **other
    )


def row(store: Store, work_id: int) -> Any:
    return store.read_sync(lambda tx: tx.execute(select(work).where(work.c.id == work_id)).one())


def test_asking_twice_is_asking_once_at_the_earlier_time(store: Store, put: Put, now: datetime) -> None:
    first = put(due_at=now + LATER, lane=4)
    assert put(due_at=now, lane=1) == first
    [taken] = take(store, now)
    assert (taken.id, taken.lane, taken.due_at, taken.probing) == (first, 1, now, False)
    assert take(store, now) == []


def test_the_look_before_a_claim_sees_what_a_claim_would_take(store: Store, put: Put, now: datetime) -> None:
    def due(at: datetime) -> bool:
        return any(queue.due for queue in store.read_sync(waiting, "main", at, 5))

    assert not due(now)
    put(due_at=now + LATER, lane=4)
    assert (due(now), due(now + LATER)) == (False, True)
    assert not any(queue.due for queue in store.read_sync(waiting, "other", now + LATER, 5))
    take(store, now + LATER)
    assert not due(now + LATER)


def test_what_was_asked_for_is_an_echo_only_if_nothing_else_asked(
    store: Store, put: Put, now: datetime
) -> None:
    put(reason=f"{ECHO}delta")
    put(reason=f"{ECHO}stock.changed")
    [taken] = take(store, now)
    assert is_echo(taken.reason)
    put(reason=f"{ECHO}delta")
    put(reason="orders/updated")
    put(reason=f"{ECHO}delta")
    store.write_sync(succeed, taken.id, 1, now)
    [taken] = take(store, now)
    assert taken.reason == "orders/updated", "asked for while it ran"
    put(reason=f"{ECHO}delta")
    store.write_sync(succeed, taken.id, 1, now)
    put(reason="listed")
    put(reason=f"{ECHO}delta")
    [taken] = take(store, now)
    assert taken.reason == "listed", "asked for while it waited"
    store.write_sync(succeed, taken.id, 1, now)
    put(reason=f"{ECHO}delta")
    [taken] = take(store, now)
    assert is_echo(taken.reason), "a finished record starts afresh"


def test_a_record_asked_for_while_it_runs_is_done_once_more(store: Store, put: Put, now: datetime) -> None:
    put()
    [taken] = take(store, now)
    put()
    assert store.write_sync(succeed, taken.id, 1, now)
    [again] = take(store, now)
    assert store.write_sync(succeed, again.id, 1, now)
    assert take(store, now) == []
    assert row(store, taken.id).state == "succeeded"


def test_a_finished_record_starts_afresh_when_asked_for(store: Store, put: Put, now: datetime) -> None:
    put()
    [taken] = take(store, now)
    store.write_sync(retry, taken.id, 1, now, NOTE, now)
    [taken] = take(store, now)
    store.write_sync(succeed, taken.id, 1, now)
    put()
    [anew] = take(store, now)
    assert anew.attempt == 0


def test_a_record_that_waits_for_a_person_stays_unless_forced(store: Store, put: Put, now: datetime) -> None:
    put()
    [taken] = take(store, now)
    assert store.write_sync(hold, taken.id, 1, NOTE, now)
    seen = row(store, taken.id).version
    put(reason=SAME_DATE)
    assert take(store, now) == []
    assert row(store, taken.id).again
    assert row(store, taken.id).version == seen, "what that person sees of it is as it was"
    put(reason="orders/updated")
    assert row(store, taken.id).version > seen, "and now it may be another"
    put(reason=SAME_DATE)
    assert row(store, taken.id).reason == "orders/updated"
    put(force=True)
    assert len(take(store, now)) == 1


@pytest.mark.parametrize("verb", ["succeed", "retry", "postpone", "hold", "uncertain", "dead_letter"])
def test_a_late_answer_of_an_earlier_engine_changes_nothing(
    store: Store, put: Put, now: datetime, verb: str
) -> None:
    put()
    [taken] = take(store, now, epoch=1)
    store.write_sync(rescue, connection="main", epoch=2, now=now)
    take(store, now, epoch=2)
    before = row(store, taken.id)
    calls: dict[str, Callable[[], bool]] = {
        "succeed": lambda: store.write_sync(succeed, taken.id, 1, now),
        "retry": lambda: store.write_sync(retry, taken.id, 1, now, NOTE, now),
        "postpone": lambda: store.write_sync(postpone, taken.id, 1, now, now),
        "hold": lambda: store.write_sync(hold, taken.id, 1, NOTE, now),
        "uncertain": lambda: store.write_sync(uncertain, taken.id, 1, now, NOTE, now),
        "dead_letter": lambda: store.write_sync(dead_letter, taken.id, 1, NOTE, now),
    }
    assert calls[verb]() is False
    assert row(store, taken.id) == before


def test_a_retry_costs_an_attempt_and_a_rate_limit_does_not(store: Store, put: Put, now: datetime) -> None:
    put()
    [taken] = take(store, now)
    store.write_sync(postpone, taken.id, 1, now + LATER, now)
    assert take(store, now) == []
    [taken] = take(store, now + LATER)
    assert taken.attempt == 0
    store.write_sync(retry, taken.id, 1, now + LATER, NOTE, now)
    [taken] = take(store, now + LATER)
    assert taken.attempt == 1


def test_an_uncertain_record_is_looked_up_after_its_settling_time(
    store: Store, put: Put, now: datetime
) -> None:
    put()
    [taken] = take(store, now)
    store.write_sync(uncertain, taken.id, 1, now + LATER, NOTE, now)
    assert take(store, now) == []
    [probe] = take(store, now + LATER)
    assert probe.probing
    store.write_sync(postpone, probe.id, 1, now + LATER, now)
    [probe] = take(store, now + LATER)
    assert probe.probing
    store.write_sync(succeed, probe.id, 1, now)
    put()
    assert not take(store, now)[0].probing


def test_what_may_have_been_applied_stays_in_doubt_through_a_retry(
    store: Store, put: Put, now: datetime
) -> None:
    put()
    [taken] = take(store, now)
    store.write_sync(uncertain, taken.id, 1, now, NOTE, now)
    [probe] = take(store, now)
    store.write_sync(retry, probe.id, 1, now, NOTE, now)
    assert take(store, now)[0].probing


def test_without_a_look_up_a_person_decides(store: Store, put: Put, now: datetime) -> None:
    put()
    [taken] = take(store, now)
    store.write_sync(uncertain, taken.id, 1, None, NOTE, now)
    assert take(store, now + timedelta(days=9)) == []
    assert store.write_sync(redrive, taken.id, operator="kim", now=now)
    [again] = take(store, now)
    assert not again.probing
    assert not store.write_sync(redrive, taken.id, operator="kim", now=now)


def test_a_resolved_record_is_left_alone(store: Store, put: Put, now: datetime) -> None:
    put()
    [taken] = take(store, now)
    store.write_sync(dead_letter, taken.id, 1, NOTE, now)
    assert store.write_sync(resolve, taken.id, operator="kim", note="booked by hand", now=now)
    assert take(store, now) == []
    assert row(store, taken.id).state == "resolved"


def test_the_third_crash_quarantines(store: Store, put: Put, now: datetime) -> None:
    put(kind="price")
    for epoch in (1, 2, 3):
        assert len(take(store, now, epoch=epoch)) == 1
        store.write_sync(rescue, connection="main", epoch=epoch + 1, now=now)
    assert take(store, now, epoch=4) == []
    [waiting] = store.read_sync(lambda tx: tx.execute(select(work)).all())
    assert (waiting.state, waiting.code) == ("dead_lettered", "quarantined")
    store.write_sync(redrive, waiting.id, operator="kim", now=now)
    assert row(store, waiting.id).state == "redriven"
    assert len(take(store, now, epoch=4)) == 1


def test_after_a_crash_the_suspects_are_tried_one_at_a_time(store: Store, put: Put, now: datetime) -> None:
    """Whoever was under way by chance is cleared; only the one that kills the engine is there every time."""
    for key in ("killer", "bystander", "passer-by"):
        put(key=key, kind="price")
    assert len(take(store, now, epoch=1)) == 3
    store.write_sync(rescue, connection="main", epoch=2, now=now)
    put(key="fresh", kind="price")
    first = take(store, now, epoch=2)
    assert {item.key for item in first} == {"killer", "fresh"}
    assert take(store, now, epoch=2) == []
    store.write_sync(rescue, connection="main", epoch=3, now=now)
    tried = []
    while works := take(store, now, epoch=3):
        tried += [item.key for item in works]
        if "killer" in tried:
            break
        for item in works:
            store.write_sync(succeed, item.id, 3, now)
    assert tried == ["bystander", "passer-by", "fresh", "killer"]
    store.write_sync(rescue, connection="main", epoch=4, now=now)
    assert take(store, now, epoch=4) == []
    held = store.read_sync(
        lambda tx: tx.execute(select(work.c.key).where(work.c.state == "dead_lettered")).scalars().all()
    )
    assert held == ["killer"]


def test_attempts_that_end_are_not_crashes(store: Store, put: Put, now: datetime) -> None:
    put()
    for _ in range(5):
        [taken] = take(store, now)
        store.write_sync(retry, taken.id, 1, now, NOTE, now)
    assert len(take(store, now)) == 1


def test_rescue_looks_before_it_creates_again(store: Store, put: Put, now: datetime) -> None:
    order, price = put(), put("p1", kind="price", lane=3)
    take(store, now)
    call = {"remote": "back office", "op": "create", "ext_ref": "o1", "key": "k", "fingerprint": "f"}
    store.write_sync(intend, connection="main", work_id=order, body="{}", now=now, **call)
    assert store.write_sync(rescue, connection="main", epoch=1, now=now) == 0
    assert store.write_sync(rescue, connection="main", epoch=2, now=now) == 2
    assert [row(store, one).state for one in (order, price)] == ["uncertain", "pending"]
    [taken] = take(store, now, epoch=2)
    assert (taken.key, taken.probing) == ("o1", True)
    store.write_sync(succeed, taken.id, 2, now)
    [taken] = take(store, now, epoch=2)
    assert (taken.key, taken.probing) == ("p1", False)
    assert store.read_sync(lambda tx: tx.execute(select(effect.c.outcome)).scalars().all()) == ["unknown"]


def test_so_many_of_each_lane_are_taken(store: Store, put: Put, now: datetime) -> None:
    for number in range(20):
        put(f"urgent{number}", lane=0)
    put("order", lane=1)
    put("sweep", lane=4)
    taken = take(store, now, lanes=(3, 1, 1, 1, 1))
    assert [item.lane for item in taken] == [0, 0, 0, 1, 4]
    assert [item.key for item in taken[:3]] == ["urgent0", "urgent1", "urgent2"]


def test_connections_do_not_take_each_others_records(store: Store, put: Put, now: datetime) -> None:
    put()
    other = {"connection": "other", "kind": "order", "key": "o1", "lane": 1, "due_at": now, "now": now}
    store.write_sync(enqueue, **other)
    assert [item.connection for item in take(store, now)] == ["main"]
