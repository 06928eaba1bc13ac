"""When the silence of a topic is an alarm, and when what it leaves out is."""

from datetime import UTC, datetime, timedelta

from engine.delivery.hearing import DAY, HOUR, Window, awaited, incomplete, silent

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BUSY_NOONS = {NOON - DAY * back + HOUR * at: 60 for back in range(1, 8) for at in (0, 1)}


def test_a_quiet_quarter_of_an_hour_is_an_alarm_where_the_hour_is_busy_every_day() -> None:
    assert silent(BUSY_NOONS, NOON, NOON + 10 * MINUTE) is None
    due = silent(BUSY_NOONS, NOON, NOON + 15 * MINUTE)
    assert due is not None and round(due) == 15


def test_a_night_in_which_nothing_ever_comes_is_none() -> None:
    evening = NOON + 2 * HOUR
    assert silent(BUSY_NOONS, evening, evening + 8 * HOUR) is None
    assert silent(BUSY_NOONS, None, evening) is None
    assert silent({}, NOON, NOON + DAY) is None


def test_on_the_first_day_the_hours_just_before_are_gone_by() -> None:
    today = {NOON - 2 * HOUR: 120, NOON - HOUR: 120}
    assert silent(today, NOON, NOON + 5 * MINUTE) is None
    assert silent(today, NOON, NOON + 7 * MINUTE) is not None


def test_hours_that_differ_from_day_to_day_promise_less() -> None:
    wild = {NOON - DAY * back: (10 if back % 2 else 110) for back in range(1, 9)}
    assert awaited(BUSY_NOONS, NOON, NOON + HOUR) == 60
    assert awaited(wild, NOON, NOON + HOUR) == 10


def test_what_is_left_out_is_an_alarm_until_a_window_is_complete_again() -> None:
    assert incomplete([Window(40, 2)]) is None
    assert incomplete([Window(100, 4)]) is None
    assert incomplete([Window(3, 3)]) == Window(3, 3)
    assert incomplete([Window(3, 2), Window(), Window(4, 2), Window()]) == Window(7, 4)
    assert incomplete([Window(3, 3), Window(2, 0)]) is None
    assert incomplete([]) is None
