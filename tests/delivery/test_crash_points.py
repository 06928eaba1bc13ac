"""Points at which a test may let the engine die."""

from pathlib import Path

from sqlalchemy import select

from engine.delivery.crash import armed, reached
from engine.model.clock import SystemClock
from engine.store.session import Store
from engine.store.tables import cursor
from engine.store.verbs.cursor import set_cursor


def test_a_point_does_nothing_unless_armed() -> None:
    seen: list[str] = []
    reached("before")
    with armed(seen.append):
        reached("inside")
    reached("after")
    assert seen == ["inside"]


def test_every_commit_has_a_point_before_it_and_one_after_it(tmp_path: Path) -> None:
    """What a second connection sees at each point tells on which side of the commit it is."""
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=SystemClock())
    seen: list[tuple[str, int]] = []

    def look(name: str) -> None:
        count = len(store.read_sync(lambda tx: tx.execute(select(cursor.c.name)).all()))
        seen.append((name, count))

    try:
        with armed(look):
            store.write_sync(set_cursor, "main", "orders", "1", store.clock.now())
    finally:
        store.close()
    assert seen == [("commit", 0), ("committed", 1)]
