"""That the simulation repeats itself, in every test run; twenty seeds of it in the long one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The simulation as `make simulate` starts it."""
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation.simulate", *arguments],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_seed_gives_the_same_run_in_every_process() -> None:
    told = []
    for _ in range(2):
        done = run("--seeds", "1", "--from", "4", "--played", "120", "--fingerprints")
        told.append([line for line in done.stdout.splitlines() if "fingerprint" in line])
        assert told[-1], done.stderr
    assert told[0] == told[1]


@pytest.mark.long
def test_no_promise_about_orders_is_broken_in_twenty_seeds() -> None:
    done = run("--seeds", "20", "--only", "orders", "--workers", "2")
    assert done.returncode == 0, done.stdout + done.stderr
