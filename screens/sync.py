"""Sync: each connection step by step, what waits in it, and who runs it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work

from screens.command import bindings
from screens.commands import SYNC
from screens.details import folded
from screens.listing import Listing
from screens.messages import GoTo
from screens.pages import Row
from screens.paging import paged
from screens.safe import safe
from screens.status import sign
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import ago, moment, span

if TYPE_CHECKING:
    from engine.desk import Desk, Look, Page
    from engine.desk.sync import LaneRow, StepRow, SyncPage, SyncRow, TopicRow

LANES = {
    0: "falls, cancels", 1: "orders", 2: "parcels, refunds, rises", 3: "prices, products", 4: "sweeps",
}  # fmt: skip
"""What travels in each lane."""
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:\+\d\d:\d\d|Z)")
"""A time with its zone, as cursors hold it."""


class Sync(Listing):
    """The steps of all connections over the lanes and the lease of the current one."""

    CSS_PATH: ClassVar = ["base.tcss", "listing.tcss", "sync.tcss"]
    COMMANDS_HERE = SYNC
    BINDINGS = bindings(SYNC)
    CRUMB = "3 Sync"
    COLUMNS: ClassVar = (
        Column("CONN", 8),
        Column("STEP", 14),
        Column("STATE", 7),
        Column("LAST", 8),
        Column("WAIT", 6, right=True),
        Column("OLDEST", 6, right=True),
        Column("/MIN", 5, right=True, from_width=100),
        Column("NOTE", 0),
    )
    FIELDS: ClassVar = ("connection", "step", "state", "last", "waiting", "oldest", "per_minute", "note")
    SORTS: ClassVar = ("", "state", "waiting", "oldest", "last", "per_minute", "step")
    FOLDS = False
    NOUN = "steps"
    NEXT = "No engine has worked on this store yet: trueup run starts one."

    known: SyncPage | None = None

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """All steps that fit the filter."""
        self.known = await desk.sync()
        return paged([step for row in self.known.rows for step in row.steps], look, self.session.now())

    def cells(self, row: StepRow) -> Row:
        """One step."""
        symbol, tone = sign(row.state)
        now = self.session.now()
        return Row(
            f"{row.connection}\n{row.step}",
            (
                (safe(row.connection), ""),
                (safe(row.step), "strong"),
                (f"{symbol} {safe(row.state)}", tone),
                (moment(row.last, now), ""),
                (f"{row.waiting:,}", "busy" if row.waiting else "muted"),
                (span(now - row.oldest) if row.oldest else "-", "" if row.oldest else "muted"),
                (f"{row.per_minute:,}", ""),
                (safe(noted(row.note, now)), "" if row.state == "OK" else tone),
            ),
        )

    async def about(self, desk: Desk, row: StepRow) -> list[list[Part]]:
        """The step and its connection."""
        mine = [one for one in self.known.rows if one.connection == row.connection] if self.known else []
        now = self.session.now()
        lines: list[list[Part]] = [
            [(f"{safe(row.connection)}  {safe(row.step)}  {safe(row.state)}", "strong")]
        ]
        lines.append([(f" last {ago(row.last, now)}, {row.waiting:,} waiting, {drain(row)}", "")])
        if row.note:
            lines += [[(f" {part}", "muted")] for part in folded(noted(row.note, now), self.detail_width - 2)]
        for one in mine:
            lines += connection_lines(one, now)
        return lines

    def do_failures(self) -> None:
        """What waits for a person of this connection."""
        row: StepRow | None = self.current
        self.leave(GoTo("failed", f"connection:{row.connection}" if row is not None else ""))

    def do_lines(self) -> None:
        """Its log."""
        row: StepRow | None = self.current
        self.leave(GoTo("logs", f"connection:{row.connection}" if row is not None else ""))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def do_subscribe(self) -> None:
        """Subscribe again where a subscription is gone."""
        row: StepRow | None = self.current
        if row is None or self.session.desk is None:
            self.say("There is no connection here.", "warn")
            return
        with self.told_if_it_fails("a subscription was not asked for"):
            await self.session.desk.subscribe(row.connection, operator=self.session.operator)
            self.say(
                f"Asked: subscriptions of {safe(row.connection)} are listed; 9 says what came of it.", "ok"
            )

    def hint(self) -> list[Part]:
        """What most wants a person's eyes."""
        idle = [row.connection for row in self.known.rows if not row.live] if self.known else []
        if idle:
            return [
                (
                    f" No engine holds {safe(', '.join(idle))}: start one with trueup run, or see its log.",
                    "bad",
                )
            ]
        return [(" Each connection has an engine. /state:fail shows only what fails.", "muted")]


def noted(note: str, now: datetime) -> str:
    """A note with its ISO times as people read them."""
    return STAMP.sub(lambda found: moment(datetime.fromisoformat(found[0]).astimezone(UTC), now), note)


def drain(row: StepRow) -> str:
    """When what waits will be done at the pace of the last minute, in words."""
    if not row.waiting:
        return "nothing to drain"
    if not row.per_minute:
        return "nothing got done in the last minute: no time to drain can be told"
    return f"drained in about {-(-row.waiting // row.per_minute)} min at {row.per_minute:,} a minute"


def connection_lines(row: SyncRow, now: datetime) -> list[list[Part]]:
    """Lease, webhooks and lanes of one connection."""
    if row.live and row.until is not None:
        who: Part = (
            f" lease    {safe(row.holder)}, epoch {row.epoch}, renewed until {moment(row.until, now)}",
            "ok",
        )
    else:
        since = f"ran out {moment(row.until, now)}" if row.until else "free"
        who = (f" lease    x {since}: no engine works on this connection", "bad")
    lines: list[list[Part]] = [[who]]
    lines.append(
        [(f" webhooks {row.heard:,} in the last hour; {row.healed:,} changes found without one, ever", "")]
    )
    lines += [[_topic(topic, now)] for topic in row.topics]
    lines.append([(" LANE                       WAITING  RUNNING  OLDEST", "strong")])
    lines += [[(_lane(lane, now), "busy" if lane.waiting else "muted")] for lane in row.lanes]
    if not row.lanes:
        lines.append([("  nothing waits in any lane", "muted")])
    return lines


def _topic(row: TopicRow, now: datetime) -> Part:
    told = f"told {row.expected - row.missed:,} of {row.expected:,}" if row.expected else "nothing to prove"
    text = f"  {safe(row.topic):24} {row.heard:>6,} lately, last {ago(row.heard_at, now):>10}, {told}"
    return text, "warn" if row.missed else "muted"


def _lane(lane: LaneRow, now: datetime) -> str:
    name = f"{lane.lane} {LANES.get(lane.lane, '')}"
    return f"  {name:25} {lane.waiting:>7,}  {lane.running:>7,}  {span(now - lane.oldest) if lane.oldest else '-'}"
