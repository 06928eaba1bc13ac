"""Real faults, real receivers: told once for each cause, told on, told that it is over; also of an engine that ended."""

import asyncio
import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Signature

from console.running import run_engine
from console.settings import load
from console.world.world import World
from engine.flows.pulse import RemotePulse
from engine.store.queries.notices import notices
from engine.store.verbs.notices import acknowledge
from tests.alerts.receivers import Posted, Receiver, mailbox, web

HERE = "gid://shopify/Location/1"
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RULES = {
    "failures": 'when = "failed_records"\ntell = ["mail"]\nescalate = [{ after_seconds = 2, tell = ["hook"] }]',
    "remote": 'when = "remote_down"\ntell = ["hook"]',
    "breaker": 'when = "breaker_open"\ntell = ["hook"]',
    "old": 'when = "backlog_age"\nat_least = 2\ntell = ["hook"]',
    "lag": 'when = "sync_lag"\nat_least = 0\ntell = ["hook"]',
    "drift": 'when = "drift"\ntell = ["hook"]',
    "disk": 'when = "disk"\nbelow = 100\nseverity = "critical"\ntell = ["hook"]',
    "budget": 'when = "budget"\nbelow = 100\ntell = ["hook"]',
    "ended": 'when = "loop_ended"\nseverity = "critical"\ntell = ["hook", "mail"]',
}


def told_by(mail: Receiver, hook: Receiver) -> Callable[[World], None]:
    """Adds the rules and both receivers to a world's configuration."""
    channels = '[[channels]]\nname = "mail"\ninside = true\n[[channels]]\nname = "hook"\nkind = "webhook"\ninside = true\n'
    rules = "".join(
        f'[[alerts]]\nname = "{name}"\ncalm_seconds = 1\n{rule}\n' for name, rule in RULES.items()
    )

    def before(world: World) -> None:
        world.config.write_text(world.config.read_text() + channels + rules)
        secrets = world.config.with_name("secrets.toml")
        address = f"mailto://127.0.0.1:{mail.port}?from=trueup@b.test&to=ops@b.test"
        secrets.write_text(
            secrets.read_text()
            + f'\n[targets]\nmail = "{address}"\nhook = "http://127.0.0.1:{hook.port}/in"\n'
            f'[target_keys]\nhook = "{KEY}"\n'
        )

    return before


def said(posted: list[Posted], rule: str) -> list[tuple[str, dict[str, Any]]]:
    """(word, data) of what a rule said, each genuine."""
    found = []
    for one in posted:
        Signature(KEY).verify(one.body.decode(), one.headers)
        event = json.loads(one.body)
        if event["data"]["rule"] == rule:
            found.append((event["type"].rpartition(".")[2], event["data"]))
    return found


def subjects(mails: list[EmailMessage]) -> list[str]:
    return [str(mail["subject"]) for mail in mails]


async def test_faults_are_told_once_told_on_and_told_to_be_over(
    staged: Callable[..., Any], tmp_path: Path
) -> None:
    async with mailbox() as mail, web() as hook, staged(tmp_path, before=told_by(mail, hook)) as on:
        words = lambda rule: [word for word, _ in said(hook.came, rule)]  # noqa: E731
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
        await hook.until(lambda came: "escalated" in [word for word, _ in said(came, "failures")])
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
        assert words("failures") == ["escalated"]

        assert await on.store.write(acknowledge, standing.id, "ana", on.store.clock.now())
        await on.desk.retry(tuple(row.id for row in (await on.desk.failed()).rows), operator="ana")
        await mail.until(lambda came: any("over: " in one for one in subjects(came)))
        await hook.until(lambda came: "resolved" in [word for word, _ in said(came, "failures")])

        await on.shop("faults", {"mode": "outage"})
        assert await on.erp("adjust", {"sku": goods[1]["sku"], "warehouse": "WH1", "delta": -1}) is not None
        for rule in ("remote", "breaker", "old"):
            await hook.until(lambda came, rule=rule: "fired" in [word for word, _ in said(came, rule)])
        await on.shop("faults", {"mode": "none"})
        for rule in ("remote", "breaker", "old"):
            await hook.until(lambda came, rule=rule: "resolved" in [word for word, _ in said(came, rule)])

        await on.shop("adjust", {"sku": goods[2]["sku"], "location": HERE, "delta": 3})
        await hook.until(lambda came: "fired" in [word for word, _ in said(came, "drift")])
        for rule in ("lag", "disk"):
            assert words(rule) == ["fired"], rule


async def test_an_engine_that_ends_by_a_defect_is_told_of_before_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def defect(self: RemotePulse) -> None:
        raise KeyError("a defect")

    async with mailbox() as mail, web() as hook:
        world = await asyncio.to_thread(World.start, tmp_path, orders_per_minute=0.0, skus=2)
        told_by(mail, hook)(world)
        monkeypatch.setattr(RemotePulse, "beat", defect)
        try:
            with pytest.raises(KeyError):
                await run_engine(load(world.config), asyncio.Event())
        finally:
            await asyncio.to_thread(world.stop)
        [(word, data)] = said(hook.came, "ended")
        assert (word, data["severity"], data["cause"]) == ("fired", "critical", "pulse")
        assert any("CRITICAL The pulse loop of main ended" in one for one in subjects(mail.came))
