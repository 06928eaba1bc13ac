"""A wrong configuration is named before anything runs, and a wrong answer before anything is believed."""

import pytest

from adapters.sql.back_office import SqlBackOffice
from adapters.sql.sandbox import SqlSandbox
from adapters.sql.sandbox.statements import STATEMENTS
from adapters.sql.statements import AMENDING, SHAPES, Statements
from engine.model.clock import SystemClock
from engine.model.failure import Misset
from engine.model.ids import OrderId, Sku
from engine.ports import Amends


@pytest.mark.parametrize("name", [name for name, shape in SHAPES.items() if not shape.optional])
def test_a_missing_statement_is_named(name: str) -> None:
    given = {each: sql for each, sql in STATEMENTS.items() if each != name}
    with pytest.raises(Misset, match=f"“{name}” is missing"):
        Statements(given)


def test_what_only_some_systems_need_may_be_left_out() -> None:
    lean = Statements({name: sql for name, sql in STATEMENTS.items() if not SHAPES[name].optional})
    assert not lean.has("confirm_order")


@pytest.mark.parametrize("name", AMENDING)
def test_the_statements_that_change_a_booked_document_come_together_or_not_at_all(name: str) -> None:
    given = {each: sql for each, sql in STATEMENTS.items() if each != name}
    with pytest.raises(Misset, match=f"only with the statement “{name}” too"):
        Statements(given)
    without = {each: sql for each, sql in STATEMENTS.items() if each not in AMENDING}
    office = SqlBackOffice("sqlite:///erp.db", without, clock=SystemClock())
    assert office.capabilities.amends is Amends.NOTHING


@pytest.mark.parametrize(
    ("name", "sql", "words"),
    [
        ("stok", "SELECT 1", "“stok” is not one"),
        ("stock", "SELECT 1", "does not use :skus"),
        ("cancel_order", "UPDATE x SET y = :why WHERE id = :document", "asks for :why"),
        ("warehouses", "  ;  ", "“warehouses” is missing"),
    ],
)
def test_a_wrong_statement_says_what_is_wrong(name: str, sql: str, words: str) -> None:
    with pytest.raises(Misset, match=words):
        Statements({**STATEMENTS, name: sql})


def test_a_url_without_a_driver_is_a_setting_to_correct() -> None:
    for url in ("nonsense", "nobase://host/db"):
        with pytest.raises(Misset, match="URL"):
            SqlBackOffice(url, STATEMENTS, clock=SystemClock())


@pytest.mark.parametrize(
    ("name", "sql", "words"),
    [
        ("stock", "SELECT sku, warehouse, on_hand FROM shelf WHERE sku IN :skus", "gives no column reserved"),
        (
            "stock",
            "SELECT sku, warehouse, 1.5 AS on_hand, 0 AS reserved FROM shelf WHERE sku IN :skus",
            "no whole",
        ),
        (
            "stock",
            "SELECT sku, NULL AS warehouse, 1 AS on_hand, 0 AS reserved FROM shelf WHERE sku IN :skus",
            "no ware",
        ),
        (
            "stock",
            "SELECT sku, warehouse, on_hand, reserved FROM shelves WHERE sku IN :skus",
            "no such table",
        ),
    ],
)
async def test_an_answer_that_cannot_be_right_is_not_believed(
    sandbox: SqlSandbox, name: str, sql: str, words: str
) -> None:
    office = SqlBackOffice(sandbox.database_url, {**STATEMENTS, name: sql}, clock=SystemClock())
    with pytest.raises(Misset, match=words):
        await office.stock([Sku("MUG")])
    await office.aclose()


async def test_values_are_bound_so_a_quote_is_only_a_quote(office: SqlBackOffice) -> None:
    assert await office.documents([OrderId("x') OR 1=1 --")]) == {}
    assert (await office.stock([Sku("MUG'; DROP TABLE shelf; --")])).shelves == {}
    assert (await office.stock([Sku("MUG")])).shelves


async def test_a_statement_that_the_database_would_not_carry_out_is_named_and_nothing_is_written(
    sandbox: SqlSandbox,
) -> None:
    wrong = {
        "create_line": STATEMENTS["create_line"].replace("sales_line", "sales_lines", 1),
        "reservations": STATEMENTS["reservations"].replace("ext_ref", "external_ref", 1),
    }
    office = SqlBackOffice(sandbox.database_url, {**STATEMENTS, **wrong}, clock=SystemClock())
    before = (await office.changes(None)).cursor
    found = await office.probe()
    assert [subject for subject, *_ in found] == ["statement reservations", "statement create_line"]
    assert all("would not be carried out" in cause and remedy for _, cause, remedy in found)
    assert (await office.changes(None)).cursor == before
    await office.aclose()
