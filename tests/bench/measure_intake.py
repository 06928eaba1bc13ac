"""Webhooks per second, and how long an answer takes at half of that."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from cpu import cpu_seconds
from figure import Figure, middle, percentile

HERE = Path(__file__).resolve().parent
ROUNDS, SECONDS, CONNECTIONS = 8, 1.5, 48
CALM_ROUNDS, CALM_SECONDS = 3, 2.0
PATH = "/webhooks/shopify/main"


@contextmanager
def serving(program: str, directory: Path) -> Iterator[tuple[int, int]]:
    """Port and process of a program of this folder, which ends with the block."""
    running = subprocess.Popen(
        [sys.executable, str(HERE / program), str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdin is not None and running.stdout is not None
    try:
        yield int(running.stdout.readline()), running.pid
    finally:
        running.stdin.close()
        running.wait(30)
        running.stdout.close()


Said = dict[str, Any]


class Load:
    """Runs the sender; every run has ids of its own."""

    def __init__(self) -> None:
        self._runs = 0

    def run(self, server: tuple[int, int], seconds: float, rate: float = 0.0) -> Said:
        self._runs += 1
        port, pid = server
        before = cpu_seconds(pid)
        words = [
            str(HERE / "load.py"),
            str(port),
            PATH,
            str(CONNECTIONS),
            str(seconds),
            f"{rate}",
            str(self._runs),
        ]
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
        said = json.loads(done.stdout)
        assert not said["lost"], f"{said['lost']} connections were lost"
        assert not said["refused"], f"{said['refused']} webhooks were refused"
        said["cpu_us"] = (cpu_seconds(pid) - before) * 1e6 / len(said["ms"])
        return dict(said)


def measure() -> list[Figure]:
    load = Load()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trueup-bench-")))
        ours = stack.enter_context(serving("our_intake.py", folder))
        theirs = stack.enter_context(serving("reference_intake.py", folder))
        for server in (ours, theirs):
            load.run(server, 0.7)
        rounds = []
        for at in range(ROUNDS):
            mine_first = at % 2 == 0
            pair = [
                load.run(server, SECONDS) for server in ((ours, theirs) if mine_first else (theirs, ours))
            ]
            rounds.append((pair[0], pair[1]) if mine_first else (pair[1], pair[0]))
        mine, other = (middle([one[at]["rate"] for one in rounds]) for at in (0, 1))
        cpu, cpu_other = (middle([one[at]["cpu_us"] for one in rounds]) for at in (0, 1))
        calm = [
            (load.run(ours, CALM_SECONDS, mine / 2)["ms"], load.run(theirs, CALM_SECONDS, other / 2)["ms"])
            for _ in range(CALM_ROUNDS)
        ]
    ratio = middle([one["rate"] / beside["rate"] for one, beside in rounds])
    p99, p99_other = (middle([percentile(one[at], 0.99) for one in calm]) for at in (0, 1))
    return [
        Figure(
            f"webhooks a second, middle of {ROUNDS} rounds",
            f"{mine:.0f}",
            f"{other:.0f}",
            f"{ratio:.2f}",
            ">= 0.60 of reference",
            ratio >= 0.60,
        ),
        Figure(
            "processor time per webhook", f"{cpu:.0f} us", f"{cpu_other:.0f} us", f"{cpu / cpu_other:.2f}"
        ),
        Figure(
            f"p99 answer at half that, middle of {CALM_ROUNDS}",
            f"{p99:.1f} ms",
            f"{p99_other:.1f} ms",
            f"{p99 / p99_other:.2f}",
            "< 30 ms",
            p99 < 30,
        ),
    ]
