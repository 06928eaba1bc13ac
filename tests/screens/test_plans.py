"""A plan is made, read and run from the console: exactly the rows chosen, after their count was typed."""

from dataclasses import replace

import pytest

from console.canned import CannedDesk
from console.canned_plans import plans
from engine.desk import Came
from engine.model.plan import FieldRow
from screens.running import confirmed, question, run_of, steps_of, told

RAN, WAITS = plans()


def test_only_planned_rows_are_run_and_the_whole_is_known_as_such() -> None:
    whole = run_of(WAITS)
    assert len(whole.rows) == 5 and whole.cells is None
    some = run_of(WAITS, steps_of(WAITS)[2:5])
    assert some.cells == (("CG-000002", WAITS.rows[2].location), ("EW-000004", WAITS.rows[4].location))
    assert run_of(RAN).rows == ()


def test_the_count_is_asked_for_even_of_one() -> None:
    one = run_of(WAITS, steps_of(WAITS)[:1])
    assert question(one) == "Write 1 (AT-000000 3>5)? Type 1: "
    assert confirmed(one, " 1 ") and not confirmed(one, "") and not confirmed(one, "yes")


def test_what_was_refused_is_told_and_what_is_left() -> None:
    ran = replace(
        WAITS,
        rows=(
            replace(WAITS.rows[0], state="applied"),
            replace(WAITS.rows[1], state="refused"),
            *WAITS.rows[2:],
        ),
    )
    assert told(run_of(WAITS), ran) == ("Plan 12: 1 written, 1 refused, 3 still planned.", "warn")
    assert told(run_of(WAITS, steps_of(WAITS)[:1]), ran) == ("Plan 12: 1 written, 0 refused.", "ok")
    assert told(run_of(WAITS), None)[1] == "bad"


async def test_marked_rows_are_run_and_what_was_refused_says_why(console_on, desk: CannedDesk, seen) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("0")
        await seen(pilot, "all (2 plans)")
        await pilot.press("enter")
        await seen(pilot, "0 Plans > 12 > all (7 rows)")
        await pilot.press(
            "slash", *'cause:"missed event"'.replace(" ", "\0").split("\0")[0], "space", *'event"', "enter"
        )
        await seen(pilot, "2 of 7")
        await pilot.press("asterisk")
        await seen(pilot, "2 marked")
        await pilot.press("a")
        await seen(pilot, "Write 2 (BX-000001 1>0, CG-000002 13>12)? Type 2:")
        await pilot.press("3", "enter")
        await seen(pilot, "Nothing written")
        await pilot.press("a")
        await pilot.press("2", "enter")
        grid = await seen(pilot, "Plan 12: 1 written, 1 refused.")
        assert "+ written CG-000002" in grid and "x refused BX-000001" in grid
        assert [row.state for row in desk.drawn[1].rows][:3] == ["planned", "refused", "applied"]


async def test_a_plan_is_made_for_the_connection_named(console_on, desk: CannedDesk, seen) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("0")
        await seen(pilot, "all (2 plans)")
        await pilot.press("colon", *"plan", "space", *"shop-no", "enter")
        await seen(pilot, "No connection is called shop-no")
        await pilot.press("n")
        await seen(pilot, "Plan of which (shop-eu, shop-uk): shop-eu stock")
        await pilot.press("enter")
        await seen(pilot, "Plan 13 is made")
        assert (desk.drawn[-1].connection, desk.drawn[-1].made_by) == ("shop-eu", "ana")


async def test_nothing_is_planned_or_run_read_only(console_on, desk: CannedDesk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("0")
        await seen(pilot, "all (2 plans)")
        for key, word in (("n", "new plan"), ("a", "apply")):
            await pilot.press(key)
            await seen(pilot, f"RO: {word} is off.")
        assert len(desk.drawn) == 2 and not desk.came


class Refusing(CannedDesk):
    """A desk whose engine cannot make a plan."""

    async def make_plan(self, connection: str, subject: str = "stock", *, operator: str) -> int:
        return self._done(Came(None, "The back office does not answer.", "Look at screen 3."))


async def test_a_plan_that_could_not_be_made_says_why(console_on, seen) -> None:
    async with console_on(Refusing(), rw=True) as pilot:
        await pilot.press("0")
        await seen(pilot, "all (2 plans)")
        await pilot.press("colon", *"plan", "space", *"shop-eu", "enter")
        await seen(pilot, "The back office does not answer. Look at screen 3.")


@pytest.mark.parametrize("key", ["enter", "a"])
async def test_without_a_plan_there_is_nothing_to_read_or_run(console_on, seen, key: str) -> None:
    async with console_on(CannedDesk(drawn=[]), rw=True) as pilot:
        await pilot.press("0")
        await seen(pilot, "No plans.")
        await pilot.press(key)
        grid = await seen(pilot, "n compares both sides")
        assert "0 Plans > all (0 plans)" in grid


async def test_a_plan_of_products_shows_its_fields_and_runs_the_one_chosen(console_on, seen) -> None:
    fields = (
        FieldRow("MUG-1", "price", "9.50", "9.90", "", "write", "planned"),
        FieldRow(
            "MUG-2", "barcode", None, "4006381333931", "", "conflict", "shown", "Both sides changed it."
        ),
    )
    desk = CannedDesk(drawn=[replace(WAITS, subject="products", rows=(), fields=fields)])
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("0")
        await seen(pilot, "all (1 plan)")
        await pilot.press("enter")
        grid = await seen(pilot, "MUG-2")
        assert "price        9.50     9.90 write" in grid and "! shown   MUG-2        barcode" in grid
        await pilot.press("w")
        await seen(pilot, "Only a level of stock has terms")
        await pilot.press("a")
        await seen(pilot, "Write 1 (MUG-1 9.50>9.90)? Type 1:")
