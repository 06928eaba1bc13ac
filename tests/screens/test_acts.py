"""What screens 3, 5, 7, 8 and 9 let an operator do, and that it is asked for with the operator's name."""

from dataclasses import replace

from console.canned import CannedDesk
from console.canned_lists import gaps
from engine.desk.gaps import PRODUCT


async def test_an_order_is_compared_and_the_mapping_behind_a_field_opened(console_on, desk, seen) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("5", "equals_sign")
        await seen(pilot, "2 of 5 fields differ or have no name")
        await pilot.press("m")
        grid = await seen(pilot, 'kind:payments name:"klarna"')
        assert "7 Fields > mapping" in grid and "x no name, met 4 times" in grid
        await pilot.press("e", *"1210", "enter")
        await seen(pilot, "12 of 100 orders have it, 3 told otherwise (1200). Type save:")
        await pilot.press("enter")
        await seen(pilot, "Nothing changed: save was not typed.")
        await pilot.press("e", "space", "enter")
        await seen(pilot, "Nothing changed: no name was typed.")
        await pilot.press("e", *"1210", "enter")
        await seen(pilot, "Type save:")
        await pilot.press(*"save", "enter")
        await seen(pilot, "Asked: it counts from the next attempt on")
        await pilot.press("O")
        await seen(pilot, "Nobody named that here")
    [(record, (change,), _, who)] = desk.edits
    assert (record, change.kind, change.name, change.said, who) == (None, "payments", "klarna", "1210", "ana")


async def test_a_field_of_a_product_is_decided_once_its_count_is_typed(console_on, seen) -> None:
    field = replace(gaps()[0], kind=PRODUCT, name="MUG-1 price")
    desk = CannedDesk(missing=(field, *gaps()))
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("7", "g")
        await seen(pilot, "MUG-1 price")
        await pilot.press(*"/MUG-1", "enter")
        await seen(pilot, '"MUG-1" 1 of')
        await pilot.press("B")
        await seen(pilot, "Restore 1 (MUG-1 price)? Type 1:")
        await pilot.press("2", "enter")
        await seen(pilot, "Nothing done: 1 fields")
        await pilot.press(*":snooze 60", "enter", "1", "enter")
        await seen(pilot, "Asked: snooze 1 of 1 fields.")
        await pilot.press("equals_sign")
        await seen(pilot, "compare product MUG-1")
    assert desk.field_decisions == [("MUG-1", "price", "snooze", 60)]


async def test_orders_are_looked_at_again_and_connections_subscribed(console_on, desk, seen) -> None:
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("5")
        await seen(pilot, "> all (")
        await pilot.press("j", "space", "space", "R")
        await seen(pilot, "Look at 2 orders again (#10442, #10441 …)? Type 2:")
        await pilot.press("2", "enter")
        await seen(pilot, "Asked: 2 orders are looked at, 1 that waited are tried again.")
        await pilot.press("3")
        await seen(pilot, "3 Sync > all (")
        await pilot.press("S")
        await seen(pilot, "Asked: subscriptions of")
        await pilot.press("w")
        await seen(pilot, "connection:shop-")
    assert desk.retried == [((48790,), "ana")]
    assert [who for _, who in desk.subscribed] == ["ana"]


async def test_a_line_of_the_log_leads_to_what_it_is_about(console_on, seen) -> None:
    line = CannedDesk().ledger[0]
    for entity, there in (
        ("cell:MUG|gid://shopify/Location/1", "Why > MUG"),
        ("order:gid://shopify/Order/7", "compare order 7"),
        ("mapping:payments:klarna", "7 Fields > mapping"),
        ("sku:ZZ-9", "4 Failed"),
    ):
        desk = CannedDesk(ledger=(replace(line, entity=entity),))
        async with console_on(desk) as pilot:
            await pilot.press("8")
            await seen(pilot, "> all (1 line)")
            await pilot.press("w")
            await seen(pilot, there)


async def test_a_line_without_an_inverse_says_so_before_anything_is_typed(console_on, seen) -> None:
    line = next(row for row in CannedDesk().ledger if row.action == "assigned")
    desk = CannedDesk(ledger=(replace(line, seq=7), replace(line, seq=6)))
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("9")
        await seen(pilot, "> all (2 lines)")
        await pilot.press("Z")
        await seen(pilot, "Not undone. What was done there has no inverse.")
        assert not pilot.app.screen.entry.is_open
        await pilot.press("j", "Z")
        await seen(pilot, "Undo assigned - -> ana? Type undo:")
        await pilot.press(*"undo", "enter")
        await seen(pilot, "Asked: the engine takes it back.")
    assert desk.undone == [6]
