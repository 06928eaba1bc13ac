"""What is asked for often stays fast: it reads an index and nothing else."""

from datetime import datetime

from sqlalchemy import Connection, event, select, text
from sqlalchemy.dialects import sqlite

from engine.desk import Look
from engine.store.queries.conflicts import conflicts
from engine.store.queries.shift import shift
from engine.store.queries.sync import sync_page
from engine.store.queries.trail import trail_page
from engine.store.session import Store
from engine.store.tables import CLAIMABLE, SUSPECT, lease, work
from engine.store.verbs.claim import DUE_IN_LANE
from engine.store.verbs.effect import about, written


def test_the_claim_reads_the_partial_index_in_order(sqlite_store: Store, now: datetime) -> None:
    statement = "EXPLAIN QUERY PLAN " + str(DUE_IN_LANE.compile(dialect=sqlite.dialect(paramstyle="named")))
    values = {"of_connection": "main", "of_lane": 1, "now": 0, "most": 50, "crash_count_1": 0, "param_1": 0}
    plan = sqlite_store.read_sync(lambda tx: [row[-1] for row in tx.execute(text(statement), values)])
    assert plan == ["SEARCH work USING INDEX ix_work_claim (connection=? AND lane=? AND due_at<?)"]


def test_the_look_for_suspects_does_not_read_the_backlog(sqlite_store: Store, now: datetime) -> None:
    query = select(work.c.id).where(work.c.connection == "main", text(SUSPECT), text(CLAIMABLE))
    statement = "EXPLAIN QUERY PLAN " + str(
        query.order_by(work.c.crash_count).compile(
            dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
        )
    )
    plan = sqlite_store.read_sync(lambda tx: [row[-1] for row in tx.execute(text(statement))])
    assert plan == ["SEARCH work USING INDEX ix_work_suspect (connection=? AND crash_count>?)"]


def test_what_was_sent_for_an_order_is_found_without_a_walk_through_all_that_was_sent(
    sqlite_store: Store,
) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []

    def plan(tx: Connection) -> list[str]:
        event.listen(tx, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        written(tx, "main", "back_office", "o1", ("create", "amend"))
        statement, values = asked[0]
        return [row[-1] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]

    [look, *_] = sqlite_store.read_sync(plan)
    assert look == "SEARCH effect USING INDEX ix_effect_ext_ref (connection=? AND remote=? AND ext_ref=?)"

    def plan_of_many(tx: Connection) -> list[str]:
        event.listen(tx, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        asked.clear()
        about(tx, "main", ("back_office", "person"), ("o1", "t1", "r1"))
        statement, values = asked[0]
        return [row[-1] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]

    [look, *_] = sqlite_store.read_sync(plan_of_many)
    assert look == "SEARCH effect USING INDEX ix_effect_ext_ref (connection=? AND remote=? AND ext_ref=?)"


def test_what_people_did_is_listed_without_a_walk_through_the_ledger(
    sqlite_store: Store, now: datetime
) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []

    def plans(tx: Connection) -> list[str]:
        event.listen(tx, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        trail_page(tx, Look("actor:ana"), people=True, now=now)
        shift(tx, now, now)
        mine = [one for one in asked if "FROM ledger" in one[0] and "actor <> 'engine'" in one[0]]
        assert len(mine) == 3
        return [
            row[-1]
            for statement, values in mine
            for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    found = sqlite_store.read_sync(plans)
    assert found and all("INDEX ix_ledger_people" in step for step in found if "ledger" in step)


def test_what_a_screen_reads_at_every_change_walks_through_no_cells_it_does_not_show(
    sqlite_store: Store, now: datetime
) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []

    def plans(tx: Connection) -> list[str]:
        tx.execute(lease.insert().values(name="main", epoch=1, holder="h", until=now))
        event.listen(tx, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        assert sync_page(tx, now).rows
        assert conflicts(tx) == []
        return [
            row[-1]
            for statement, values in list(asked)
            if "FROM stock" in statement
            for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    found = {step for step in sqlite_store.write_sync(plans) if "stock" in step}
    indexes = ("ix_stock_dirty", "ix_stock_published_at", "ix_stock_conflict", "ix_stock_fall")
    assert found and all(any(index in step for index in indexes) for step in found), found
