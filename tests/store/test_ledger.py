"""Tampering with the ledger shows."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engine.store.rows import LedgerLine
from engine.store.session import Store
from engine.store.trouble import StoreTrouble
from engine.store.verbs.ledger import append, line_hash, tail, verify
from tests.store.forgery import forge

WORDS = st.text(st.characters(exclude_categories=["Cs"]))


def fill(store: Store, now: datetime) -> None:
    for number in range(5):
        store.write_sync(append, "main", "step", f"order:{number % 2}", now, detail=f"nº {number}")
        store.write_sync(append, "other", "step", "order:9", now)


def test_an_untouched_ledger_holds(store: Store, now: datetime) -> None:
    assert store.read_sync(verify) is None
    fill(store, now)
    assert store.read_sync(verify) is None


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE ledger SET detail = 'x' WHERE seq = 3", 3),
        ("UPDATE ledger SET actor = 'x' WHERE seq = 5", 5),
        ("UPDATE ledger SET hash = 'x' WHERE seq = 4", 4),
        ("DELETE FROM ledger WHERE seq = 5", 7),
        ("DELETE FROM ledger WHERE seq >= 9", 7),
        ("DELETE FROM ledger WHERE connection = 'main'", 0),
        ("DELETE FROM ledger_head WHERE connection = 'other'", 2),
    ],
)
def test_a_changed_or_missing_line_is_found(store: Store, now: datetime, tampering: str, found: int) -> None:
    fill(store, now)
    store.write_sync(forge, tampering)
    assert store.read_sync(verify) == found


@pytest.mark.parametrize(
    "tampering", ["UPDATE ledger SET detail = 'x' WHERE seq = 3", "DELETE FROM ledger WHERE seq = 5"]
)
def test_the_database_itself_refuses_to_change_or_drop_a_line(
    store: Store, now: datetime, tampering: str
) -> None:
    fill(store, now)
    with pytest.raises((DBAPIError, StoreTrouble), match="stands as it was written"):
        store.write_sync(lambda tx: tx.execute(text(tampering)))
    assert store.read_sync(verify) is None


def test_the_newest_lines_come_first_and_can_be_of_one_record(store: Store, now: datetime) -> None:
    fill(store, now)
    assert [line.connection for line in store.read_sync(tail, 3)] == ["other", "main", "other"]
    assert [line.detail for line in store.read_sync(tail, 9, "order:1")] == ["nº 3", "nº 1"]


@given(WORDS, WORDS, WORDS, st.integers(0, 2**53), st.datetimes(timezones=st.just(UTC)))
def test_a_hash_is_that_of_sorted_json_without_spaces_whoever_writes_it(
    action: str, entity: str, detail: str, n: int, at: datetime
) -> None:
    said = {
        "connection": "main", "n": n, "at": at.isoformat(timespec="microseconds"),
        "actor": "engine", "action": action, "entity": entity, "detail": detail,
    }  # fmt: skip
    plain = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    expected = hashlib.sha256(f"{'0' * 64}{plain}".encode()).hexdigest()
    assert line_hash("0" * 64, "main", n, at, LedgerLine("engine", action, entity, detail)) == expected
