"""Every list can be narrowed, sorted, marked, exported and left again, and acts only on what it shows."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from console.canned import NOW, CannedDesk, failed_rows
from engine.desk.gaps import DRAFT, PRODUCT, GapRow
from engine.model.ids import WorkId
from screens.commands import SCREENS
from screens.messages import GoTo
from screens.widgets.record_table import RecordTable


def table(pilot) -> RecordTable:
    return pilot.app.screen.query_exactly_one(RecordTable)


async def test_an_order_shows_its_tree_and_that_it_adds_up(console_on, desk, seen) -> None:
    async with console_on(desk, size=(200, 50)) as pilot:
        await pilot.press("5")
        grid = await seen(pilot, "exact to the cent")
        assert "PROOF" in grid and "CT-000003" in grid and "S-1203 open" in grid


async def test_a_held_order_leads_to_its_record(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("5")
        await seen(pilot, "#10443")
        await pilot.press("w")
        await seen(pilot, "Nothing is wrong with this order")
        await pilot.press("escape", "j", "w")
        await seen(pilot, 'record:"#10442"')
        await seen(pilot, "DETAIL 48790")


async def test_a_filter_by_field_is_understood_and_named_when_nothing_is_left(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("5")
        await seen(pilot, "all (240 orders)")
        await pilot.press("slash", *"state:held total:>150", "enter")
        grid = await seen(pilot, "of 240")
        assert "x held" in grid and "settled" not in grid
        await pilot.press("slash", *" nowhere", "enter")
        assert "Fields here: order state total" in await seen(pilot, "Nothing matches")


async def test_a_field_the_shop_changed_is_shown_with_both_values_the_rule_and_what_to_do(
    console_on, desk, seen
) -> None:
    told = "conflict: back office 12.00, shop 9.00; back_office mirror"
    row = GapRow("shop-eu", PRODUCT, "MUG price", told, 3, NOW, NOW)
    async with console_on(replace(desk, missing=(row, *desk.missing)), size=(120, 40)) as pilot:
        await pilot.press("7")
        grid = await seen(pilot, "MUG price")
        assert "shop 9.00" in grid
        await pilot.press("slash", *"kind:product", "enter")
        await seen(pilot, "1 of 4")
        await pilot.press("enter")
        assert "trueup conflict field SKU FIELD restore" in await seen(pilot, "Nothing is written before")


async def test_a_draft_that_is_to_be_made_is_shown_with_what_becomes_of_it(console_on, desk, seen) -> None:
    row = GapRow("shop-eu", DRAFT, "BOWL-1", "pending: the shop lacks it", 1, NOW, NOW)
    async with console_on(replace(desk, missing=(row, *desk.missing)), size=(120, 40)) as pilot:
        await pilot.press("7")
        await seen(pilot, "BOWL-1")
        await pilot.press("slash", *"kind:draft", "enter")
        await seen(pilot, "1 of 4")
        await pilot.press("enter")
        await seen(pilot, "A draft product is to be made")


async def test_sorting_goes_through_the_fields_both_ways(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("5")
        await seen(pilot, "by placed down")
        await pilot.press("greater_than_sign")
        await seen(pilot, "by total down")
        await seen(pilot, "212.")
        await pilot.press("o")
        await seen(pilot, "by total up")
        await pilot.press("less_than_sign")
        await seen(pilot, "by placed up")


async def test_stock_is_narrowed_by_its_cells_and_sorted_by_a_field_that_is_named(
    console_on, desk, seen
) -> None:
    async with console_on(desk, size=(120, 40)) as pilot:
        await pilot.press("2")
        await seen(pilot, "by sku up")
        await pilot.press("slash", *"location:berlin available:<0 !state:failed", "enter")
        await seen(pilot, "of 100,000")
        rows = [table(pilot).pages.at(at) for at in range(20)]
        assert all("-1" in row.cells[2][0] and "x" not in row.cells[2][0] for row in rows if row)
        await pilot.press("colon", *"sort tot", "enter")
        await seen(pilot, "by total up")
        await pilot.press("o")
        await seen(pilot, "by total down")
        await pilot.press("colon", *"sort colour", "enter")
        await seen(pilot, "Sort by one of these: sku, title, total, available, seen.")


async def test_a_log_in_another_order_is_not_followed(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("8", "greater_than_sign")
        await seen(pilot, "by actor down")
        await seen(pilot, "Standing still")
        await pilot.press("f")
        await seen(pilot, "by at down")
        await seen(pilot, "Following")


async def test_a_range_is_marked_and_unmarked(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("5")
        await seen(pilot, "#10443")
        await pilot.press("v")
        await seen(pilot, "Mark the first row with space")
        await pilot.press("space", "j", "j", "v")
        await seen(pilot, "4 marked")
        await pilot.press("u")
        await seen(pilot, "4 marked", gone=True)


async def test_all_that_fits_is_exported_not_only_what_is_seen(
    console_on, desk, seen, tmp_path: Path
) -> None:
    async with console_on(desk, size=(200, 50)) as pilot:
        await pilot.press("5")
        await seen(pilot, "#10443")
        await pilot.press("E")
        await seen(pilot, "240 orders written to")
        (file,) = (tmp_path / "exports").iterdir()
        assert file.read_text().count("\n") == 241 and "'" not in file.read_text()
        await pilot.press("colon", *"export json", "enter")
        await seen(pilot, ".json")
        (found,) = (tmp_path / "exports").glob("*.json")
        assert len(json.loads(found.read_text())) == 240


async def test_history_goes_back_and_on(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("5")
        await seen(pilot, "5 Orders")
        await pilot.press("9")
        await seen(pilot, "9 Audit")
        await pilot.press("left_square_bracket")
        await seen(pilot, "5 Orders")
        await pilot.press("left_square_bracket", "left_square_bracket")
        await seen(pilot, "EVENTS")
        await pilot.press("right_square_bracket", "right_square_bracket")
        await seen(pilot, "9 Audit")


async def test_sync_says_what_waits_why_and_who_runs_it(console_on, desk, seen) -> None:
    async with console_on(desk, size=(200, 50)) as pilot:
        await pilot.press("3", "j")
        grid = await seen(pilot, "paused until settings change")
        assert (
            "ops-1:4711, epoch 12" in grid and "1,204 in the last hour" in grid and "falls, cancels" in grid
        )


async def test_a_connection_nobody_works_on_is_said_with_the_way_out(console_on, desk, seen) -> None:
    desk.health = replace(
        desk.health, rows=tuple(replace(row, live=False, holder="") for row in desk.health.rows)
    )
    async with console_on(desk) as pilot:
        await pilot.press("3")
        assert "trueup run" in await seen(pilot, "No engine holds shop-eu, shop-uk")


async def test_the_log_follows_until_somebody_reads(console_on, desk, seen) -> None:
    async with console_on(desk, size=(200, 50)) as pilot:
        await pilot.press("8")
        await seen(pilot, ">       900")
        newest = replace(desk.ledger[0], seq=901, detail="newest of all")
        desk.ledger = (newest, *desk.ledger)
        desk.changes.ring()
        await seen(pilot, ">       901")
        await pilot.press("j")
        await seen(pilot, "Standing still")
        desk.ledger = (replace(newest, seq=902), *desk.ledger)
        desk.changes.ring()
        await seen(pilot, "902")
        assert table(pilot).current.key == "900"
        await pilot.press("f")
        await seen(pilot, ">       902")


async def test_the_chain_is_followed_on_a_key(console_on, desk, seen) -> None:
    async with console_on(desk, size=(200, 50)) as pilot:
        await pilot.press("9")
        grid = await seen(pilot, "assigned")
        assert "published" not in grid
        await pilot.press("V")
        await seen(pilot, "whole: each of 900 lines")


async def test_causes_show_what_hangs_on_them_and_lead_to_their_records(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("4", "c")
        grid = await seen(pilot, "241.00 EUR")
        assert "causes" in grid
        await pilot.press("j", "enter")
        grid = await seen(pilot, 'code:"sku.unmapped"')
        assert "48790" in grid and "48812" not in grid


def many(count: int) -> CannedDesk:
    row = failed_rows()[2]
    return CannedDesk(
        waiting=tuple(replace(row, id=WorkId(60_000 - at), ref=f"#{at}", version=at) for at in range(count))
    )


async def test_clearing_many_asks_for_the_count_with_a_sample_first(console_on, seen) -> None:
    desk = many(500)
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("4")
        await seen(pilot, "500 failed records")
        await pilot.press("asterisk")
        await seen(pilot, "500 marked")
        await pilot.press("R")
        assert "…)? Type 500" in await seen(pilot, "Retry 500 (#")
        await pilot.press(*"50", "enter")
        await seen(pilot, "that was not typed")
        assert desk.acts == []
        await pilot.press("R", *"500", "enter")
        await seen(pilot, "Asked to try 500 again.")
        await seen(pilot, "No failed records.")
        assert len(desk.acts[0][1]) == 500


async def test_resolving_needs_a_reason_and_assigning_offers_the_operator(console_on, desk, seen) -> None:
    async with console_on(desk, size=(200, 50), rw=True) as pilot:
        await pilot.press("4")
        await seen(pilot, "48812")
        await pilot.press("X", "enter")
        await seen(pilot, "to resolve needs a reason")
        await pilot.press("A")
        await seen(pilot, "Whose")
        await pilot.press("enter")
        await seen(pilot, "Asked to assign 1")
        await pilot.press("X", *"entered by hand", "enter")
        await seen(pilot, "48812", gone=True)
        assert [(verb, value) for verb, _, value, _ in desk.acts] == [
            ("assign", "ana"),
            ("resolve", "entered by hand"),
        ]


async def test_words_after_a_command_answer_its_question(console_on, desk, seen) -> None:
    async with console_on(desk, size=(200, 50), rw=True) as pilot:
        await pilot.press("4")
        await seen(pilot, "48812")
        await pilot.press("colon", *"tag vat eu", "enter")
        await seen(pilot, "Asked to tag 1")
        assert desk.acts[0][2] == "vat eu"


@pytest.mark.parametrize("name", SCREENS)
async def test_every_key_that_help_lists_runs_its_command(console_on, desk, seen, name: str) -> None:
    async with console_on(desk) as pilot:
        pilot.app.screen.leave(GoTo(name))
        await seen(pilot, pilot.app.room(name).CRUMB)
        here, ran = pilot.app.room(name), []
        assert pilot.app.screen is here
        here.action_run = lambda id: ran.append(id)
        ours = [c for c in here.COMMANDS_HERE if not c.action and c.id != "quit"]  # that one ends the console
        for command in ours:
            for pressed in filter(None, command.keys.split(",")):
                await pilot.press(pressed)
        wanted = [c.id for c in ours for key in c.keys.split(",") if key]
        assert ran == wanted


async def test_the_cells_about_to_oversell_are_named_with_what_to_do(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("6")
        grid = await seen(pilot, "3 at risk (from 2 %)")
        rows = [line.split()[:3] for line in grid.splitlines()[4:8]]
        assert rows == [[">", "X", "OVER"], ["!!", "<5m", "DM-000001"], ["!", "<30m", "BC-000002"],
                        ["!", "<30m", "AT-000061"]]  # fmt: skip
        assert "Sells more than there is" in grid
        await pilot.press("j", "j", "enter")
        grid = await seen(pilot, "2.1 % that more is sold than there is")
        assert "Holding back 1 more brings the risk below the limit." in grid
        await pilot.press("greater_than_sign", "o")
        await seen(pilot, "by oversell down")


async def test_units_are_held_back_and_the_sale_is_stopped_by_one_key(console_on, desk, seen) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("6", "j", "j")
        await seen(pilot, "brings the risk below the limit")
        await pilot.press("b")
        await seen(pilot, "Hold back BC-000002 at Porto")
        await pilot.press("enter")
        await seen(pilot, "Asked: hold back 2 for 60 min, BC-000002 at Porto.")
        assert [(one.sku, one.units, one.set_by) for one in desk.held] == [("BC-000002", 2, "ana")]
        await pilot.press("g", "H")
        await seen(pilot, "Stop selling LE-000000")
        await pilot.press("backspace", "backspace", "0", "enter")
        await seen(pilot, "Asked: stop selling until it is ended,")
        assert (desk.held[-1].everything, desk.held[-1].ends) == (True, None)
        await pilot.press("H")
        await seen(pilot, "Go on selling LE-000000")
        await pilot.press(*"yes", "enter")
        await seen(pilot, "Asked: go on selling LE-000000")
        assert [one.sku for one in desk.held] == ["BC-000002"]


async def test_the_sale_of_a_whole_location_is_stopped_by_one_key_and_one_word(
    console_on, desk, seen
) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("6", "j", "j", "S")
        await seen(pilot, "Stop the sale at Porto: all minutes")
        await pilot.press(*"60", "enter")
        await seen(pilot, "Nothing done: type all and minutes")
        assert desk.held == []
        await pilot.press("S", *"all 60", "enter")
        await seen(pilot, "Asked: stop selling for 60 min, everything at Porto")
        assert [(one.sku, one.everything) for one in desk.held] == [("*", True)]
        await pilot.press("enter")
        await seen(pilot, "all here")
        await pilot.press("S", *"yes", "enter")
        await seen(pilot, "Asked: go on selling everything at Porto")
        assert desk.held == []


async def test_marked_cells_are_held_back_together_once_their_number_was_typed(
    console_on, desk, seen
) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("6")
        await seen(pilot, "LE-000000")
        await pilot.press("space", "space", "space", "b")
        await seen(pilot, "Hold back in 3 cells (LE-000… Berlin …): 3 units min:")
        await pilot.press(*"5 45", "enter")
        await seen(pilot, "Nothing done: 3 cells are meant, so type 3 first, then the rest.")
        assert desk.held == []
        await pilot.press("b", *"3 5 45", "enter")
        await seen(pilot, "Asked: hold back 5 for 45 min, 3 cells.")
        assert [one.units for one in desk.held] == [5, 5, 5] and len({one.sku for one in desk.held}) == 3


async def test_all_that_fits_is_marked_and_what_is_marked_is_acted_on_and_exported(
    console_on, desk, seen, tmp_path: Path
) -> None:
    async with console_on(desk, size=(200, 50), rw=True) as pilot:
        await pilot.press("5")
        await seen(pilot, "> all (240 orders)")
        await pilot.press("slash", *"state:uncertain", "enter")
        await seen(pilot, "40 of 240")
        await pilot.press("asterisk")
        await seen(pilot, "40 marked: state:uncertain.")
        await pilot.press("R", *"40", "enter")
        await seen(pilot, "Asked: 40 orders are looked at.")
        await pilot.press("space", "space", "E")
        await seen(pilot, "2 orders, of 2 marked, written to")
        (file,) = (tmp_path / "exports").iterdir()
        assert file.read_text().count("\n") == 3


async def test_nothing_is_held_back_by_a_slip(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await pilot.press("6", "b")
        await seen(pilot, "RO: buffer is off")
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("6")
        await seen(pilot, "LE-000000")
        for typed in ("three", "1 2 3", "9999999 5", "-1 5"):
            await pilot.press("colon")
            pilot.app.screen.entry.field.value = f"buffer {typed}"
            await pilot.press("enter")
            await seen(pilot, "Nothing done:")
            await pilot.press("escape")
        assert desk.held == []


async def test_a_command_typed_with_its_answer_acts_once(console_on, desk: CannedDesk, seen) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("4")
        await seen(pilot, "48812")
        await pilot.press("colon", *"tag", "space", *"later", "enter")
        await seen(pilot, "Asked to tag 1.")
        assert [(verb, value) for verb, _, value, _ in desk.acts] == [("tag", "later")]
        assert not pilot.app.screen.entry.is_open
        await pilot.press("6")
        await seen(pilot, "LE-000000")
        await pilot.press("colon", *"buffer", "space", "3", "space", "5", "enter")
        await seen(pilot, "Asked: hold back 3 for 5 min")
        assert len(desk.held) == 1 and not pilot.app.screen.entry.is_open
