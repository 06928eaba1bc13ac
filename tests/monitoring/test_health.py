"""/healthz and /readyz mean what they say, and the service manager hears the same."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.listener import HealthReport
from console.measuring import Measuring
from console.notify import Notify, summary
from console.settings.supervisor import Supervisor, supervisor
from engine.flows.site import RemoteState, Rhythm
from engine.runtime import Engine
from engine.store.session import Store
from engine.store.trouble import StoreBroken, StoreBusy


@dataclass
class Connection:
    """As much of a site as its health needs."""

    name: str = "main"
    lease_until: float = float("inf")
    rhythm: Rhythm = field(default_factory=Rhythm)
    remotes: dict[str, RemoteState] = field(default_factory=lambda: {"shop": RemoteState()})


@dataclass
class Watched:
    engine: Engine
    site: Connection
    store: Store
    measuring: Measuring


@pytest.fixture
def watched(store: Store) -> Watched:
    site = Connection()
    sites: Any = [site]
    engine = Engine(store, sites, holder="me")
    engine.health.leading.add("main")
    return Watched(engine, site, store, Measuring(engine, sites, store))


def both(watched: Watched) -> tuple[bool, bool]:
    report = watched.measuring.health()
    return report.live, report.ready


def test_an_engine_that_leads_is_ready(watched: Watched) -> None:
    assert both(watched) == (True, True)
    assert watched.measuring.health().checks["main.lease"] == "led here"


def test_an_engine_that_has_not_begun_is_alive_and_not_ready(watched: Watched) -> None:
    watched.engine.health.leading.clear()
    assert both(watched) == (True, False)


def test_one_that_stands_by_is_ready_to_take_webhooks_in(watched: Watched) -> None:
    watched.engine.health.leading.clear()
    watched.engine.health.elsewhere.add("main")
    assert both(watched) == (True, True)


def test_a_loop_that_ended_is_the_end(watched: Watched) -> None:
    watched.engine.health.ended["main.deliver"] = "KeyError()"
    assert both(watched) == (False, False)
    assert watched.measuring.health().checks["main.deliver"] == "ended"


def test_a_busy_database_is_not_ready_and_a_broken_one_not_alive(watched: Watched) -> None:
    watched.store.failed(StoreBusy("It is locked.", "Wait."))
    assert both(watched) == (True, False)
    watched.store.failed(StoreBroken("It is damaged.", "Restore a backup."))
    assert both(watched) == (False, False)
    assert watched.measuring.health().checks["store"] == "It is damaged."


def test_a_lease_long_past_its_end_shows_that_the_engine_stands_still(watched: Watched) -> None:
    now = watched.store.clock.monotonic()
    watched.site.lease_until = now - 1
    assert both(watched) == (True, True)  # it may be about to give it up
    watched.site.lease_until = now - watched.site.rhythm.lease - 1
    assert both(watched) == (False, False)


def test_a_failing_remote_is_said_and_no_reason_to_restart(watched: Watched) -> None:
    watched.site.remotes["shop"].failing_since = watched.store.clock.now()
    assert both(watched) == (True, True)
    assert watched.measuring.health().checks["main.shop"] == "failing"


async def test_metrics_are_told_while_the_store_cannot_be_read(watched: Watched) -> None:
    measuring = Measuring(Engine(watched.store, [], holder="me"), [], watched.store)
    watched.store.failed(StoreBroken("It is damaged.", "Restore a backup."))
    found = {family.name: family for family in await measuring.metrics()}
    assert [sample.value for sample in found["trueup_store_up"].samples] == [0]
    assert found["trueup_led"].samples == []
    assert found["trueup_disk_free_bytes"].samples


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The service manager's end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(10)
        yield ear


async def heard(manager: socket.socket) -> dict[str, str]:
    text = await asyncio.to_thread(manager.recv, 4096)
    return dict(line.split("=", 1) for line in text.decode().split("\n"))


async def test_the_watchdog_hears_of_a_living_engine_only(manager: socket.socket) -> None:
    report = HealthReport(True, True, {"main.lease": "led here"})
    notify = Notify(Supervisor(manager.getsockname(), 0.02))
    telling = asyncio.ensure_future(notify.keep(lambda: report))
    assert await heard(manager) == {"STATUS": "ready", "WATCHDOG": "1"}
    report = HealthReport(False, False, {"main.lease": "not renewed: the engine stands still"})
    while "WATCHDOG" in (said := await heard(manager)):
        pass
    assert said == {"STATUS": "not alive; main.lease: not renewed: the engine stands still"}
    telling.cancel()


def test_a_manager_that_is_gone_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Notify(Supervisor(str(tmp_path / "gone"), None)).say(ready="1")
    assert "could not be told ready" in caplog.text
    Notify(Supervisor("", None)).say(ready="1")


def test_what_the_service_manager_says_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert supervisor() == Supervisor("", None)
    monkeypatch.setenv("NOTIFY_SOCKET", "@trueup")
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    assert supervisor() == Supervisor("@trueup", 30.0)
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert supervisor().watchdog_seconds is None


def test_a_summary_names_only_what_is_not_as_it_should_be() -> None:
    checks = {"store": "ok", "main.lease": "led here", "main.shop": "failing"}
    assert summary(HealthReport(True, True, checks)) == "ready; main.shop: failing"
