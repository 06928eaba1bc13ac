"""What a database raises becomes what has to happen next."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adapters.sql.back_office import SqlBackOffice
from adapters.sql.bulkhead import Bulkhead
from adapters.sql.sandbox import SqlSandbox
from adapters.sql.sandbox.statements import STATEMENTS
from adapters.sql.trouble import translate
from engine.model.clock import SystemClock
from engine.model.failure import Failure, Misset, OutcomeUnknown, Refused, TryLater
from engine.model.ids import Sku
from engine.model.sale import SalesDocument

Sale = Callable[..., SalesDocument]
Staff = Any


class FromServer(Exception):
    """A driver's error with the state the server gave."""

    def __init__(self, words: str, sqlstate: str | None = None) -> None:
        super().__init__(words)
        self.sqlstate = sqlstate


def _raised(
    kind: type[DBAPIError], words: str, state: str | None = None, *, lost: bool = False
) -> DBAPIError:
    return kind(
        "INSERT INTO secret VALUES (…)", {"email": "buyer@example.com"}, FromServer(words, state), False, lost
    )


@pytest.mark.parametrize(
    ("words", "state", "expected"),
    [
        ("deadlock detected", "40P01", TryLater),
        ("could not serialize access", "40001", TryLater),
        ("statement completion unknown", "40003", OutcomeUnknown),
        ("lock not available", "55P03", TryLater),
        ("canceling statement due to statement timeout", "57014", TryLater),
        ("too many connections", "53300", TryLater),
        ("duplicate key", "23505", Refused),
        ("order is on hold", "P0001", Refused),
        ("invalid input", "22P02", Refused),
        ("password authentication failed", "28P01", Misset),
        ("relation does not exist", "42P01", Misset),
        ("permission denied", "42501", Misset),
        ("database is locked", None, TryLater),
        ("no such column: x", None, Misset),
        ("connection refused", None, TryLater),
    ],
)
def test_each_state_has_one_consequence(words: str, state: str | None, expected: type[Failure]) -> None:
    failure = translate(_raised(OperationalError, words, state))
    assert type(failure) is expected
    assert words in failure.cause


def test_a_line_cut_before_the_commit_proves_that_nothing_happened() -> None:
    assert type(translate(_raised(OperationalError, "gone", "57P01", lost=True))) is TryLater


def test_a_line_cut_at_the_commit_proves_nothing() -> None:
    assert (
        type(translate(_raised(OperationalError, "gone", "57P01", lost=True), committing=True))
        is OutcomeUnknown
    )
    assert type(translate(_raised(OperationalError, "server closed"), committing=True)) is OutcomeUnknown


def test_an_answer_to_the_commit_proves_that_it_failed() -> None:
    assert (
        type(translate(_raised(OperationalError, "could not serialize", "40001"), committing=True))
        is TryLater
    )
    assert type(translate(_raised(OperationalError, "database is locked"), committing=True)) is TryLater


def test_no_free_connection_means_later() -> None:
    assert type(translate(PoolTimeout())) is TryLater


def test_neither_our_statement_nor_its_values_reach_the_operator_or_the_log() -> None:
    failure = translate(
        _raised(ProgrammingError, "syntax error at or near X\nLINE 1: buyer@example.com", "42601")
    )
    assert "buyer@example.com" not in failure.cause + failure.remedy + failure.log
    assert "INSERT" not in failure.cause + failure.log


async def test_a_database_locked_for_a_while_is_tried_later(
    office: SqlBackOffice, staff: Staff, sale: Sale
) -> None:
    assert staff.post("faults", json={"mode": "locked", "seconds": 30}).status_code == 200
    with pytest.raises(TryLater, match="locked"):
        await office.create(sale("gid://1"))
    assert (await office.stock([Sku("MUG")])).shelves, "reading goes on while writing is locked"
    assert staff.post("faults", json={"mode": "none"}).status_code == 200
    assert (await office.create(sale("gid://1"))).ref == "gid://1"


async def test_a_file_that_is_not_there_is_a_setting_to_correct(tmp_path: Path, sandbox: SqlSandbox) -> None:
    office = SqlBackOffice(f"sqlite:///{tmp_path}/no/where.db", sandbox.statements, clock=SystemClock())
    with pytest.raises(Misset):
        await office.warehouses()
    await office.aclose()


async def test_an_update_that_does_nothing_is_not_taken_for_success(sandbox: SqlSandbox, sale: Sale) -> None:
    mute = {
        **sandbox.statements,
        "cancel_order": "UPDATE sales_order SET status = status WHERE id = :document AND 0",
    }
    office = SqlBackOffice(sandbox.database_url, mute, clock=SystemClock())
    made = await office.create(sale("gid://1"))
    with pytest.raises(Refused, match="did not cancel"):
        await office.cancel(made.id)
    await office.aclose()


@pytest.mark.parametrize(("writes", "expected"), [(True, OutcomeUnknown), (False, TryLater)])
async def test_a_call_that_never_answers_is_unknown_only_when_it_writes(writes: bool, expected: Any) -> None:
    room, released = Bulkhead("test", 1, patience=0.05, writes=writes), threading.Event()
    with pytest.raises(expected):
        await room.run(released.wait)
    with pytest.raises(TryLater):
        await room.run(lambda: None)  # never began: the only thread is still busy
    released.set()
    await asyncio.to_thread(room.close)


@pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.invalid:5432"])
async def test_a_database_that_is_not_there_is_named_with_what_to_do(host: str) -> None:
    office = SqlBackOffice(f"postgresql+psycopg://trueup@{host}/stock", STATEMENTS, clock=SystemClock())
    try:
        with pytest.raises(TryLater) as caught:
            await office.warehouses()
    finally:
        await office.aclose()
    assert "cannot be reached" in caught.value.cause
    assert "correct its address" in caught.value.remedy


async def test_an_option_the_driver_does_not_know_is_a_wrong_setting() -> None:
    url, options = "postgresql+psycopg://trueup@127.0.0.1:1/stock", {"conect_timeout": 2}
    office = SqlBackOffice(url, STATEMENTS, clock=SystemClock(), connect=options)
    try:
        with pytest.raises(Misset, match="conect_timeout"):
            await office.warehouses()
    finally:
        await office.aclose()
