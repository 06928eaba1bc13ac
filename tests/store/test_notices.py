"""Alerts in the store: once for each cause, told once for each step, tried again, acknowledged, over."""

from datetime import datetime, timedelta
from typing import Any

from engine.alerts.course import Notice, Turn, Word
from engine.alerts.judge import Finding, Key
from engine.alerts.rule import Condition, Rule, Severity, Step
from engine.store.queries.due_tellings import tellings_due, tellings_open
from engine.store.queries.notices import mutes, notices
from engine.store.rows import Telling
from engine.store.session import Store
from engine.store.verbs import ledger
from engine.store.verbs.notices import (
    acknowledge,
    acknowledge_all,
    end_mutes,
    not_told,
    note_findings,
    put_mute,
    take_tellings,
    take_turn,
    told,
)
from engine.store.verbs.retention import prune

RULE = Rule("r", Condition.FAILED_RECORDS, 1.0, Severity.WARNING, (Step(timedelta(0), ("ops",)),))


def found(figure: int = 1, cause: str = "c") -> tuple[Finding, Rule]:
    return Finding(Key("r", "main", cause), figure, f"{figure} records wait.", "Look."), RULE


def opened(store: Store, now: datetime, *findings: tuple[Finding, Rule]) -> list[Notice]:
    return store.write_sync(note_findings, list(findings), now)


def fired(store: Store, now: datetime) -> Notice:
    [one] = opened(store, now, found())
    assert store.write_sync(take_turn, Turn(one, (("ops", Word.FIRED),), 1), now)
    return one


def taken(store: Store, now: datetime) -> list[Telling]:
    return store.write_sync(take_tellings, now, seconds=60.0, at_most=8)


def actions(store: Store) -> list[str]:
    return [row.action for row in reversed(store.read_sync(ledger.tail, 100))]


def test_a_cause_is_one_alert_whose_count_follows(store: Store, clock: Any) -> None:
    [one] = opened(store, clock.now(), found(1))
    [same] = opened(store, clock.forward(1), found(5))
    assert (same.id, same.opened_at) == (one.id, one.opened_at)
    [row] = store.read_sync(notices, over=False, limit=10)
    assert (row.figure, row.text) == (5, "5 records wait.")
    assert actions(store) == ["alert opened"]
    assert len(opened(store, clock.now(), found(5), found(1, "another"))) == 2


def test_what_is_gone_and_comes_back_is_the_same_alert(store: Store, clock: Any) -> None:
    [one] = opened(store, clock.now(), found())
    [gone] = opened(store, clock.forward(1))
    assert gone.gone_at == clock.now()
    [back] = opened(store, clock.forward(1), found())
    assert (back.id, back.gone_at) == (one.id, None)


def test_of_two_processes_one_takes_the_turn(store: Store, now: datetime) -> None:
    [one] = opened(store, now, found())
    due = Turn(one, (("ops", Word.FIRED),), 1)
    assert [store.write_sync(take_turn, due, now) for _ in range(2)] == [True, False]
    assert len(taken(store, now)) == 1


def test_a_telling_is_taken_by_one_and_falls_free_when_that_one_died(store: Store, clock: Any) -> None:
    fired(store, clock.now())
    assert store.read_sync(tellings_due, clock.now())
    [mine] = taken(store, clock.now())
    assert (mine.channel, mine.word, mine.attempt, mine.figure) == ("ops", "fired", 1, 1)
    assert not store.read_sync(tellings_due, clock.now())
    assert taken(store, clock.now()) == []
    assert store.read_sync(tellings_open)
    [again] = taken(store, clock.forward(61))
    assert (again.id, again.attempt) == (mine.id, 2)


def test_what_did_not_arrive_is_due_again_and_what_did_is_written_down(store: Store, clock: Any) -> None:
    fired(store, clock.now())
    [first] = taken(store, clock.now())
    assert store.write_sync(not_told, first, "No answer.", clock.now()) is False
    assert not store.read_sync(tellings_due, clock.now())
    [second] = taken(store, clock.forward(3))
    store.write_sync(told, second, clock.now())
    assert not store.read_sync(tellings_open)
    [row] = store.read_sync(notices, over=False, limit=10)
    [telling] = row.tellings
    assert (telling.told_at, telling.attempts, telling.trouble) == (clock.now(), 2, "")
    assert actions(store) == ["alert opened", "alert not told", "alert told"]


def test_what_never_arrives_is_given_up_and_that_is_written_down(store: Store, clock: Any) -> None:
    fired(store, clock.now())
    given_up = False
    while not given_up:
        [one] = taken(store, clock.forward(400))
        given_up = store.write_sync(not_told, one, "No answer.", clock.now())
    assert not store.read_sync(tellings_open)
    assert actions(store)[-1] == "alert given up"


def test_an_alert_is_acknowledged_once_by_a_person(store: Store, now: datetime) -> None:
    one = fired(store, now)
    assert [store.write_sync(acknowledge, one.id, who, now) for who in ("ada", "bob")] == [True, False]
    [row] = store.read_sync(notices, over=False, limit=10)
    assert row.acked_by == "ada"
    newest = store.read_sync(ledger.tail, 1)[0]
    assert (newest.actor, newest.action) == ("ada", "alert acknowledged")


def test_all_that_is_nobodys_is_acknowledged_at_once(store: Store, now: datetime) -> None:
    first, *_ = opened(store, now, found(), found(cause="d"), found(cause="e"))
    assert store.write_sync(acknowledge, first.id, "ada", now)
    assert [store.write_sync(acknowledge_all, who, now) for who in ("bob", "cyd")] == [2, 0]
    assert [row.acked_by for row in store.read_sync(notices, over=False, limit=10)].count("bob") == 2
    assert actions(store)[-2:] == ["alert acknowledged"] * 2


def test_what_is_over_is_a_new_alert_the_next_time_and_is_forgotten_in_the_end(
    store: Store, clock: Any
) -> None:
    fired(store, clock.now())
    [told_once] = opened(store, clock.forward(1))
    assert store.write_sync(take_turn, Turn(told_once, (("ops", Word.RESOLVED),), 1, over=True), clock.now())
    assert store.read_sync(notices, over=False, limit=10) == ()
    [anew] = opened(store, clock.forward(86_400 * 91), found())
    assert anew.id != told_once.id
    opened(store, clock.forward(1))
    [gone] = opened(store, clock.now())
    store.write_sync(take_turn, Turn(gone, (), 0, over=True), clock.now())
    dropped = store.write_sync(prune, "main", clock.now() - timedelta(days=90), 100, clock.now())
    assert dropped == 3, "the old alert and the two messages that told of it"
    assert [row.id for row in store.read_sync(notices, over=True, limit=10)] == [anew.id]
    assert store.read_sync(ledger.verify) is None


def test_a_mute_is_in_force_until_its_end_or_until_it_is_ended(store: Store, clock: Any) -> None:
    until = clock.now() + timedelta(minutes=5)
    store.write_sync(put_mute, "main", until, "a new switch", "ada", clock.now())
    store.write_sync(put_mute, "", until, "", "ada", clock.now())
    assert [one.connection for one in store.read_sync(mutes, clock.now())] == ["main", ""]
    assert store.write_sync(end_mutes, "bob", clock.forward(1)) == 2
    assert store.read_sync(mutes, clock.now()) == ()
    store.write_sync(put_mute, "", until, "", "ada", clock.now())
    assert store.read_sync(mutes, clock.forward(300)) == ()
