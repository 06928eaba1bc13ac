"""`python -m tests.simulation.simulate --seeds 20 [--from 1] [--workers 2] [--calm]`: many seeds, what they broke, how fast.

Runs under a fixed hash seed, so that a seed gives the same run on every machine: it starts itself anew when need be.
A seed that breaks a promise prints its weather and its trace; the same command line with `--from SEED --seeds 1`
repeats it.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

from tests.simulation.run import PLAYED, Outcome, simulate
from tests.simulation.weather import CALM, Weather, draw

HASH_SEED = "0"
TAIL = 120
"""Lines of a broken seed's trace that are printed; the whole of it goes to a file with `--traces DIR`."""


STOCK = frozenset(
    {
        "RELISTED",
        "STALE RAISE",
        "DIFFERS",
        "PHANTOM REMAINDER",
        "NEVER AGREED",
        "HELD",
        "CELL STUCK",
        "CELL NEVER CLEARED",
    }
)
"""Kinds of broken promises that are about stock; all others are about orders and the engine itself."""


def counted(outcome: Outcome, only: str) -> tuple[str, ...]:
    """The violations that were asked for."""
    if only == "all":
        return outcome.violations
    return tuple(v for v in outcome.violations if (v.split(":", 1)[0] in STOCK) is (only == "stock"))


def repeatable() -> None:
    """Go on only under the fixed hash seed; without it sets have another order in every process."""
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        os.execve(
            sys.executable,
            [sys.executable, *sys.orig_argv[1:]],
            {**os.environ, "PYTHONHASHSEED": HASH_SEED},
        )


def outcomes(
    seeds: Sequence[int],
    *,
    workers: int,
    calm: bool,
    played: float,
    clocks: tuple[float, float] = (0.0, 0.0),
    products: bool = False,
) -> Iterator[Outcome]:
    """All seeds, in the order in which they end; `clocks` is how far the shop's and the back office's are ahead."""

    def sky(seed: int) -> Weather:
        drawn = replace(CALM if calm else draw(seed), shop_clock=clocks[0], erp_clock=clocks[1])
        return replace(drawn, products=True, tier="T0", index_lag=0.0) if products else drawn

    if workers == 1:
        for seed in seeds:
            yield simulate(seed, sky(seed), played=played)
        return
    with ProcessPoolExecutor(workers) as pool:
        runs = [pool.submit(simulate, seed, sky(seed), played=played) for seed in seeds]
        for run in as_completed(runs):
            yield run.result()


def told(outcome: Outcome, broken: Sequence[str]) -> str:
    """What is needed to understand and repeat a broken seed."""
    return "\n".join(
        (
            f"seed {outcome.seed} broke {len(broken)} promises; fingerprint {outcome.fingerprint}",
            f"  weather: {outcome.weather.told()}",
            *(f"  {violation}" for violation in broken),
            "  trace:",
            *(f"  {line}" for line in outcome.trace[-TAIL:]),
        )
    )


def main() -> int:
    """0 when every promise held in every seed."""
    repeatable()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(
        description="Run the engine in simulated worlds and look for broken promises."
    )
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--shop-clock", type=float, default=0.0, help="seconds by which it is ahead")
    parser.add_argument("--erp-clock", type=float, default=0.0, help="seconds by which it is ahead")
    parser.add_argument("--calm", action="store_true", help="no faults: only the world")
    parser.add_argument(
        "--played", type=float, default=PLAYED, help="simulated seconds before the faults stop"
    )
    parser.add_argument("--traces", type=Path, help="folder for the traces of broken seeds")
    parser.add_argument(
        "--only", choices=("all", "orders", "stock"), default="all", help="promises that count"
    )
    parser.add_argument("--products", action="store_true", help="articles and products are edited too")
    parser.add_argument("--fingerprints", action="store_true", help="say the fingerprint of every seed")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    begun, broken, simulated, orders, cpu = time.perf_counter(), 0, 0.0, 0, 0.0
    clocks = (asked.shop_clock, asked.erp_clock)
    for outcome in outcomes(
        seeds,
        workers=asked.workers,
        calm=asked.calm,
        played=asked.played,
        clocks=clocks,
        products=asked.products,
    ):
        simulated += outcome.simulated
        orders += outcome.orders
        cpu += outcome.cpu
        if asked.fingerprints:
            sys.stdout.write(f"seed {outcome.seed}: fingerprint {outcome.fingerprint}\n")
        if violations := counted(outcome, asked.only):
            broken += 1
            sys.stdout.write(told(outcome, violations) + "\n")
            if asked.traces:
                asked.traces.mkdir(parents=True, exist_ok=True)
                (asked.traces / f"{outcome.seed}.txt").write_text("\n".join(outcome.trace), encoding="utf-8")
    took = time.perf_counter() - begun
    sys.stdout.write(
        f"{len(seeds)} seeds, {broken} with violations; {orders} orders, {simulated / 3600:.1f} simulated hours"
        f" in {took:.0f} s: {len(seeds) / took * 3600:.0f} seeds an hour;"
        f" {cpu / len(seeds):.1f} s of CPU a seed: {len(seeds) / cpu * 3600:.0f} seeds an hour and core\n"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
