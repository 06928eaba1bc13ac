"""What holds at this moment, by the rules: one finding for each cause, with its count."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.alerts.rule import BELOW, Condition, Rule
from engine.delivery.lanes import LANE_NAMES
from engine.desk.measures import Measured, Measures

STORE = "store"
"""Stands where a finding is about no connection."""


@dataclass(frozen=True, slots=True)
class Key:
    """What makes two findings the same alert."""

    rule: str
    connection: str
    cause: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's condition holds."""

    key: Key
    figure: int
    """Records, cells, seconds or percent, as the condition counts."""
    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of the database, in bytes."""

    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate or a key that ends."""

    name: str
    at: datetime


Said = tuple[str, float, str, str]
"""Cause, figure, text and remedy of one thing a condition could hold for."""


def findings(
    rules: Sequence[Rule], measured: Measures, disk: Disk | None, ends: Sequence[Ending] = ()
) -> tuple[Finding, ...]:
    """Everything that holds, in the order of the rules."""
    return tuple(_findings(rules, measured, disk, ends))


def _findings(
    rules: Sequence[Rule], measured: Measures, disk: Disk | None, ends: Sequence[Ending]
) -> Iterator[Finding]:
    for rule in rules:
        if rule.when is Condition.EXPIRY:
            yield from _held(rule, STORE, _ends(ends, measured.as_of))
            continue
        if rule.when is Condition.DISK:
            yield from _held(rule, STORE, _disk(disk))
            continue
        for row in measured.rows:
            yield from _held(rule, row.connection, _said(rule.when, row, measured.as_of))


def _held(rule: Rule, connection: str, said: Iterable[Said]) -> Iterator[Finding]:
    for cause, figure, text, remedy in said:
        holds = figure < rule.limit if rule.when in BELOW else figure >= rule.limit
        if holds and rule.covers(connection, cause):
            yield Finding(Key(rule.name, connection, cause), int(figure), text, remedy)


def _said(when: Condition, row: Measured, now: datetime) -> Iterator[Said]:
    match when:
        case Condition.FAILED_RECORDS:
            for each in row.waiting:
                many = "1 record waits" if each.records == 1 else f"{each.records:,} records wait"
                yield each.code, each.records, f"{many} for a person: {each.cause}", each.remedy
        case Condition.BACKLOG_AGE:
            for lane in row.lanes:
                if lane.oldest is not None and 0 <= lane.lane < len(LANE_NAMES):
                    age = (now - lane.oldest).total_seconds()
                    name = LANE_NAMES[lane.lane]
                    text = f"{lane.waiting:,} in the lane of {name} wait, the oldest for {age:,.0f} s."
                    yield name, age, text, "Screen 3 shows the lane and what it waits for."
        case Condition.BREAKER_OPEN:
            for remote in sorted({gate.remote for gate in row.gates if gate.open}):
                detail = next((one.detail for one in row.remotes if one.remote == remote), "")
                text = f"The {remote} did not answer several times in a row and is left alone. {detail}"
                yield remote, 1, text.strip(), "It is tried again by itself; look whether it is up."
        case Condition.REMOTE_DOWN:
            for one in row.remotes:
                if one.state == "FAIL":
                    since = f", last at {one.last_ok:%H:%M:%S} UTC" if one.last_ok else ""
                    text = f"The {one.remote} does not answer well{since}. {one.detail}"
                    yield one.remote, 1, text.strip(), "It is asked again by itself; look whether it is up."
        case Condition.SYNC_LAG:
            text = f"A change of the back office takes {row.lag_seconds:,.0f} s to reach the shop."
            yield "", row.lag_seconds, text, "Screen 3 shows which step is slow."
        case Condition.DRIFT:
            differ, failed = row.cells.get("conflict", 0), row.cells.get("failed", 0)
            text = f"{differ:,} levels were changed by something else, {failed:,} could not be written."
            yield "", differ + failed, text, "Run trueup plan stock to see each with its cause."
        case Condition.OVERSELL_RISK:
            risky = row.cells.get("at_risk", 0)
            yield "", risky, f"{risky:,} cells are about to sell what is not there, or have.", _SCREEN_6
        case Condition.OVERSOLD:
            sold = row.cells.get("oversold", 0)
            yield "", sold, f"{sold:,} cells have sold what is not there.", _SCREEN_6
        case Condition.BUDGET:
            for remote, percent in row.allowances.items():
                text = f"The {remote} lets us ask for {percent} % of what it lets at most."
                yield (
                    remote,
                    percent,
                    text,
                    "Find what else draws on the same allowance, or ask for a larger one.",
                )
        case Condition.NOT_LED:
            if not row.led:
                yield (
                    "",
                    1,
                    "No engine works on this connection.",
                    "Start trueup run; its log says what it waits for.",
                )
        case Condition.WEBHOOKS | Condition.DUPLICATE | Condition.LOOP_ENDED:
            for alarm in row.alarms:
                if alarm.code in _ALARMS[when]:
                    yield alarm.entity.removeprefix("order:"), 1, alarm.cause, alarm.remedy
        case Condition.DISK | Condition.DATABASE | Condition.EXPIRY:
            return


_SCREEN_6 = "Screen 6 lists them: stop their sale, hold units back, or bring stock."
_ALARMS = {
    Condition.WEBHOOKS: ("webhooks_silent", "webhooks_incomplete"),
    Condition.DUPLICATE: ("document_doubled",),
    Condition.LOOP_ENDED: ("loop_ended",),
}
"""Which alarms of the engine a condition is about."""


def _disk(disk: Disk | None) -> Iterator[Said]:
    if disk is not None and disk.total > 0:
        percent = 100 * disk.free / disk.total
        text = f"{percent:.0f} % of the database's disk is free ({disk.free / 1e9:,.1f} GB)."
        yield "", percent, text, "Make room: at zero nothing is taken in any more."


def _ends(ends: Iterable[Ending], now: datetime) -> Iterator[Said]:
    for one in ends:
        days = (one.at - now).total_seconds() / 86_400
        text = f"{one.name} ends on {one.at:%Y-%m-%d %H:%M} UTC." if days > 0 else f"{one.name} has ended."
        yield one.name, days, text, "Renew it; for a key, put the new one into the secrets and restart."
