"""The daemon is killed without warning while people buy: nothing lost, doubled, mismatched or listed again."""

import json
import os
import random
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TRUEUP = str(Path(sys.executable).with_name("trueup"))


def lives(
    folder: Path, chance: random.Random, database: str | None, *, kills: int, faults: str, longest: float
) -> dict[str, Any]:
    """A world in its own process, a daemon killed at random moments, and the report when all is quiet."""
    ours = {"TRUEUP_STORE__URL": database} if database else {}
    ours |= {"TRUEUP_ENGINE__LEASE_SECONDS": "3"}  # where no file lock tells that the one before is dead
    words = ["sandbox", "up", "--dir", str(folder), "--orders-per-minute", "300", "--webhook-faults", faults]
    with subprocess.Popen([TRUEUP, *words], stdout=subprocess.PIPE, text=True) as world:
        assert world.stdout is not None
        try:
            assert select.select([world.stdout], [], [], 60)[0], "the world did not start"
            assert "ready" in world.stdout.readline()
            daemon = [TRUEUP, "run", "--config", str(folder / "config.toml")]
            for _ in range(kills):
                running = subprocess.Popen(daemon, env=os.environ | ours, stderr=subprocess.DEVNULL)
                try:
                    running.wait(chance.uniform(1.0, longest))
                except subprocess.TimeoutExpired:
                    running.kill()
                assert running.wait() == -signal.SIGKILL, "the daemon ended by itself"
            last = subprocess.Popen(daemon, env=os.environ | ours, stderr=subprocess.DEVNULL)
            report = folder / "report.json"
            ask = ["sandbox", "report", "--dir", str(folder), "--settle", "90", "--file", str(report)]
            subprocess.run([TRUEUP, *ask], check=False, stdout=subprocess.DEVNULL)
            last.terminate()
            assert last.wait() == 0
            found: dict[str, Any] = json.loads(report.read_text())
            return found
        finally:
            world.terminate()


def assert_zeros(report: dict[str, Any]) -> None:
    orders, stock = report["orders"], report["stock"]
    assert orders["placed"] > 0
    assert {key: orders[key] for key in ("lost", "duplicated", "total_mismatch")} == {
        "lost": 0,
        "duplicated": 0,
        "total_mismatch": 0,
    }, report
    assert (stock["differing"], stock["relisted_units"]) == (0, 0), report


def test_two_kills_in_a_sale_lose_and_double_nothing(tmp_path: Path, database: str | None) -> None:
    assert_zeros(lives(tmp_path, random.Random(7), database, kills=2, faults="mild", longest=5.0))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_ten_kills_in_a_storm_lose_and_double_nothing(
    tmp_path: Path, seed: int, database: str | None
) -> None:
    report = lives(tmp_path, random.Random(seed), database, kills=10, faults="storm", longest=8.0)
    assert_zeros(report)
    assert report["webhooks"]["healed"] > 0
