"""Rules, measures and notices as tests want them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.alerts.course import Notice
from engine.alerts.judge import Key
from engine.alerts.rule import LIMITS, Condition, Rule, Severity, Step
from engine.desk.measures import Measured, Measures
from engine.ports import Message

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def seconds(many: float) -> timedelta:
    return timedelta(seconds=many)


def rule(when: Condition = Condition.FAILED_RECORDS, **other: Any) -> Rule:
    given = {
        "name": "r", "when": when, "limit": LIMITS.get(when, 1.0), "severity": Severity.WARNING,
        "steps": (Step(seconds(0), ("ops",)), Step(seconds(60), ("boss", "ops"))), "calm": seconds(30),
    }  # fmt: skip
    return Rule(**(given | other))  # type: ignore[arg-type]


QUIET = Measured(
    connection="main", led=True, lag_seconds=2.0, lanes=(), topics=(), healed=0, cells={}, waiting=(), gaps=0,
    alarms=(), gates=(), remotes=(), retries=10.0, allowances={},
)  # fmt: skip


def measured(**other: Any) -> Measures:
    return Measures(NOW, (replace(QUIET, **other),))


def notice(**other: Any) -> Notice:
    given = {
        "id": 1, "key": Key("r", "main", "c"), "opened_at": NOW, "gone_at": None, "step": 0, "told_at": None,
        "acked": False,
    }  # fmt: skip
    return Notice(**(given | other))  # type: ignore[arg-type]


def text(**other: Any) -> Message:
    given = {
        "id": "telling-1", "word": "fired", "severity": "critical", "title": "test main: CRITICAL 3 records wait",
        "body": "3 records wait.\nLook.", "rule": "r", "connection": "main", "cause": "c", "figure": 3,
        "opened_at": NOW, "environment": "test",
    }  # fmt: skip
    return Message(**(given | other))
