"""Real faults, real receivers: told once for each cause, told on, told that it is over; also of an engine that ended."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
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
from tests.alerts.receivers import Receiver, mailbox, web
from tests.journeys.alerted import OUTLET, beside, courses, heard, over, said, told_beside, told_by

HERE = "gid://shopify/Location/1"
STEPS = 'tell = ["hook"]\nescalate = [{ after_seconds = 0.5, tell = ["boss"] }]'
RULES = {
    "failures": 'when = "failed_records"\ntell = ["mail"]\nescalate = [{ after_seconds = 2, tell = ["hook"] }]',
    "remote": f'when = "remote_down"\n{STEPS}',
    "breaker": f'when = "breaker_open"\n{STEPS}',
    "old": f'when = "backlog_age"\nat_least = 2\nonly = ["decreases"]\n{STEPS}',
    "drift": f'when = "drift"\n{STEPS}',
    "disk": f'when = "disk"\nseverity = "critical"\n{STEPS}',
    "store": f'when = "database"\nseverity = "critical"\n{STEPS}',
}
ENDED = {
    "ended": 'when = "loop_ended"\nseverity = "critical"\ntell = ["hook", "mail"]\n'
    'escalate = [{ after_seconds = 0.5, tell = ["boss"] }]',
}
KEY = {"key": 'when = "expiry"\nbelow = 7\ntell = ["hook"]'}


def ends(world: World, days: int) -> None:
    """Somebody writes down when the key of the back office ends, which nobody can ask for."""
    rest = world.config.read_text().partition("[watch.ends]")[0]
    at = (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")
    world.config.write_text(f'{rest}[watch.ends]\n"the key of the back office" = {at}\n')


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
        web() as boss,
        staged(tmp_path, before=told_by(RULES, mail, hook=hook, boss=boss)) as on,
    ):
        await heard(boss, "disk", "escalated")
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
        await heard(boss, "drift", "escalated")
        await on.shop("adjust", {"sku": goods[2]["sku"], "location": HERE, "delta": -3})
        await over(hook, "drift", "fired")
        await over(boss, "drift", "escalated")

        await on.shop("faults", {"mode": "outage"})
        assert await on.erp("adjust", {"sku": goods[1]["sku"], "warehouse": "WH1", "delta": -1}) is not None
        for rule in ("remote", "breaker", "old"):
            await heard(boss, rule, "escalated")
        await on.shop("faults", {"mode": "none"})
        for rule in ("remote", "breaker", "old"):
            await heard(hook, rule, "resolved")

        with locked(on.store):
            await heard(boss, "store", "escalated")
        for rule in ("remote", "breaker", "old", "disk", "store"):
            await over(hook, rule, "fired")
            await over(boss, rule, "escalated")


def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine of main has a defect; that of another connection has none."""
    sound = RemotePulse.beat

    async def beat(self: RemotePulse) -> None:
        if self._site.name == "main":
            raise KeyError("a defect")
        await sound(self)

    monkeypatch.setattr(RemotePulse, "beat", beat)


async def test_an_engine_that_ends_by_a_defect_is_told_of_before_it_is_gone_and_over_once_it_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    async with mailbox() as mail, web() as hook, web() as boss:
        world = await asyncio.to_thread(World.start, tmp_path, orders_per_minute=0.0, skus=2)
        told_by({**ENDED, **KEY}, mail, hook=hook, boss=boss)(world)
        ends(world, days=3)
        try:
            with monkeypatch.context() as defect:
                broken(defect)
                with pytest.raises(KeyError):
                    await run_engine(load(world.config), asyncio.Event())
            [(word, data)] = said(hook.came, "ended")
            assert (word, data["severity"], data["cause"]) == ("fired", "critical", "pulse")
            assert any("CRITICAL The pulse loop of main ended" in one for one in subjects(mail.came))
            assert courses(hook.came, "key") == {"the key of the back office": ["fired"]}
            ends(world, days=365)
            await running_again(world, hook, mail, (*ENDED, *KEY))
        finally:
            await asyncio.to_thread(world.stop)
        assert courses(hook.came, "ended") == {"pulse": ["fired", "resolved"]}
        assert courses(hook.came, "key") == {"the key of the back office": ["fired", "resolved"]}


async def running_again(world: World, hook: Receiver, mail: Receiver, rules: Iterable[str] = ENDED) -> None:
    """The engine is started once more, and told of as well until everybody has heard of that."""
    stop = asyncio.Event()
    engine = asyncio.ensure_future(run_engine(load(world.config), stop))
    try:
        for rule in rules:
            await heard(hook, rule, "resolved")
        await mail.until(lambda came: any("over: " in one for one in subjects(came)))
    finally:
        stop.set()
        await engine


@pytest.mark.long
async def test_an_engine_that_stays_away_is_told_on_by_another_at_the_same_database(
    tmp_path: Path, new_postgresql: Callable[[], str], monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    monkeypatch.setenv("TRUEUP_STORE__URL", new_postgresql())
    async with mailbox() as mail, web() as hook, web() as boss:
        world = await asyncio.to_thread(World.start, tmp_path, orders_per_minute=0.0, skus=2)
        beside(world)
        told_by(ENDED, mail, hook=hook, boss=boss)(world)
        told_beside(world)
        stop, ready = asyncio.Event(), asyncio.Event()
        other = asyncio.ensure_future(
            run_engine(load(world.config.with_name(OUTLET)), stop, listens=False, started=ready.set)
        )
        try:
            await ready.wait()
            with monkeypatch.context() as defect:
                broken(defect)
                with pytest.raises(KeyError):
                    await run_engine(load(world.config), asyncio.Event())
                await heard(boss, "ended", "escalated")
            await running_again(world, hook, mail)
            await over(hook, "ended", "fired")
            await over(boss, "ended", "escalated")
        finally:
            stop.set()
            await other
            await asyncio.to_thread(world.stop)
