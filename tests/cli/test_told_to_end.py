"""Commands that run until told to end by a signal: soon, with the exit code the help names, and nothing left behind."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.lock import Lock
from console.settings import load
from engine.model.clock import SystemClock
from engine.store.session import Store
from tests.journeys.daemon import PATIENCE, TRUEUP, until

SOON = 25.0
"""Seconds from the signal to the end: calls in flight and the other process get their time, and no more."""
NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
either = pytest.mark.parametrize("number", NAMES, ids=NAMES.values())


def mostly(often: signal.Signals) -> pytest.MarkDecorator:
    """Both signals, the other one in the long run."""
    cases = (
        pytest.param(one, id=name, marks=() if one is often else (pytest.mark.long,))
        for one, name in NAMES.items()
    )
    return pytest.mark.parametrize("number", cases)


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A command in a session of its own, as a terminal would give it one."""
    with subprocess.Popen(
        [TRUEUP, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def told(child: "subprocess.Popen[str]", number: signal.Signals) -> int:
    """Ctrl-C reaches the whole group, SIGTERM the process; the exit code."""
    if number is signal.SIGINT:
        os.killpg(child.pid, number)
    else:
        child.send_signal(number)
    child.communicate(timeout=SOON)
    with pytest.raises(ProcessLookupError):
        os.killpg(child.pid, 0)  # nobody of its group is left
    return child.returncode


def ready(child: "subprocess.Popen[str]") -> None:
    """Wait for the word."""
    assert child.stdout is not None
    impatience = threading.Timer(PATIENCE, child.kill)
    impatience.start()
    assert any(line.strip() == "ready" for line in child.stdout), "it ended before it was ready"
    impatience.cancel()


def world_in(folder: Path) -> dict[str, Any]:
    """What a world says of itself once it can be asked."""

    def written() -> Any:
        try:
            facts = json.loads((folder / "world.json").read_text())
        except FileNotFoundError:
            return None
        return facts if "control" in facts else None

    return dict(until(written, "the world is there"))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def answers(config: Path) -> bool:
    """Does the engine of this configuration listen?"""
    try:
        return httpx.get(
            f"http://127.0.0.1:{load(config).listener.port}/healthz", timeout=2, trust_env=False
        ).is_success
    except httpx.HTTPError:
        return False


def orders(facts: dict[str, Any]) -> int:
    state = httpx.get(f"{facts['shop']}/_control/state", timeout=30, trust_env=False).json()
    return len(state["orders"])


@either
def test_a_sandbox(number: signal.Signals) -> None:
    with running("sandbox", "shopify") as child:
        ready(child)
        assert told(child, number) == 0


@either
def test_a_world_and_the_daemon_beside_it(tmp_path: Path, number: signal.Signals) -> None:
    config = tmp_path / "config.toml"
    with running("sandbox", "up", "--dir", str(tmp_path), "--orders-per-minute", "300") as world:
        ready(world)
        with running("run", "--config", str(config)) as daemon:
            until(lambda: answers(config), "the daemon listens")
            assert told(daemon, number) == 0
            assert not answers(config)
        store = Store.open(load(config).store.url, clock=SystemClock())
        lock = Lock(store)
        assert lock.take(), "the daemon's lock is still held"
        lock.release()
        store.close()
        facts = world_in(tmp_path)
        assert told(world, number) == 0
        assert not any(alive(pid) for pid in facts["pids"])


@either
def test_a_demo_whose_engine_has_not_begun(tmp_path: Path, number: signal.Signals) -> None:
    with running("demo", "--headless", "--dir", str(tmp_path)) as child:
        facts = world_in(tmp_path)
        assert told(child, number) == 128 + number
    assert not any(alive(pid) for pid in facts["pids"])


def test_a_demo_that_is_killed_leaves_no_world_behind(tmp_path: Path) -> None:
    with running("demo", "--headless", "--dir", str(tmp_path)) as child:
        facts = world_in(tmp_path)
        child.kill()
        until(lambda: not any(alive(pid) for pid in facts["pids"]), "the world has ended too")


@mostly(signal.SIGINT)
def test_a_demo_that_plays(tmp_path: Path, number: signal.Signals) -> None:
    report = tmp_path / "report.json"
    words = ["--headless", "--seconds", "600", "--dir", str(tmp_path / "w"), "--report", str(report)]
    with running("demo", *words) as child:
        facts = world_in(tmp_path / "w")
        until(lambda: answers(tmp_path / "w" / "config.toml"), "the engine listens")
        until(lambda: orders(facts), "somebody buys")
        assert told(child, number) == 128 + number
    assert json.loads(report.read_text())["orders"]["placed"] > 0
    assert not any(alive(pid) for pid in facts["pids"])


@mostly(signal.SIGTERM)
def test_a_demo_that_settles(tmp_path: Path, number: signal.Signals) -> None:
    """The back office answers nobody, so both sides never agree."""
    report = tmp_path / "report.json"
    words = ["--headless", "--seconds", "3", "--settle", "600", "--dir", str(tmp_path / "w")]
    with running("demo", *words, "--report", str(report)) as child:
        facts = world_in(tmp_path / "w")
        until(lambda: orders(facts), "somebody buys")
        locked = {"mode": "locked", "seconds": 600}
        httpx.post(f"{facts['back_office']}/_control/faults", json=locked, timeout=30, trust_env=False)
        counts = [0]

        def nobody_buys() -> bool:
            counts.append(orders(facts))
            return len(counts) > 20 and len(set(counts[-20:])) == 1

        until(nobody_buys, "the people have stopped")
        assert child.poll() is None
        assert told(child, number) == 128 + number
    assert json.loads(report.read_text())["orders"]["placed"] > 0
    assert not any(alive(pid) for pid in facts["pids"])
