"""Genuine webhooks beside 2,000 connections that hand over a byte a second, and without them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from figure import Figure, percentile
from measure_intake import HERE, PATH, serving

CROWD, LINES = 2000, 8
RATE, SECONDS = 20.0, 20.0
"""Long enough for the whole crowd to be cut and to come back: the listener waits ten seconds for a request."""


@contextmanager
def dripping(port: int) -> Iterator[dict[str, Any]]:
    """The crowd, for as long as the block lasts; then what it saw is in the dictionary."""
    said: dict[str, Any] = {}
    crowd = subprocess.Popen(
        [sys.executable, str(HERE / "drip.py"), str(port), PATH, str(CROWD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert crowd.stdin is not None and crowd.stdout is not None
    try:
        assert crowd.stdout.readline() == "ready\n"
        yield said
    finally:
        crowd.stdin.close()
        said |= json.loads(crowd.stdout.readline() or "{}")
        crowd.wait(30)
        crowd.stdout.close()


def sent(port: int, salt: int) -> list[float]:
    """Milliseconds of each genuine webhook, which must all have been taken."""
    words = [str(HERE / "load.py"), str(port), PATH, str(LINES), str(SECONDS), str(RATE), str(salt)]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert not said["lost"] and not said["refused"], f"{said['lost']} lost, {said['refused']} refused"
    return list(said["ms"])


def measure() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="trueup-bench-") as folder,
        serving("our_intake.py", Path(folder)) as (port, _),
    ):
        calm = sent(port, 1)
        with dripping(port) as crowd:
            beside = sent(port, 2)
    p99, p99_calm = percentile(beside, 0.99), percentile(calm, 0.99)
    return [
        Figure(
            f"p99 of {len(beside)} webhooks beside {CROWD} dripping connections",
            f"{p99:.0f} ms",
            f"{p99_calm:.0f} ms without them",
            f"{p99 / p99_calm:.1f}",
            "< 1000 ms, all taken",
            p99 < 1000 and len(beside) >= 0.98 * RATE * SECONDS,
        ),
        Figure(
            "the crowd meanwhile",
            f"{crowd['fewest']} open at the fewest, cut {crowd['cut']} times",
            target=f">= {CROWD // 2} open",
            met=crowd["fewest"] >= CROWD // 2,
        ),
    ]
