"""Two daemons on one database: one works. One that stood still while the other took over writes nothing any more."""

import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from console.world.world import World, free_port
from tests.journeys.daemon import Daemon, to_stderr, until
from tests.journeys.test_killed_daemon import assert_zeros

LEASE_SECONDS = 4.0
SLOW_SECONDS = 1.5


def twin(config: Path, name: str, changes: dict[str, str]) -> Path:
    """A configuration beside another, with some lines changed."""
    said = config.read_text()
    for before, after in changes.items():
        said, count = re.subn(before, after, said)
        assert count, before
    path = config.with_name(name)
    path.write_text(said)
    return path


def after(leader: Daemon, other: Daemon) -> Daemon:
    """The other one, once the leader leads."""
    leader.says("leading, epoch")
    return other


def booked(world: World) -> int:
    return len(world.erp.state()["documents"])


def test_a_leader_that_stood_still_is_refused_when_it_goes_on(
    tmp_path: Path, new_postgresql: Callable[[], str]
) -> None:
    world = World.start(tmp_path, orders_per_minute=120.0, webhook_faults="none", skus=30)
    url = new_postgresql().replace("postgres:@", "postgres@")
    store = {
        r'url = "sqlite:///trueup.db"': f'url = "{url}"',
        r"\[engine\]": f"[engine]\nlease_seconds = {LEASE_SECONDS}",
    }
    to_stderr(world.config)
    first = twin(world.config, "first.toml", store)
    second = twin(first, "second.toml", {r"\bport = \d+": f"port = {free_port()}"})
    ask = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

    def under_way() -> bool:
        found = ask.execute("SELECT count(*) FROM work WHERE state = 'in_flight'").fetchone()
        return found is not None and found[0] > 0

    try:
        with Daemon(first) as leader, after(leader, Daemon(second)) as other:
            leads = epoch(ask)
            until(lambda: booked(world) > 3, "the first one books orders")
            world.shop.ask("faults", {"mode": "latency", "seconds": SLOW_SECONDS})
            until(under_way, "records are under way")
            leader.process.send_signal(signal.SIGSTOP)
            other.says("leading, epoch")
            before = booked(world)
            until(lambda: booked(world) > before + 1, "the second one books orders")
            # waiting for the lock of the stopped process may have outlived the first lease taken: then it took another
            taken = epoch(ask)
            assert taken > leads
            leader.process.send_signal(signal.SIGCONT)
            leader.says("wanted to write is refused")
            world.shop.ask("faults", {"mode": "none"})
            assert other.process.poll() is None
            assert epoch(ask) == taken
            world.stop_buyers()
            assert world.settle(90), "never quiet"
            assert_zeros(world.report())
            assert other.stop() == 0
            leader.says(f"leading, epoch {taken + 1}")
            assert leader.stop() == 0
    finally:
        ask.close()
        world.stop()


def epoch(ask: "psycopg.Connection[Any]") -> int:
    found = ask.execute("SELECT epoch FROM lease WHERE name = 'main'").fetchone()
    assert found is not None
    return int(found[0])


def test_beside_one_file_a_second_daemon_says_that_it_waits_and_takes_over(tmp_path: Path) -> None:
    world = World.start(tmp_path, orders_per_minute=0.0, webhook_faults="none", skus=6)
    try:
        to_stderr(world.config)
        with Daemon(world.config) as first:
            first.says("leading, epoch 1")
            with Daemon(world.config) as second:
                second.says("Another engine works beside")
                assert "leading" not in second.told
                first.process.kill()
                second.says("leading, epoch 2")
                assert second.stop() == 0
    finally:
        world.stop()
