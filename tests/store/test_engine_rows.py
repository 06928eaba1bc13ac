"""Calls in flight, references, leases, commands and what the engine watches."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from engine.desk import GapRow
from engine.ports import Place
from engine.store.queries.gaps import open_gaps
from engine.store.session import Store
from engine.store.tables import effect
from engine.store.verbs import command, watch
from engine.store.verbs.effect import all_effects, intend, open_effects, settle_effect, settle_open
from engine.store.verbs.lease import acquire, holder, release, renew
from engine.store.verbs.places import places, save_places
from engine.store.verbs.xref import find, link


def call(store: Store, now: datetime, **other: Any) -> int:
    given = {"remote": "back office", "op": "create", "ext_ref": "o1", "key": "k", "fingerprint": "f"} | other
    return store.write_sync(intend, connection="main", work_id=None, body="{}", now=now, **given)


def test_a_call_is_open_until_its_outcome_is_known(store: Store, now: datetime) -> None:
    first = call(store, now)
    assert store.write_sync(settle_effect, first, "unknown", None, "timeout", now)
    [still] = store.read_sync(open_effects, "main", "back office", "create")
    assert (still.id, still.outcome, still.evidence) == (first, "unknown", "timeout")
    assert store.write_sync(settle_effect, first, "applied", "SO7", "found", now)
    assert not store.write_sync(settle_effect, first, "rejected", None, "", now)
    assert store.read_sync(open_effects, "main", "back office", "create") == []


def test_a_call_nobody_owes_any_more_is_closed_when_what_it_would_make_is_not_found(
    store: Store, now: datetime
) -> None:
    first, other = call(store, now), call(store, now, ext_ref="o2")
    assert store.write_sync(settle_effect, first, "unknown", None, "timeout", now)
    assert store.write_sync(settle_open, "main", "back office", "create", "o1", None, now)
    assert not store.write_sync(settle_open, "main", "back office", "create", "o1", None, now)
    assert [one.id for one in store.read_sync(open_effects, "main", "back office", "create")] == [other]
    [closed] = [
        one for one in store.read_sync(all_effects, "main", "back office", "create") if one.id == first
    ]
    assert (closed.outcome, closed.remote_id) == ("superseded", None)


def test_the_same_call_is_taken_up_again_and_another_replaces_it(store: Store, now: datetime) -> None:
    first = call(store, now)
    assert call(store, now) == first
    second = call(store, now, fingerprint="g")
    assert second != first
    assert [one.id for one in store.read_sync(open_effects, "main", "back office", "create")] == [second]


def test_the_database_itself_refuses_two_open_calls_for_one_reference(store: Store, now: datetime) -> None:
    call(store, now)
    twin = {"connection": "main", "remote": "back office", "op": "create", "ext_ref": "o1", "created_at": now}
    with pytest.raises(IntegrityError):
        store.write_sync(lambda tx: tx.execute(effect.insert().values(twin)))


def test_a_reference_is_found_under_its_own_kind_and_connection(store: Store, now: datetime) -> None:
    store.write_sync(link, "main", "order", "o1", "SO6", now)
    store.write_sync(link, "main", "order", "o1", "SO7", now)
    assert store.read_sync(find, "main", "order", ["o1", "o2"]) == {"o1": "SO7"}
    assert store.read_sync(find, "main", "refund", ["o1"]) == {}
    assert store.read_sync(find, "other", "order", ["o1"]) == {}


def test_a_lease_has_one_holder_and_every_taking_a_higher_epoch(store: Store, now: datetime) -> None:
    first = store.write_sync(acquire, "main", "a", 60.0, now)
    assert first == 1
    assert store.write_sync(acquire, "main", "b", 60.0, now) is None
    assert store.write_sync(renew, "main", "a", 1, 60.0, now)
    held = store.read_sync(holder, "main", now)
    assert held is not None
    assert (held.holder, held.live) == ("a", True)
    assert store.write_sync(release, "main", "a", 1, now)
    assert store.write_sync(acquire, "main", "b", 60.0, now) == 2
    assert not store.write_sync(renew, "main", "a", 1, 60.0, now)
    assert not store.write_sync(release, "main", "a", 1, now)


def test_a_lease_that_ran_out_is_free_and_cannot_be_renewed(store: Store, now: datetime) -> None:
    store.write_sync(acquire, "main", "a", -1.0, now)
    held = store.read_sync(holder, "main", now)
    assert held is not None
    assert not held.live
    assert not store.write_sync(renew, "main", "a", 1, 60.0, now)
    assert store.write_sync(acquire, "main", "b", 60.0, now) == 2


def test_a_command_is_there_until_it_is_finished(store: Store, now: datetime) -> None:
    asked = store.write_sync(command.ask, "main", "retry", '{"ids":[1]}', "kim", now)
    [taken] = store.read_sync(command.take, "main", 10)
    assert (taken.id, taken.verb, taken.args_json, taken.operator) == (asked, "retry", '{"ids":[1]}', "kim")
    assert store.read_sync(command.outcome, asked) is None
    assert store.write_sync(command.finish, asked, "done", now)
    assert not store.write_sync(command.finish, asked, "again", now)
    assert store.read_sync(command.take, "main", 10) == []
    assert store.read_sync(command.outcome, asked) == "done"


def test_places_that_are_no_longer_listed_go(store: Store, now: datetime) -> None:
    both = [Place("L1", "Berlin", True), Place("L2", "Porto", True)]
    store.write_sync(save_places, "main", "shop", both, now)
    store.write_sync(save_places, "main", "back_office", [Place("W1", "Main", True)], now)
    store.write_sync(save_places, "main", "shop", [Place("L2", "Porto", False)], now)
    listed = [(one.side, one.id, one.active) for one in store.read_sync(places)]
    assert listed == [("back_office", "W1", True), ("shop", "L2", False)]


def test_an_alert_is_raised_once_until_it_is_cleared(store: Store, now: datetime) -> None:
    given = ("main", "no_orders", "shop", "No orders since noon.", "Look at the shop.", now)
    assert store.write_sync(watch.raise_alert, *given)
    assert not store.write_sync(watch.raise_alert, *given)
    assert store.write_sync(watch.clear_alert, "main", "no_orders", "shop", now)
    assert store.write_sync(watch.raise_alert, *given)


def test_a_gap_is_open_until_it_is_mapped(store: Store, now: datetime) -> None:
    for order in ("#1", "#2", "#3"):
        store.write_sync(watch.note_gap, "main", "payment", "paypal", order, now)
    assert store.read_sync(open_gaps) == (GapRow("main", "payment", "paypal", "#1", 3, now, now),)
    assert store.write_sync(watch.close_gap, "main", "payment", "paypal", now)
    assert not store.write_sync(watch.close_gap, "main", "payment", "paypal", now)
    store.write_sync(watch.note_gap, "main", "payment", "paypal", "#4", now)
    assert store.read_sync(open_gaps) == (GapRow("main", "payment", "paypal", "#4", 1, now, now),)


def test_a_scheduled_run_has_a_beginning_and_an_end(store: Store, now: datetime) -> None:
    run = store.write_sync(watch.begin_run, "main", "sweep", now)
    store.write_sync(watch.end_run, run, "done", "12 cells", now)
