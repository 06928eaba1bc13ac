"""What will be sent is edited in a form, judged before it goes, and never sent past what happened meanwhile."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from console.canned import CannedDesk
from console.canned_failed import failed_rows
from engine.desk import Chosen, FailedRow, Overtaken
from engine.model.wording import Stale
from screens.acting import Plan, guard_question, guarded

ORDER = failed_rows()[2]


def at_form() -> CannedDesk:
    return CannedDesk(waiting=(ORDER,))


def seen_late(row: FailedRow, why: str) -> Overtaken:
    """A record that changed since it was listed."""
    return Overtaken(Chosen(row.id, row.version + 1, row.ref), why, waits=True)


async def test_a_value_is_named_and_its_record_tried_again(console_on, seen) -> None:
    desk = at_form()
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("4", "e")
        await seen(pilot, "x missing")
        await pilot.press("e", *"1210", "enter")
        await seen(pilot, "1 field typed and not sent yet")
        await pilot.press("R")
        await seen(pilot, "1 edited, tried again")
    [(record, (change,), stale, who)] = desk.edits
    assert record is not None and record.id == ORDER.id
    assert (change.kind, change.name, change.said, stale, who) == (
        "payments",
        "klarna",
        "1210",
        "skip",
        "ana",
    )


async def test_a_wrong_value_is_said_at_once_and_never_sent(console_on, seen) -> None:
    desk = at_form()
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("4", "e")
        await seen(pilot, "x missing")
        await pilot.press("j", "j", "e", *"@@", "enter")
        await seen(pilot, "It is no e-mail address")
        await pilot.press("R")
        await seen(pilot, "Nothing sent. email: It is no e-mail address")
        await pilot.press("O")
        await seen(pilot, "x wrong", gone=True)
    assert desk.edits == []


@pytest.mark.parametrize(("key", "sent"), [("s", []), ("n", [("newest", 0)]), ("f", [("force", 1)])])
async def test_an_edit_that_was_overtaken_asks_what_becomes_of_it(console_on, seen, key, sent) -> None:
    desk = at_form()
    desk.late = (seen_late(ORDER, "changed since it was seen"),)
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("4", "e")
        await seen(pilot, "x missing")
        await pilot.press("e", "7", "enter", "R")
        await seen(pilot, "s skip, n newest, f force")
        await pilot.press(key, "enter")
        await seen(pilot, "left alone" if key == "s" else "tried again")
    assert [(stale, len(changes)) for _, changes, stale, _ in desk.edits] == sent


async def test_read_only_sends_nothing(console_on, seen) -> None:
    desk = at_form()
    async with console_on(desk) as pilot:
        await pilot.press("4", "e")
        await seen(pilot, "x missing")
        await pilot.press("e", "7", "enter", "R")
        await seen(pilot, "RO: send is off")
    assert desk.edits == []


async def test_a_retry_of_what_was_overtaken_is_asked_about(console_on, desk, seen) -> None:
    desk.late = (seen_late(desk.waiting[0], "changed in Shopify 12:00:00Z"),)
    async with console_on(desk, rw=True) as pilot:
        await pilot.press("4", "*")
        await seen(pilot, "5 marked")
        await pilot.press("R", "5", "enter")
        await seen(pilot, "1 of 5 were overtaken meanwhile. s skip")
        await pilot.press("s", "enter")
        await seen(pilot, "Asked to try 4 again")
    assert desk.stale == ["skip"]
    assert len(desk.retried[0][0]) == 4


def test_whoever_types_nothing_known_does_nothing() -> None:
    late = (seen_late(ORDER, "changed since it was seen"),)
    plan = Plan("retry", tuple(one.chosen for one in late), counted=True, late=late)
    assert [guarded(text) for text in ("S", "newest", " f ", "", "x", "skips")] == [
        "skip",
        "newest",
        "force",
        None,
        None,
        None,
    ]
    assert isinstance(plan.answered("x"), str) and isinstance(plan.answered("s"), str)
    forced = plan.answered("f")
    assert isinstance(forced, Plan) and forced.stale == Stale.FORCE
    gone = replace(plan, late=(replace(late[0], waits=False),))
    assert isinstance(gone.answered("f"), str)


@pytest.mark.parametrize("many", [1, 99_999])
def test_the_question_leaves_room_for_its_answer(many: int) -> None:
    late = (seen_late(replace(ORDER, ref="長い名前の商品番号" * 9), "changed in Shopify 12:00:00Z"),) * many
    assert cell_len(f" {guard_question(late, many)}") + 7 <= 80
