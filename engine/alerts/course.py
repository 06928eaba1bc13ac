"""The course of an alert: from the first finding over steps and reminders to its end. Pure; the flow stores it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from engine.alerts.judge import Finding, Key
from engine.alerts.rule import Maintenance, Rule, Severity


class Word(StrEnum):
    """Why somebody is told."""

    FIRED = "fired"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert that stands, or has just ended."""

    id: int
    key: Key
    opened_at: datetime
    gone_at: datetime | None
    """Since when it does not hold any more; it is over after the rule's calm."""
    step: int
    """How many steps have been told."""
    told_at: datetime | None
    acked: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be done with a notice."""

    notice: Notice
    tell: tuple[tuple[str, Word], ...]
    """Channels, and why."""
    step: int
    """How many steps have been told afterwards."""
    over: bool = False


class Since:
    """Since when each finding has held, as long as it holds: a condition may have to stand for a while."""

    def __init__(self) -> None:
        self._since: dict[Key, datetime] = {}

    def stood(self, found: Sequence[Finding], rules: Mapping[str, Rule], now: datetime) -> list[Finding]:
        """Those that have held for as long as their rule asks."""
        self._since = {finding.key: self._since.get(finding.key, now) for finding in found}
        return [
            finding for finding in found if now - self._since[finding.key] >= rules[finding.key.rule].stands
        ]


def turn(rule: Rule | None, notice: Notice, now: datetime, maintenance: Sequence[Maintenance]) -> Turn | None:
    """What is due for a notice; None when nothing is. Without a rule (it was taken out) the notice just ends."""
    if rule is None:
        return Turn(notice, (), notice.step, over=True)
    told = _told(rule, notice.step)
    silent = _silent(rule, notice.key.connection, now, maintenance)
    if notice.gone_at is not None:
        if now - notice.gone_at < rule.calm or (silent and told):
            return None
        return Turn(notice, tuple((channel, Word.RESOLVED) for channel in told), notice.step, over=True)
    if silent:
        return None
    tell: dict[str, Word] = {}
    step = notice.step
    while step < len(rule.steps) and notice.opened_at + rule.steps[step].after <= now:
        if step and notice.acked:
            break
        for channel in rule.steps[step].tell:
            tell.setdefault(channel, Word.ESCALATED if step else Word.FIRED)
        step += 1
    if not tell and _remind(rule, notice, now):
        tell = dict.fromkeys(told, Word.REMINDED)
    return Turn(notice, tuple(tell.items()), step) if tell or step != notice.step else None


def _told(rule: Rule, step: int) -> tuple[str, ...]:
    """Everybody who has been told."""
    return tuple(dict.fromkeys(channel for one in rule.steps[:step] for channel in one.tell))


def _silent(rule: Rule, connection: str, now: datetime, maintenance: Sequence[Maintenance]) -> bool:
    if any(one.covers(connection, now) for one in maintenance):
        return True
    return rule.severity is not Severity.CRITICAL and rule.quiet is not None and rule.quiet.covers(now)


def _remind(rule: Rule, notice: Notice, now: datetime) -> bool:
    if rule.remind is None or notice.acked or notice.told_at is None or not notice.step:
        return False
    return now - notice.told_at >= rule.remind


FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(minutes=5)
TRIES = 20
"""A telling that failed so often is given up: about an hour and a quarter after the first."""


def again(attempt: int) -> timedelta | None:
    """How long after a failed attempt (1 is the first) the next one is made; None when it is given up."""
    if attempt >= TRIES:
        return None
    return min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** (attempt - 1))
