"""A world in its own process: it says ready, leaves its files, reports when asked, and ends when told."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

COMMAND = (sys.executable, "-c", "from console.main import main; main()")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Path]:
    words = (
        "sandbox",
        "up",
        "--dir",
        str(tmp_path),
        "--skus",
        "6",
        "--orders-per-minute",
        "1200",
        "--seed",
        "3",
    )
    running = subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    try:
        said = running.stdout.readline()
        assert said == "ready\n", running.stderr.read() if running.stderr else ""
        yield tmp_path
    finally:
        running.send_signal(signal.SIGTERM)
        _, errors = running.communicate(timeout=60)
    assert (running.returncode, errors) == (0, "")


def orders(facts: dict[str, str], at_least: int) -> int:
    for _ in range(2000):
        count = len(httpx.get(f"{facts['shop']}/_control/state", trust_env=False).json()["orders"])
        if count >= at_least:
            return count
    raise AssertionError("nobody buys")


def test_people_act_and_the_report_shows_that_nobody_served_them(world: Path) -> None:
    facts = json.loads((world / "world.json").read_text(encoding="utf-8"))
    assert orders(facts, at_least=5) >= 5
    words = ("sandbox", "report", "--dir", str(world), "--settle", "0", "--file", str(world / "report.json"))
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    report = json.loads((world / "report.json").read_text(encoding="utf-8"))
    assert report["seed"] == 3
    assert report["orders"]["lost"] == report["orders"]["placed"] - _cancelled(facts)
    assert report["stock"]["cells"] == 12
    assert report["stock"]["accepted_units"] > 0
    assert report["stock"]["relisted_units"] == 0


def _cancelled(facts: dict[str, str]) -> int:
    known = httpx.get(f"{facts['shop']}/_control/state", trust_env=False).json()["orders"]
    return sum(1 for one in known if one["cancelled"])
