"""From spawning `trueup` to its first screenful, against a Python that does nothing."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figure import Figure, middle
from place import console, settle
from terminal import Terminal

ROUNDS = 11
KEY_LINE = r"\? Help"
"""The last line of the first screen."""


def nothing() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - began


def painted(words: list[str], env: dict[str, str]) -> float:
    with Terminal(words, env=env) as terminal:
        return terminal.await_text(KEY_LINE) - terminal.began


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="trueup-bench-") as name:
        words, env = console(settle(Path(name)))
        painted(words, env)
        rounds = [(nothing(), painted(words, env), nothing()) for _ in range(ROUNDS)]
    ours = middle([one[1] for one in rounds]) * 1000
    bare = middle([each for one in rounds for each in (one[0], one[2])]) * 1000
    ratio = middle([2 * paint / (before + after) for before, paint, after in rounds])
    return [
        Figure(
            f"first screen of trueup, middle of {ROUNDS}",
            f"{ours:.0f} ms",
            f"{bare:.0f} ms",
            f"{ratio:.1f}",
            "< 25 x python -c pass",
            ratio < 25,
        )
    ]
