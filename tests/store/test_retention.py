"""What was done with long ago goes, a bounded number at a time; what is open, and the ledger, stay."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.model.clock import SystemClock
from engine.store.session import Store
from engine.store.tables import command, inbox, ledger
from engine.store.verbs.command import ask, finish
from engine.store.verbs.inbox import receive
from engine.store.verbs.ledger import verify
from engine.store.verbs.retention import prune

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=200)


def rang(store: Store, at: datetime, *, closed: bool) -> None:
    store.write_sync(
        receive, connection="main", source="shop", webhook_id=f"{at}{closed}", topic="orders/create", resource="1",
        resource_version=None, body=b"{}", triggered_at=None, now=at,
    )  # fmt: skip
    if closed:
        store.write_sync(
            lambda tx: tx.execute(inbox.update().where(inbox.c.received_at == at).values(closed_at=at))
        )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'trueup.db'}", clock=SystemClock())


def test_only_what_is_old_and_done_goes_and_no_more_than_asked(store: Store) -> None:
    try:
        for days in range(5):
            rang(store, LONG_AGO + timedelta(days=days), closed=True)
        rang(store, LONG_AGO - timedelta(days=1), closed=False)
        rang(store, NOW, closed=True)
        asked = store.write_sync(ask, "main", "retry", "{}", "ana", LONG_AGO)
        store.write_sync(ask, "main", "retry", "{}", "ana", LONG_AGO)
        store.write_sync(finish, asked, "done", LONG_AGO)
        lines = store.read_sync(lambda tx: tx.execute(select(func.count()).select_from(ledger)).scalar_one())
        before = NOW - timedelta(days=90)
        assert store.write_sync(prune, "main", before, 3, NOW) == 4  # three webhooks and one command
        assert store.write_sync(prune, "main", before, 100, NOW) == 2
        assert store.write_sync(prune, "main", before, 100, NOW) == 0
        left = store.read_sync(
            lambda tx: tx.execute(select(inbox.c.received_at).order_by(inbox.c.id)).scalars().all()
        )
        assert left == [LONG_AGO - timedelta(days=1), NOW]
        assert (
            store.read_sync(lambda tx: tx.execute(select(func.count()).select_from(command)).scalar_one())
            == 1
        )
        after = store.read_sync(lambda tx: tx.execute(select(func.count()).select_from(ledger)).scalar_one())
        assert after == lines + 2 and store.read_sync(verify) is None
    finally:
        store.close()
