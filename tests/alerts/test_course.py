"""One alert for each cause: told at once, then who is next, then that it is over, and never twice."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.alerts.course import TRIES, Since, Turn, Word, again, turn
from engine.alerts.judge import Finding, Key
from engine.alerts.rule import Maintenance, Quiet, Rule, Severity
from engine.alerts.wording import message
from tests.alerts.made import NOW, notice, rule, seconds

TOLD = {"step": 1, "told_at": NOW}
NIGHT = Quiet(time(22), time(7), ZoneInfo("Europe/Vienna"))
MIDNIGHT = NOW.replace(hour=23)
"""Midnight in Vienna."""


def tell(of: Rule, later: float, silent: tuple[Maintenance, ...] = (), **other: Any) -> Any:
    due = turn(of, notice(**other), NOW + seconds(later), silent)
    return None if due is None else ({channel: word.value for channel, word in due.tell}, due.step, due.over)


def test_the_first_step_is_told_at_once_and_not_again() -> None:
    assert tell(rule(), 0) == ({"ops": "fired"}, 1, False)
    assert tell(rule(), 30, **TOLD) is None


def test_who_is_next_is_told_when_nobody_acknowledged() -> None:
    assert tell(rule(), 60, **TOLD) == ({"boss": "escalated", "ops": "escalated"}, 2, False)
    assert tell(rule(), 600, **TOLD, acked=True) is None
    assert tell(rule(), 600, step=2, told_at=NOW) is None


def test_after_an_outage_of_the_engine_steps_that_fell_due_together_are_one_message_each() -> None:
    assert tell(rule(), 600) == ({"ops": "fired", "boss": "escalated"}, 2, False)


def test_what_is_over_is_told_after_its_calm_to_those_who_were_told() -> None:
    gone = {"gone_at": NOW + seconds(10)}
    assert tell(rule(), 20, **TOLD, **gone) is None
    assert tell(rule(), 40, **TOLD, **gone) == ({"ops": "resolved"}, 1, True)
    assert tell(rule(), 40, step=2, told_at=NOW, **gone) == ({"ops": "resolved", "boss": "resolved"}, 2, True)


def test_what_was_over_before_anybody_was_told_is_told_to_nobody() -> None:
    assert tell(rule(), 40, gone_at=NOW) == ({}, 0, True)


def test_those_told_are_reminded_until_somebody_acknowledges() -> None:
    kept = rule(remind=seconds(300))
    last = {"step": 2, "told_at": NOW + seconds(60)}
    assert tell(kept, 300, **last) is None
    assert tell(kept, 360, **last) == ({"ops": "reminded", "boss": "reminded"}, 2, False)
    assert tell(kept, 360, **last, acked=True) is None


@pytest.mark.parametrize(
    ("severity", "at", "told"),
    [
        (Severity.WARNING, MIDNIGHT, False),
        (Severity.CRITICAL, MIDNIGHT, True),
        (Severity.WARNING, NOW.replace(hour=6, minute=30), True),  # half past seven in Vienna
        (Severity.WARNING, NOW.replace(hour=5, minute=30), False),
        (Severity.WARNING, NOW, True),
    ],
)
def test_quiet_hours_hold_back_what_is_not_critical(severity: Severity, at: datetime, told: bool) -> None:
    due = turn(rule(severity=severity, quiet=NIGHT), notice(opened_at=at), at, ())
    assert (due is not None) is told


def test_an_end_in_quiet_hours_is_told_afterwards() -> None:
    quiet = rule(quiet=NIGHT)
    over = {"step": 1, "told_at": NOW, "gone_at": MIDNIGHT}
    assert turn(quiet, notice(**over), MIDNIGHT + seconds(60), ()) is None
    assert turn(quiet, notice(**over), MIDNIGHT + seconds(8 * 3600), ()) is not None


def test_maintenance_silences_even_what_is_critical_for_its_connections() -> None:
    grave = rule(severity=Severity.CRITICAL)
    work = Maintenance(NOW, NOW + seconds(100), ("main",))
    assert tell(grave, 50, (work,)) is None
    assert tell(grave, 100, (work,)) == ({"ops": "fired", "boss": "escalated"}, 2, False)
    assert tell(grave, 50, (Maintenance(NOW, NOW + seconds(100), ("outlet",)),)) is not None


def test_an_alert_whose_rule_was_taken_out_just_ends() -> None:
    assert turn(None, notice(**TOLD), NOW, ()) == Turn(notice(**TOLD), (), 1, over=True)


def test_a_condition_may_have_to_stand_for_a_while() -> None:
    since, slow = Since(), rule(stands=seconds(10))
    found = [Finding(Key("r", "main", "c"), 1, "t", "r")]
    assert since.stood(found, {"r": slow}, NOW) == []
    assert since.stood(found, {"r": slow}, NOW + seconds(10)) == found
    assert since.stood([], {"r": slow}, NOW + seconds(11)) == []
    assert since.stood(found, {"r": slow}, NOW + seconds(12)) == []


def test_a_message_that_does_not_arrive_is_tried_less_and_less_often_and_given_up_at_last() -> None:
    waits = [again(attempt) for attempt in range(1, TRIES + 1)]
    assert waits[0] == seconds(2)
    assert waits[-1] is None
    known = [wait for wait in waits if wait is not None]
    assert known == sorted(known)
    assert seconds(3600) < sum(known, seconds(0)) < seconds(2 * 3600)


def test_a_message_says_what_and_what_to_do_on_lines_nobody_can_break_out_of() -> None:
    said = message(
        telling=5, word=Word.FIRED, notice=7, severity="critical", rule="r", connection="main", cause="c", figure=3,
        text="3 records wait: bad\r\nBcc: everybody\x1b[2J", remedy="Look.", opened_at=NOW, over_at=None, acked_by="",
        environment="production", now=NOW,
    )  # fmt: skip
    assert said.title == "production main: CRITICAL 3 records wait: bad  Bcc: everybody [2J"
    assert "trueup alerts ack 7" in said.body
    assert said.body.splitlines()[1] == "Look."
    assert "\x1b" not in said.body
