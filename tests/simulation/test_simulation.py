"""That the simulation repeats itself, that some seeds break no promise, and that it finds deliberate faults.

Many more seeds, and a larger sample of the deliberate faults, are in the long run.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = (
    "retry-after-timeout", "no-rescue", "effect-not-written", "acknowledged-not-kept", "blind-set",
    "no-order-poll", "rise-dropped",
)  # fmt: skip


def run(*arguments: str, module: str = "simulate") -> subprocess.CompletedProcess[str]:
    """The simulation as `make simulate` starts it."""
    return subprocess.run(
        [sys.executable, "-m", f"tests.simulation.{module}", *arguments],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_seed_gives_the_same_run_in_every_process() -> None:
    told = []
    for _ in range(2):
        done = run("--seeds", "1", "--from", "4", "--played", "120", "--fingerprints")
        told.append([line for line in done.stdout.splitlines() if "fingerprint" in line])
        assert told[-1], done.stderr
    assert told[0] == told[1]


@pytest.mark.parametrize("ahead", [600, -600])
def test_no_promise_is_broken_when_the_clocks_of_the_remotes_are_ten_minutes_off(ahead: int) -> None:
    clocks = (f"--shop-clock={ahead}", f"--erp-clock={-ahead}")
    done = run("--seeds", "1", "--from", "5", "--played", "200", *clocks)
    assert done.returncode == 0, done.stdout + done.stderr


def test_products_agree_after_faults_and_nothing_of_the_storefronts_is_written() -> None:
    done = run("--products", "--seeds", "2", "--from", "3", "--played", "150")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
def test_products_agree_in_twelve_whole_seeds() -> None:
    done = run("--products", "--seeds", "12", "--workers", "2")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("seeds", "first"), [(4, 1), (4, 5), pytest.param(400, 9, marks=pytest.mark.long)], ids=str
)
def test_no_promise_is_broken_in_whole_seeds(seeds: int, first: int) -> None:
    done = run("--seeds", str(seeds), "--from", str(first), "--workers", "2" if seeds > 4 else "1")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_deliberate_fault_is_found() -> None:
    done = run("--only", "effect-not-written", module="hunt")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
@pytest.mark.parametrize("name", SAMPLE)
def test_each_of_a_sample_of_deliberate_faults_is_found(name: str) -> None:
    done = run("--only", name, module="hunt")
    assert done.returncode == 0, done.stdout + done.stderr
