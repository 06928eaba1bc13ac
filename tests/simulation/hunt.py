"""`python -m tests.simulation.hunt [--only NAME …]`: does the simulation find every deliberate fault?

For each mutant the seeds are played one after the other, first as the engine is and then with the fault, until one
shows a broken promise of the mutant's kinds that the engine itself keeps in that seed. A mutant that is not found
within its seeds has survived: the simulation lacks a trouble or a promise, and says so. The table is printed and,
after a whole hunt, written between its marks into docs/simulation.md.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.simulation.mutants_engine import ENGINE
from tests.simulation.mutants_stock import STOCK
from tests.simulation.run import PLAYED, simulate
from tests.simulation.simulate import repeatable

MUTANTS = {mutant.name: mutant for mutant in (*ENGINE, *STOCK)}
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "simulation.md"
BEGIN, END = "<!-- mutants -->", "<!-- end of mutants -->"


@dataclass(frozen=True, slots=True)
class Hunt:
    """What came of one mutant."""

    name: str
    """Of the mutant; the mutant itself holds functions that do not travel between processes."""
    seed: int | None
    """The first seed that shows it; None when it survived."""
    broken: tuple[str, ...]
    """Kinds broken there and not without the fault."""
    cpu: float
    """Seconds of processor time of all its runs."""

    @property
    def row(self) -> str:
        """One line of the table."""
        mutant = MUTANTS[self.name]
        found = f"{self.seed} ({', '.join(self.broken)})" if self.seed else "**survived**"
        return f"| `{mutant.name}` | {mutant.fault} | {found} | {mutant.within} |"


def kinds(violations: Sequence[str]) -> frozenset[str]:
    """`DUPLICATE` of `DUPLICATE: order 3`."""
    return frozenset(violation.split(":", 1)[0] for violation in violations)


def played_once(
    name: str, seed: int, played: float, enough: frozenset[str], mutated: bool
) -> tuple[frozenset[str], float]:
    """Kinds of promises broken in one run, and its seconds of processor time."""
    # a run that has seen enough is dropped in mid-call: what its coroutines would still say then means nothing
    sys.unraisablehook = lambda _: None
    mutant = MUTANTS[name]
    with mutant.alive() if mutated else nullcontext():
        outcome = simulate(seed, mutant.sky(seed), played=played, enough=enough)
    return kinds(outcome.violations), outcome.cpu


def alone(*run: Any) -> tuple[frozenset[str], float]:
    """In a process of its own: what a dropped run leaves behind would go on in the next."""
    with get_context("fork").Pool(1) as pool:
        answer: tuple[frozenset[str], float] = pool.apply(played_once, run)
        pool.close()  # it ends by itself, and takes its databases along
        pool.join()
    return answer


def hunt(name: str, played: float) -> Hunt:
    """Look for one mutant."""
    mutant, cpu = MUTANTS[name], 0.0
    for seed in range(1, mutant.within + 1):
        broken, took = alone(name, seed, played, mutant.breaks, True)
        cpu += took
        if found := broken & mutant.breaks:
            kept, took = alone(name, seed, played, found, False)
            cpu += took
            if found - kept:
                return Hunt(name, seed, tuple(sorted(found - kept)), cpu)
    return Hunt(name, None, (), cpu)


def hunts(names: Sequence[str], *, workers: int, played: float) -> Iterator[Hunt]:
    """All mutants, in the order in which their hunts end."""
    if workers == 1:
        yield from (hunt(name, played) for name in names)
        return
    with ProcessPoolExecutor(workers) as pool:
        runs = [pool.submit(hunt, name, played) for name in names]
        for run in as_completed(runs):
            yield run.result()


def table(rows: Sequence[str]) -> str:
    """As Markdown."""
    head = (
        "| mutant | what the engine does wrong | first seed (promise broken) | within |",
        "|---|---|---|---|",
    )
    return "\n".join((*head, *rows))


def keep(text: str) -> None:
    """Write the table into the document."""
    said = DOCUMENT.read_text(encoding="utf-8")
    before, rest = said.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """0 when every mutant was found."""
    repeatable()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(description="Put deliberate faults into the engine and look for them.")
    parser.add_argument(
        "--only", nargs="*", choices=sorted(MUTANTS), help="these mutants; the table is not kept"
    )
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--played", type=float, default=PLAYED, help="simulated seconds of each seed")
    asked = parser.parse_args()
    names, done = asked.only or list(MUTANTS), []
    for one in hunts(names, workers=asked.workers, played=asked.played):
        done.append(one)
        sys.stdout.write(f"{one.row} {one.cpu:.0f} s\n")
    survivors = [one.name for one in done if one.seed is None]
    if asked.only is None:
        order = list(MUTANTS)
        done.sort(key=lambda one: order.index(one.name))
        keep(table([one.row for one in done]))
    sys.stdout.write(f"{len(done)} mutants, {len(survivors)} survived {' '.join(survivors)}\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
