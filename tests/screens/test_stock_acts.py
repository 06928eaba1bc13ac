"""Marked cells of the stock matrix are acted on at the location under the cursor, with count and sample first."""

from console.canned import CannedDesk, stock_row
from console.canned_lists import PLACES
from engine.desk import Asked

[BERLIN, LYON, *_] = PLACES


async def test_marked_cells_are_looked_at_again_and_planned_once_their_count_is_typed(
    console_on, desk, seen
) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("2")
        await seen(pilot, "AT-000000")
        await pilot.press("l", "space", "space", "space")
        await seen(pilot, "3 marked at Lyon: b holds back, H stops selling, R looks again, n plans")
        await pilot.press("R")
        await seen(pilot, "Look again at 3 cells at Lyon (AT-000000, BX-000001 …)? Type 3:")
        await pilot.press("2", "enter")
        await seen(pilot, "Nothing done: 3 cells, and that was not typed.")
        assert desk.asked_cells == []
        await pilot.press("R", "3", "enter")
        await seen(pilot, "Asked to look again at 3 cells.")
        assert "marked" not in await seen(pilot, "2 Stock > all")
        await pilot.press("n")
        await seen(pilot, "Asked for a plan of 1 cell: 0 shows it, and nothing is written.")
    some = tuple((stock_row(at).sku, LYON) for at in range(3))
    assert desk.asked_cells == [("look", some, "ana"), ("plan", ((stock_row(3).sku, LYON),), "ana")]


async def test_units_are_held_back_in_marked_cells_and_sold_again(console_on, desk, seen) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("2")
        await seen(pilot, "AT-000000")
        await pilot.press("space", "space", "b")
        await seen(pilot, "Hold back in 2 cells (AT-000… Berlin …): 2 units min:")
        await pilot.press(*"2 5 45", "enter")
        await seen(pilot, "Asked: hold back 5 for 45 min, 2 cells.")
        await pilot.press("g")
        await seen(pilot, "AT-000000 Berlin  held back  = 3")
        await pilot.press("H")
        await seen(pilot, "Go on selling AT-000000 at Berlin? Type yes:")
        await pilot.press(*"yes", "enter")
        await seen(pilot, "Asked: go on selling")
        await pilot.press("S", *"all 60", "enter")
        await seen(pilot, "Asked: stop selling for 60 min, everything at Berlin.")
        await seen(pilot, "Berlin  stopped  = 3")
    assert [(one.sku, one.location, one.everything) for one in desk.held] == [
        (stock_row(1).sku, BERLIN, False),
        ("*", BERLIN, True),
    ]


async def test_a_cell_where_nothing_is_stocked_is_not_acted_on(console_on, seen) -> None:
    row = stock_row(0)
    desk = CannedDesk(special={0: type(row)(row.sku, row.title, 0, (None, *row.cells[1:]))})
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("2")
        await seen(pilot, "not stocked here")
        for key in "Rnb":
            await pilot.press(key)
            await seen(pilot, "There is no cell to act on")
        await pilot.press("space", "space", "R")
        await seen(pilot, "Asked to look again at 1 cell.")
    assert [cells for _, cells, _ in desk.asked_cells] == [((stock_row(1).sku, BERLIN),)]


async def test_what_the_engine_does_not_know_is_said(console_on, seen) -> None:
    class Forgetful(CannedDesk):
        async def look_again(self, cells: tuple[tuple[str, str], ...], *, operator: str) -> Asked:
            return Asked(0, ("AT-000000 is not known at Berlin",))

    async with console_on(Forgetful(), rw=True) as pilot:
        await pilot.press("2")
        await seen(pilot, "AT-000000")
        await pilot.press("R")
        await seen(pilot, "1 refused: AT-000000 is not known at Berlin")


async def test_every_sku_that_fits_is_marked(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("2", *"/mug", "enter")
        await seen(pilot, '2 Stock > "mug"')
        await pilot.press("asterisk")
        await seen(pilot, " marked: mug.")
        await pilot.press("R")
        await seen(pilot, "RO: look again is off")
