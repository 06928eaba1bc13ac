"""A commit wakes whoever waits once: its own store's at once, that of another process when it is looked for."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from engine.model.clock import SystemClock
from engine.store.bell import Bell
from engine.store.session import Store
from engine.store.sqlite import commits_of_others
from engine.store.verbs.cursor import set_cursor
from engine.store.watchers import UNKNOWN, watch_sqlite

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Step = Callable[[], object]


class Script:
    """A bell whose watcher finds at each look what a step did; which steps rang."""

    def __init__(self, *steps: Step) -> None:
        self._steps, self.stopped = list(steps), self
        self.rung: list[int] = []
        self._at = 0

    def wait(self, seconds: float) -> bool:
        if self._at == len(self._steps):
            return True
        self._steps[self._at]()
        self._at += 1
        return False

    def ring(self) -> None:
        self.rung.append(self._at)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two stores on one file, as two processes have them."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    here, there = (Store.open(url, clock=SystemClock()) for _ in range(2))
    yield here, there
    here.close()
    there.close()


NUMBERS = itertools.count()


def commit(store: Store) -> Step:
    return lambda: store.write_sync(set_cursor, "main", "orders", str(next(NUMBERS)), NOW)


def watched(store: Store, others: Callable[[], int] | None = None, *steps: Step) -> list[int]:
    script = Script(*steps)
    asked = others or (lambda: store.write_sync(commits_of_others))
    watch_sqlite(Path(str(store.url.database)), cast(Bell, script), lambda: sum(store.groups.counts), asked)
    return script.rung


def both(*steps: Step) -> Step:
    def done() -> None:
        for step in steps:
            step()

    return done


def test_commits_of_others_ring_and_ones_own_do_not_a_second_time(pair: tuple[Store, Store]) -> None:
    here, there = pair
    ours, theirs = commit(here), commit(there)
    steps = (
        ours,
        ours,
        theirs,
        ours,
        both(theirs, ours),
        ours,
        both(ours, theirs),
        lambda: None,
        ours,
        theirs,
    )
    # with its own commit it rings once more after it was rung by another (1 and 4): it had not asked since
    assert watched(here, None, *steps) == [1, 3, 4, 5, 7, 10]


def test_what_cannot_be_told_apart_rings(pair: tuple[Store, Store]) -> None:
    here, _ = pair
    assert watched(here, lambda: UNKNOWN, commit(here), commit(here)) == [1, 2]


def test_a_store_that_is_closed_is_watched_no_more(pair: tuple[Store, Store]) -> None:
    here, there = pair
    steps: tuple[Any, ...] = (commit(here), both(commit(here), here.close, commit(there)), commit(there))
    assert watched(here, None, *steps) == [1]
