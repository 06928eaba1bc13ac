"""Each condition holds for what it says, from its limit on, and names its cause."""

from typing import Any

import pytest

from engine.alerts.judge import Disk, Ending, findings
from engine.alerts.rule import Condition
from engine.desk.measures import AlarmRow, GateRow, RemoteRow, WaitingRow
from engine.desk.sync import LaneRow
from tests.alerts.made import NOW, measured, rule, seconds

WAITING = (
    WaitingRow("tax_unmapped", 3, "No tax code is named VAT.", "Add it.", NOW),
    WaitingRow("refused", 1, "The back office refuses it.", "Change it.", NOW),
)


def alarm(code: str, entity: str) -> AlarmRow:
    return AlarmRow(code, entity, "Cause.", "Remedy.", NOW)


HOLDING: list[tuple[Condition, dict[str, Any], dict[str, int]]] = [
    (Condition.FAILED_RECORDS, {"waiting": WAITING}, {"tax_unmapped": 3, "refused": 1}),
    (Condition.BACKLOG_AGE, {"lanes": (LaneRow(1, 7, 0, NOW - seconds(300)),)}, {"orders": 300}),
    (
        Condition.BREAKER_OPEN,
        {"gates": (GateRow("shop", "read", False, NOW), GateRow("shop", "write", True, NOW))},
        {"shop": 1},
    ),
    (Condition.REMOTE_DOWN, {"remotes": (RemoteRow("shop", "FAIL", "No answer.", NOW),)}, {"shop": 1}),
    (Condition.SYNC_LAG, {"lag_seconds": 75.0}, {"": 75}),
    (Condition.DRIFT, {"cells": {"conflict": 2, "failed": 1}}, {"": 3}),
    (Condition.OVERSELL_RISK, {"cells": {"at_risk": 4}}, {"": 4}),
    (Condition.OVERSOLD, {"cells": {"oversold": 1}}, {"": 1}),
    (
        Condition.WEBHOOKS,
        {"alarms": (alarm("webhooks_silent", "orders/create"), alarm("loop_ended", "deliver"))},
        {"orders/create": 1},
    ),
    (Condition.BUDGET, {"allowances": {"shop": 9, "back office": 90}}, {"shop": 9}),
    (Condition.DUPLICATE, {"alarms": (alarm("document_doubled", "order:#1"),)}, {"#1": 1}),
    (Condition.LOOP_ENDED, {"alarms": (alarm("loop_ended", "deliver"),)}, {"deliver": 1}),
    (Condition.NOT_LED, {"led": False}, {"": 1}),
]


@pytest.mark.parametrize(("when", "facts", "said"), HOLDING, ids=[when.value for when, _, _ in HOLDING])
def test_a_condition_holds_for_what_it_says(
    when: Condition, facts: dict[str, Any], said: dict[str, int]
) -> None:
    found = findings([rule(when)], measured(**facts), None)
    assert {one.key.cause: one.figure for one in found} == said
    assert all(one.key.connection == "main" and one.text and one.remedy for one in found)


@pytest.mark.parametrize("when", list(Condition), ids=lambda when: when.value)
def test_nothing_holds_where_all_is_well(when: Condition) -> None:
    assert findings([rule(when)], measured(allowances={"shop": 80}), Disk(100, 50)) == ()


def test_every_condition_is_judged_or_told_by_itself() -> None:
    judged = {when for when, _, _ in HOLDING} | {Condition.DISK, Condition.EXPIRY}
    assert set(Condition) - judged == {Condition.DATABASE}


def test_a_disk_is_judged_by_what_is_free() -> None:
    full = rule(Condition.DISK, limit=10.0)
    [found] = findings([full], measured(), Disk(1000, 90))
    assert (found.key.connection, found.figure) == ("store", 9)
    assert findings([full], measured(), Disk(1000, 100)) == ()
    assert findings([full], measured(), None) == ()


@pytest.mark.parametrize(
    ("other", "causes"),
    [
        ({"limit": 2.0}, ["tax_unmapped"]),
        ({"only": ("ref*",)}, ["refused"]),
        ({"connections": ("outlet",)}, []),
        ({"connections": ("main",)}, ["tax_unmapped", "refused"]),
    ],
)
def test_a_rule_counts_only_what_it_is_about(other: dict[str, Any], causes: list[str]) -> None:
    found = findings([rule(**other)], measured(waiting=WAITING), None)
    assert [one.key.cause for one in found] == causes


def test_what_ends_soon_or_has_ended_is_told_by_its_name() -> None:
    ends = [Ending("a key", NOW + seconds(86_400 * days)) for days in (20,)]
    ends += [Ending("the shop", NOW + seconds(86_400 * 3.5)), Ending("the listener", NOW - seconds(5))]
    soon = findings([rule(Condition.EXPIRY, limit=14.0)], measured(), None, ends)
    assert [(one.key.connection, one.key.cause, one.figure) for one in soon] == [
        ("store", "the shop", 3), ("store", "the listener", 0),
    ]  # fmt: skip
    assert soon[0].text.startswith("the shop ends on ") and soon[1].text == "the listener has ended."
