"""On a real PostgreSQL: the server ends the connection while it commits, and nobody can say what became of it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, text

from adapters.sql.back_office import SqlBackOffice
from adapters.sql.sandbox import SqlSandbox, start
from engine.model.clock import SystemClock
from engine.model.failure import OutcomeUnknown, Refused, TryLater
from engine.model.ids import OrderId
from engine.model.sale import SalesDocument

Sale = Callable[..., SalesDocument]

CUT = """
CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_terminate_backend(pg_backend_pid());
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON sales_order DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION cut()
"""
LATE_NO = CUT.replace(
    "PERFORM pg_terminate_backend(pg_backend_pid())", "RAISE EXCEPTION 'the period is closed'"
)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory, new_postgresql: Callable[[], str]) -> Iterator[SqlSandbox]:
    home = tmp_path_factory.mktemp("erp")
    running = start(home, seed=1, skus=["MUG"], stock={("MUG", 0): 50}, database_url=new_postgresql())
    yield running
    running.stop()


def _run(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as tx:
        for statement in statements:
            tx.execute(text(statement))
    engine.dispose()


async def test_a_connection_cut_while_committing_is_looked_up_and_then_created_once(
    ours: SqlSandbox, sale: Sale
) -> None:
    office = SqlBackOffice(ours.database_url, ours.statements, clock=SystemClock())
    for statement in CUT.split("END $$;"):
        _run(ours.database_url, statement + ("END $$" if "BEGIN" in statement else ""))
    with pytest.raises(OutcomeUnknown):
        await office.create(sale("gid://cut"))
    _run(ours.database_url, "DROP FUNCTION cut CASCADE")
    assert await office.documents([OrderId("gid://cut")]) == {}
    made = await office.create(sale("gid://cut"))
    assert await office.create(sale("gid://cut")) == made
    await office.aclose()


async def test_a_no_at_the_commit_is_a_no(ours: SqlSandbox, sale: Sale) -> None:
    office = SqlBackOffice(ours.database_url, ours.statements, clock=SystemClock())
    for statement in LATE_NO.split("END $$;"):
        _run(ours.database_url, statement + ("END $$" if "BEGIN" in statement else ""))
    with pytest.raises(Refused, match="the period is closed"):
        await office.create(sale("gid://late"))
    _run(ours.database_url, "DROP FUNCTION cut CASCADE")
    assert await office.documents([OrderId("gid://late")]) == {}
    await office.aclose()


async def test_a_server_that_is_away_is_tried_later(ours: SqlSandbox, sale: Sale) -> None:
    nobody = "postgresql+psycopg://someone@127.0.0.1:1/erp"
    office = SqlBackOffice(nobody, ours.statements, clock=SystemClock(), connect={"connect_timeout": 2})
    with pytest.raises(TryLater):
        await office.create(sale("gid://away"))
    await office.aclose()
