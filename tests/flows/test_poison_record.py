"""A record that kills the engine costs three starts and nobody else's turn."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.model.clock import SystemClock
from engine.store.session import Store
from engine.store.tables import work
from engine.store.tx import Tx
from engine.store.verbs.rescue import CRASHES
from engine.store.verbs.work import enqueue
from tests.flows.poisoned_engine import KILLED

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WORKERS = 8
"""Four, and one for each lane but the busiest."""


def put(tx: Tx, keys: list[str]) -> None:
    for key in keys:
        enqueue(tx, connection="main", kind="order", key=key, lane=1, due_at=NOW, now=NOW)


def lives(url: str, log: Path) -> list[int]:
    """How each start ended, until one ended in peace."""
    codes: list[int] = []
    while not codes or codes[-1] == KILLED:
        assert len(codes) <= CRASHES, "the engine is killed again and again"
        command = [sys.executable, "-m", "tests.flows.poisoned_engine", url, str(log)]
        codes.append(subprocess.run(command, cwd=ROOT, check=False, timeout=120).returncode)
    return codes


@pytest.mark.parametrize("others", [200, pytest.param(4998, marks=pytest.mark.long)])
def test_a_killer_among_many_is_put_aside_and_the_others_are_done(tmp_path: Path, others: int) -> None:
    url, log = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "begun.txt"
    names = [f"order-{number}" for number in range(others)]
    store = Store.open(url, clock=SystemClock())
    store.write_sync(put, [*names[: others // 2], "killer", "raiser", *names[others // 2 :]])
    store.close()
    assert lives(url, log) == [KILLED] * CRASHES + [0]
    store = Store.open(url, clock=SystemClock())
    rows = store.read_sync(lambda tx: tx.execute(select(work.c.key, work.c.state, work.c.code)).all())
    store.close()
    ended = {row.key: (row.state, row.code) for row in rows}
    assert ended.pop("killer") == ("dead_lettered", "quarantined")
    assert ended.pop("raiser") == ("held", "internal.LookupError")
    assert ended == dict.fromkeys(names, ("succeeded", ""))
    begun = Counter(log.read_text(encoding="utf-8").split())
    assert begun.pop("killer") == CRASHES
    again = sum(begun.values()) - others - 1
    assert again <= WORKERS * CRASHES, f"{again} attempts of others were made once more"
    assert max(begun.values()) <= CRASHES
