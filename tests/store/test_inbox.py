"""What was received counts once."""

from datetime import datetime
from typing import Any

import pytest

from engine.store.rows import Incoming
from engine.store.session import Store
from engine.store.verbs.inbox import (
    close_inbox,
    note_healed,
    receive,
    receive_many,
    take_inbox,
)
from engine.store.verbs.ledger import tail, verify
from tests.stored import backlog, healed


def arrive(store: Store, now: datetime, webhook_id: str | None = "w1", **other: Any) -> bool:
    given = {
        "connection": "main",
        "source": "shop",
        "topic": "orders/updated",
        "resource": "o1",
        "resource_version": "v1",
        "body": b"{}",
        "triggered_at": None,
    } | other
    return store.write_sync(receive, webhook_id=webhook_id, now=now, **given)


def test_the_same_id_is_received_once(store: Store, now: datetime) -> None:
    assert arrive(store, now)
    assert not arrive(store, now, resource_version="v2")
    assert arrive(store, now, connection="other")
    assert arrive(store, now, source="back_office", resource_version="v9")
    assert store.read_sync(backlog) == 3


def test_the_same_content_under_another_id_is_received_once(store: Store, now: datetime) -> None:
    assert arrive(store, now)
    assert not arrive(store, now, "w2")
    assert arrive(store, now, "w3", body=b"{ }")
    assert arrive(store, now, "w4", resource_version="v2")


def test_content_without_a_version_is_never_taken_for_a_repetition(store: Store, now: datetime) -> None:
    assert arrive(store, now, "w1", resource_version=None)
    assert arrive(store, now, "w2", resource_version=None)


def test_a_message_stays_open_until_it_is_closed(store: Store, now: datetime) -> None:
    arrive(store, now, body=b"\x00\xff")
    arrive(store, now, "w2", resource="o2")
    first, second = store.read_sync(take_inbox, "main", 10)
    assert (first.body, first.resource, second.resource) == (b"\x00\xff", "o1", "o2")
    store.write_sync(close_inbox, [first.id], now)
    assert [item.id for item in store.read_sync(take_inbox, "main", 10)] == [second.id]
    assert not arrive(store, now, body=b"\x00\xff")


def test_a_batch_says_for_each_whether_it_is_new(store: Store, now: datetime) -> None:
    one = Incoming("main", "shop", "w1", "t", "o1", None, b"", None, now)
    two = Incoming("main", "shop", "w2", "t", "o1", None, b"", None, now)
    assert store.write_sync(receive_many, [one, one, two]) == [True, False, True]


def test_a_batch_tells_repetitions_by_content_from_what_is_new(store: Store, now: datetime) -> None:
    first = Incoming("main", "shop", "w1", "t", "o1", "v1", b"{}", now, now)
    again = Incoming("main", "shop", "w2", "t", "o1", "v1", b"{}", now, now)
    other = Incoming("second", "shop", "w1", "t", "o1", "v1", b"{}", None, now)
    assert store.write_sync(receive_many, [first, again, other]) == [True, False, True]
    assert store.write_sync(receive_many, [again, other]) == [False, False]
    (kept,) = store.read_sync(take_inbox, "main", 10)
    assert (kept.webhook_id, kept.triggered_at, kept.received_at) == ("w1", now, now)
    assert [(line.connection, line.entity) for line in store.read_sync(tail, 10)] == [
        ("second", "o1"),
        ("main", "o1"),
    ]
    assert store.read_sync(verify) is None


def test_a_message_without_a_zone_in_its_time_is_refused_and_nothing_of_its_batch_is_kept(
    store: Store, now: datetime
) -> None:
    good = Incoming("main", "shop", "w1", "t", "o1", None, b"", None, now)
    bad = Incoming("main", "shop", "w2", "t", "o1", None, b"", now.replace(tzinfo=None), now)
    with pytest.raises(ValueError, match="without a zone"):
        store.write_sync(receive_many, [good, bad])
    assert store.read_sync(backlog) == 0


def test_what_a_sweep_found_is_counted(store: Store, now: datetime) -> None:
    store.write_sync(note_healed, "main", "o1", now)
    store.write_sync(note_healed, "main", "o2", now)
    assert store.read_sync(healed) == 2
