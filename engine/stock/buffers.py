"""Units held back from sale: which rule holds in a cell at a moment, and how much it holds back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from fnmatch import fnmatchcase
from glob import escape
from math import sqrt

from engine.model.hold import EVERY, Hold
from engine.model.ids import LocationId
from engine.model.stock import CellKey

DEVIATIONS = 2.0
"""Standard deviations of the other channel's sales that a buffer by velocity covers on top of what is expected."""


@dataclass(frozen=True, slots=True)
class Buffer:
    """What is held back in one cell at one moment."""

    units: int = 0
    percent: Decimal = Decimal(0)
    """Of what the cell would hold otherwise, rounded up to whole units."""
    text: str = ""
    """The rule in words, for the explanation."""

    def of(self, whole: int) -> int:
        """Units held back of a cell that would hold `whole`."""
        share = (max(whole, 0) * self.percent / 100).to_integral_value(ROUND_CEILING)
        return self.units + int(share)


NOTHING = Buffer()


@dataclass(frozen=True, slots=True)
class BufferRule:
    """How much is held back where and when: one of units, percent or by velocity."""

    units: int = 0
    percent: Decimal = Decimal(0)
    velocity: bool = False
    """As much as the back office's own sales may take while one change travels."""
    skus: tuple[str, ...] = ()
    """Patterns with `*` and `?`; none means every SKU."""
    locations: tuple[LocationId, ...] = ()
    """None means every location."""
    begins: datetime | None = None
    ends: datetime | None = None
    said: str = ""
    """Its words, where an operator has set it."""

    def covers(self, key: CellKey) -> bool:
        """The cell is one of its cells, whatever the time."""
        return (not self.locations or key.location in self.locations) and (
            not self.skus or any(fnmatchcase(key.sku, pattern) for pattern in self.skus)
        )

    def holds(self, now: datetime) -> bool:
        """The moment lies in its time."""
        return (self.begins is None or self.begins <= now) and (self.ends is None or now < self.ends)

    def buffer(self, rate: float, lag: timedelta) -> Buffer:
        """What it holds back where the back office sells `rate` units a second and a change travels for `lag`."""
        return Buffer(
            at_risk(rate, lag) if self.velocity else self.units,
            self.percent,
            self.text,
        )

    @property
    def text(self) -> str:
        """The rule in words."""
        if self.said:
            return self.said
        if self.velocity:
            amount = "what the back office may sell before the shop hears of it"
        elif self.percent:
            amount = f"{self.percent.normalize():f} %"
        else:
            amount = f"{self.units} units" if self.units != 1 else "1 unit"
        until = f", until {self.ends:%Y-%m-%d %H:%M}Z" if self.ends else ""
        return amount + until


def asked_for(hold: Hold) -> BufferRule:
    """The rule an operator has set for one cell, or for a location; wildcards in a SKU mean themselves."""
    return BufferRule(
        units=0 if hold.everything else hold.units,
        percent=Decimal(100 if hold.everything else 0),
        skus=() if hold.sku == EVERY else (escape(hold.sku),),
        locations=(LocationId(hold.location),),
        ends=hold.ends,
        said=hold.text,
    )


def at_risk(rate: float, lag: timedelta) -> int:
    """Units the other channel may sell before the shop hears of it: the expectation and two deviations more, rounded."""
    expected = rate * lag.total_seconds()
    return round(expected + DEVIATIONS * sqrt(expected))


def rule_at(rules: Sequence[BufferRule], key: CellKey, now: datetime) -> BufferRule | None:
    """The rule of a cell: of those that cover it and hold now, the last one, so exceptions follow what they except."""
    return next((rule for rule in reversed(rules) if rule.holds(now) and rule.covers(key)), None)


def turns(rules: Iterable[BufferRule], after: datetime, until: datetime) -> tuple[BufferRule, ...]:
    """Rules whose time began or ended after the one moment and up to the other."""
    return tuple(
        rule
        for rule in rules
        if any(edge is not None and after < edge <= until for edge in (rule.begins, rule.ends))
    )
