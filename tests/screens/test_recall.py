"""The command line remembers what was typed, and keeps what is being typed."""

from screens.recall import KEPT, Recall, remember


def test_a_line_is_kept_once_and_newest_last() -> None:
    typed: list[str] = []
    for line in ("stock", "why A B", "stock", "  "):
        remember(typed, line)
    assert typed == ["why A B", "stock"]
    for number in range(KEPT + 5):
        remember(typed, f"theme {number}")
    assert len(typed) == KEPT and typed[-1] == f"theme {KEPT + 4}"


def test_up_goes_back_and_down_returns_to_what_was_being_typed() -> None:
    recall = Recall(["one", "two"])
    assert [recall.step(-1, "dra"), recall.step(-1, "two"), recall.step(-1, "one")] == ["two", "one", None]
    assert [recall.step(1, "one"), recall.step(1, "two"), recall.step(1, "dra")] == ["two", "dra", None]


async def test_up_brings_the_last_command_back_on_any_screen(console_on, desk, seen) -> None:
    async with console_on(desk) as pilot:
        await seen(pilot, "EVENTS")
        await pilot.press("colon", *"theme", "space", *"light", "enter")
        await seen(pilot, "Colours: light.")
        await pilot.press("4")
        await seen(pilot, "48812")
        await pilot.press("colon", *"fa", "up")
        assert pilot.app.screen.entry.field.value == "theme light"
        await pilot.press("down")
        assert pilot.app.screen.entry.field.value == "fa"
        await pilot.press("up", "enter")
        await seen(pilot, "Colours: light.")
