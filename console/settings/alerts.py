"""Who is told of what: channels, rules and maintenance."""

import re
from datetime import time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field, field_validator, model_validator

from console.settings.part import Part
from engine.alerts.rule import BELOW, LIMITS, Condition, Maintenance, Quiet, Rule, Severity, Step

HOURS = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")


class ChannelSettings(Part):
    """A way to reach people; its address is a secret, under `[targets]` in the secrets file."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """What rules call it."""
    kind: Literal["apprise", "webhook"] = "apprise"
    """apprise: an address of the Apprise library (mailto://, slack://, …); webhook: https, signed by its key."""
    inside: bool = False
    """May reach our own network; without it only public addresses."""


class EscalationSettings(Part):
    """Who is told next."""

    after_seconds: float = Field(gt=0)
    """How long after the beginning, unless somebody has acknowledged it."""
    tell: tuple[str, ...] = Field(min_length=1)
    """Names of channels."""


class AlertSettings(Part):
    """One rule."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    """What it is called."""
    when: Condition
    """What it looks at."""
    at_least: float | None = Field(default=None, ge=0)
    """From how many records, cells or seconds on; what the condition counts."""
    below: float | None = Field(default=None, gt=0)
    """For budget and disk: under how many percent; for expiry: in less than how many days."""
    only: tuple[str, ...] = ()
    """Causes, lanes, remotes or topics, `*` and `?` allowed; without it all."""
    connections: tuple[str, ...] = ()
    """Connections it is about; without it all."""
    severity: Severity = Severity.WARNING
    """info, warning or critical; critical is told in quiet hours too."""
    tell: tuple[str, ...] = Field(min_length=1)
    """Channels that are told at once."""
    escalate: tuple[EscalationSettings, ...] = ()
    """Who is told later, step by step, as long as nobody acknowledges it."""
    stands_seconds: float = Field(default=0.0, ge=0)
    """How long it must hold before anybody is told."""
    calm_seconds: float = Field(default=30.0, ge=0)
    """How long it must be over before that is told."""
    remind_seconds: float | None = Field(default=None, ge=60)
    """How often those told are told again as long as nobody acknowledges it; without it never."""
    quiet: str | None = Field(default=None, pattern=HOURS)
    """Hours of the day, `22:00-07:00`, after which what is not critical is told."""

    @model_validator(mode="after")
    def _one_limit(self) -> "AlertSettings":
        under = self.when in BELOW
        if under and self.at_least is not None:
            raise ValueError(f"{self.when.value} holds below a number: give below, not at_least")
        if not under and self.below is not None:
            raise ValueError(f"{self.when.value} holds from a number on: give at_least, not below")
        if self.when is not Condition.EXPIRY and self.below is not None and self.below > 100:
            raise ValueError(f"{self.when.value} is counted in percent: give below as 100 or less")
        if self.at_least is not None and self.when not in LIMITS:
            raise ValueError(f"{self.when.value} holds or does not: take at_least out")
        after = [step.after_seconds for step in self.escalate]
        if after != sorted(after):
            raise ValueError("each step of escalate comes later than the one before it")
        return self

    def rule(self, zone: ZoneInfo) -> Rule:
        """As the engine takes it."""
        limit = self.below if self.below is not None else self.at_least
        return Rule(
            name=self.name,
            when=self.when,
            limit=limit if limit is not None else LIMITS.get(self.when, 1.0),
            severity=self.severity,
            steps=(
                Step(timedelta(0), self.tell),
                *(Step(timedelta(seconds=one.after_seconds), one.tell) for one in self.escalate),
            ),
            stands=timedelta(seconds=self.stands_seconds),
            calm=timedelta(seconds=self.calm_seconds),
            only=self.only,
            connections=self.connections,
            quiet=_quiet(self.quiet, zone),
            remind=None if self.remind_seconds is None else timedelta(seconds=self.remind_seconds),
        )

    @property
    def channels(self) -> tuple[str, ...]:
        """Every channel it names."""
        return (*self.tell, *(name for step in self.escalate for name in step.tell))


class MaintenanceSettings(Part):
    """A span of time in which nobody is told; `trueup alerts mute` makes one at once."""

    begins: AwareDatetime
    """From when on."""
    ends: AwareDatetime
    """Until when; what still stands then is told."""
    connections: tuple[str, ...] = ()
    """Connections it is about; without it all."""

    @model_validator(mode="after")
    def _forward(self) -> "MaintenanceSettings":
        if self.begins >= self.ends:
            raise ValueError("the maintenance would end before it begins")
        return self

    @property
    def span(self) -> Maintenance:
        """As the engine takes it."""
        return Maintenance(self.begins, self.ends, self.connections)


class WatchSettings(Part):
    """What all rules share."""

    time_zone: str = "UTC"
    """The zone quiet hours are meant in, as the IANA database names it: Europe/Vienna."""

    ends: dict[str, AwareDatetime] = {}
    """Moments at which keys end that nobody can ask for, by a name: for rules with `when = "expiry"`."""

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise ValueError(f"no time zone is called {value!r}") from unknown
        return value


def _quiet(hours: str | None, zone: ZoneInfo) -> Quiet | None:
    found = HOURS.match(hours or "")
    if found is None:
        return None
    first_hour, first_minute, last_hour, last_minute = (int(part) for part in found.groups())
    return Quiet(time(first_hour, first_minute), time(last_hour, last_minute), zone)
