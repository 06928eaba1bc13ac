"""Trouble with the database itself: told by its rules step by step, without a record, which needs the database."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from engine.alerts.course import Notice, Word, turn
from engine.alerts.judge import STORE, Key
from engine.alerts.rule import Condition, Maintenance, Rule
from engine.alerts.wording import message
from engine.ports import Message
from engine.store.trouble import StoreTrouble

log = logging.getLogger("trueup.alerts")


class Unrecorded:
    """What stands of it, as long as this process lives: nobody can acknowledge it, and a restart begins anew."""

    def __init__(
        self,
        rules: Sequence[Rule],
        carry: Callable[[str, Message], Awaitable[str]],
        *,
        environment: str,
        maintenance: Sequence[Maintenance],
    ) -> None:
        """`carry` hands a message to a channel and says why that failed, or nothing."""
        self._rules = tuple(rule for rule in rules if rule.when is Condition.DATABASE)
        self._carry, self._environment, self._maintenance = carry, environment, maintenance
        self._notices: dict[str, Notice] = {}
        self.stands = False
        """The database could not be used when it was last needed."""

    async def lost(self, trouble: StoreTrouble, now: datetime) -> None:
        """It cannot be used: tell whoever it is time to tell."""
        if not self.stands:
            log.error("alerts cannot be recorded: %s %s", trouble.cause, trouble.remedy)
            self._notices = {
                rule.name: Notice(0, Key(rule.name, STORE, ""), now, None, 0, None, acked=False)
                for rule in self._rules
            }
        self.stands = True
        for rule in self._rules:
            notice = self._notices[rule.name]
            due = turn(rule, notice, now, self._maintenance)
            if due is None:
                continue
            self._notices[rule.name] = replace(notice, step=due.step, told_at=now)
            for channel, word in due.tell:
                await self._tell(rule, notice, word, channel, (trouble.cause, trouble.remedy), now)

    async def back(self, now: datetime) -> None:
        """It can be used again: tell everybody who was told."""
        if not self.stands:
            return
        self.stands = False
        for rule in self._rules:
            notice = self._notices[rule.name]
            for channel in dict.fromkeys(name for step in rule.steps[: notice.step] for name in step.tell):
                said = "The database can be used again.", ""
                await self._tell(rule, notice, Word.RESOLVED, channel, said, now)

    async def _tell(
        self, rule: Rule, notice: Notice, word: Word, channel: str, said: tuple[str, str], now: datetime
    ) -> None:
        cause, remedy = said
        text = message(
            telling=0, word=word, notice=0, severity=rule.severity.value, rule=rule.name, connection=STORE, cause="",
            figure=1, text=cause, remedy=remedy, opened_at=notice.opened_at, over_at=None, acked_by="",
            environment=self._environment, now=now,
        )  # fmt: skip
        if why := await self._carry(channel, text):
            log.error("%s could not be told of the database: %s", channel, why)
