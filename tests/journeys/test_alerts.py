"""Real faults, real receivers: told once for each cause, told on, told that it is over; also of an engine that ended."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from shutil import disk_usage
from typing import Any

import pytest

from console.running import run_engine
from console.settings import load
from console.world.world import World
from engine.flows.pulse import RemotePulse
from engine.store.queries.notices import notices
from engine.store.session import Store
from engine.store.sqlite import driver
from engine.store.verbs.notices import acknowledge
from tests.alerts.receivers import mailbox, web
from tests.journeys.alerted import courses, heard, over, said, told_by

HERE = "gid://shopify/Location/1"
RULES = {
    "failures": 'when = "failed_records"\ntell = ["mail"]\nescalate = [{ after_seconds = 2, tell = ["hook"] }]',
    "remote": 'when = "remote_down"\ntell = ["hook"]',
    "breaker": 'when = "breaker_open"\ntell = ["hook"]',
    "old": 'when = "backlog_age"\nat_least = 2\nonly = ["decreases"]\ntell = ["hook"]',
    "drift": 'when = "drift"\ntell = ["hook"]',
    "disk": 'when = "disk"\nseverity = "critical"\ntell = ["hook"]',
    "store": 'when = "database"\nseverity = "critical"\ntell = ["hook"]',
    "ended": 'when = "loop_ended"\nseverity = "critical"\ntell = ["hook", "mail"]',
}


class FullDisk:
    """What the system says of a disk of which so many percent are free: none here may be filled in earnest."""

    def __init__(self) -> None:
        self.percent = 4

    def __call__(self, path: str) -> Any:
        real = disk_usage(path)
        return real._replace(free=real.total * self.percent // 100)


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Another program keeps the database file for itself."""
    other = driver().connect(str(store.url.database), isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        other.close()


def subjects(mails: list[EmailMessage]) -> list[str]:
    return [str(mail["subject"]) for mail in mails]


async def test_faults_are_told_once_told_on_and_told_to_be_over(
    staged: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    disk = FullDisk()
    monkeypatch.setattr("console.measuring.shutil.disk_usage", disk)
    async with (
        mailbox() as mail,
        web() as hook,
        staged(tmp_path, before=told_by(RULES, mail, hook=hook)) as on,
    ):
        await heard(hook, "disk", "fired")
        disk.percent = 40
        shop, _ = await on.states()
        goods = sorted((c for c in shop["levels"] if c["location"] == HERE), key=lambda c: -c["available"])
        basket = {"location": HERE, "lines": [{"sku": goods[0]["sku"], "quantity": 1}]}

        await on.erp(
            "faults", {"mode": "refuse_orders", "match": "*", "message": "On credit hold", "count": 3}
        )
        await on.shop("checkout", basket)
        await mail.until(lambda came: any("1 record waits" in one for one in subjects(came)))
        for _ in range(2):
            await on.shop("checkout", basket)
        await heard(hook, "failures", "escalated")
        seen = -1
        async with asyncio.timeout(30):
            while True:
                [standing] = [
                    n for n in await on.store.read(notices, over=False, limit=50) if n.rule == "failures"
                ]
                if standing.figure == 3:
                    break
                seen = await on.store.changed_after(seen, 1.0)
        assert len([one for one in subjects(mail.came) if "CRITICAL" in one or "WARNING" in one]) == 1
        assert [word for word, _ in said(hook.came, "failures")] == ["escalated"]

        assert await on.store.write(acknowledge, standing.id, "ana", on.store.clock.now())
        await on.desk.retry(tuple(row.id for row in (await on.desk.failed()).rows), operator="ana")
        await mail.until(lambda came: any("over: " in one for one in subjects(came)))
        await heard(hook, "failures", "resolved")

        await on.shop("adjust", {"sku": goods[2]["sku"], "location": HERE, "delta": 3})
        await heard(hook, "drift", "fired")
        await on.shop("adjust", {"sku": goods[2]["sku"], "location": HERE, "delta": -3})
        await heard(hook, "drift", "resolved")
        assert courses(hook.came, "drift") == {"": ["fired", "resolved"]}

        await on.shop("faults", {"mode": "outage"})
        assert await on.erp("adjust", {"sku": goods[1]["sku"], "warehouse": "WH1", "delta": -1}) is not None
        for rule in ("remote", "breaker", "old"):
            await heard(hook, rule, "fired")
        await on.shop("faults", {"mode": "none"})
        for rule in ("remote", "breaker", "old"):
            await heard(hook, rule, "resolved")

        for rule in ("remote", "breaker", "old", "disk"):
            await over(hook, rule, "fired")

        with locked(on.store):
            await heard(hook, "store", "fired")
        await over(hook, "store", "fired")


async def test_an_engine_that_ends_by_a_defect_is_told_of_before_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def defect(self: RemotePulse) -> None:
        raise KeyError("a defect")

    async with mailbox() as mail, web() as hook:
        world = await asyncio.to_thread(World.start, tmp_path, orders_per_minute=0.0, skus=2)
        told_by(RULES, mail, hook=hook)(world)
        monkeypatch.setattr(RemotePulse, "beat", defect)
        try:
            with pytest.raises(KeyError):
                await run_engine(load(world.config), asyncio.Event())
        finally:
            await asyncio.to_thread(world.stop)
        [(word, data)] = said(hook.came, "ended")
        assert (word, data["severity"], data["cause"]) == ("fired", "critical", "pulse")
        assert any("CRITICAL The pulse loop of main ended" in one for one in subjects(mail.came))
