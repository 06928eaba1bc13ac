"""`make crash-matrix`: an engine dies at every point it has, by exception and by SIGKILL; nothing is lost or doubled.

Prints one line for each point as all its deaths are judged, and writes the table into docs/crash-matrix.md. Ends with
1 when a promise was broken, or when a point that every order or every level passes was never reached.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import killed, simulated
from tests.crash.points import Point
from tests.databases import postgresql
from tests.simulation.simulate import repeatable

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "crash-matrix.md"
BEGIN, END = "<!-- crash matrix -->", "<!-- end of crash matrix -->"
SIMULATED, SQLITE, POSTGRESQL = "simulated, SQLite", "killed, SQLite", "killed, PostgreSQL"
COLUMNS = (SIMULATED, SQLITE, POSTGRESQL)
TOGETHER = 28
"""Deaths in one real world."""
OFTEN = 20
"""Passages in the seconds of `WATCHED` from which on an engine comes to its third within its patience."""
WATCHED = 40.0
"""Seconds a real engine is watched to learn what it passes."""

VERBS = (
    "acquire", "renew", "receive_many", "take_in", "claim", "_remembered", "intend", "_booked", "succeed", "_saw",
    "see_level", "_intend", "_finish", "agree", "_moved", "_missed", "_swept", "set_cursor", "rescue",
)  # fmt: skip
CALLS = (
    "shop ReadOrder", "shop OrdersChanged", "shop ReadLevels", "shop SetOnHand", "shop Fulfil", "back office changes",
    "back office documents", "back office stock", "back office create", "back office amend", "back office ship",
    "back office take_back",
)  # fmt: skip
ESSENTIAL = frozenset(
    {f"{moment} {verb}" for verb in VERBS for moment in ("before", "after")}
    | {f"{moment} {call}" for call in CALLS for moment in ("before", "sent", "after")}
)
"""Without these the matrix says nothing: the life of an order, of a level, of the lease and of what is read."""


@dataclass
class Matrix:
    """What came of all deaths so far."""

    deaths: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Place → column → engines that died there, in worlds that kept all promises."""
    broken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Place → what was broken in a world in which an engine died there."""
    orders: Counter[str] = field(default_factory=Counter)
    quarantined: int = 0

    def note(self, where: str, column: str, violations: Sequence[str]) -> None:
        """An engine died here and its world was judged."""
        if violations:
            self.broken[where] += [f"{column}: {what}" for what in violations]
        else:
            self.deaths[where][column] += 1

    def missing(self) -> list[str]:
        """Essential places at which no engine died, by column."""
        return [
            f"{where} ({column})"
            for column in COLUMNS
            for where in sorted(ESSENTIAL)
            if not self.deaths[where][column] and where not in self.broken
        ]

    def rows(self) -> Iterator[str]:
        """The table, in the order in which places are first passed."""
        yield "| | point | " + " | ".join(COLUMNS) + " | result |"
        yield "|---|---|" + "---|" * len(COLUMNS) + "---|"
        places = [where for where in self.deaths if self.deaths[where].total() or where in self.broken]
        for number, where in enumerate(places, 1):
            cells = " | ".join(str(self.deaths[where][column] or "–") for column in COLUMNS)
            result = "; ".join(self.broken[where]) if self.broken.get(where) else "0 lost, 0 doubled"
            yield f"| {number} | {where} | {cells} | {result} |"


def by_exception(matrix: Matrix, *, workers: int, times: int, say: Callable[[str], None]) -> None:
    """The simulated column."""
    counted = simulated.counted(workers)
    deaths = simulated.chosen(counted, times)
    say(f"{len(deaths)} deaths by exception in {len(counted)} days")
    for one in simulated.judged(deaths, workers):
        where = one.death.point.where
        matrix.deaths.setdefault(where, Counter())
        if not one.reached:
            matrix.broken[where].append(f"{SIMULATED}: not reached again in {one.death}")
            continue
        matrix.note(where, SIMULATED, one.violations)
        if one.violations:
            say(f"{one.death} broke {one.violations}\n" + "\n".join(one.trace[-80:]))


def deaths_by_signal(known: Sequence[str]) -> Iterator[tuple[str, list[Point]]]:
    """Worlds, each with the points at which engines die in it.

    A place passed often is tried at its first, second or third passage. What is only passed in trouble is tried there.
    """
    calm, troubled = killed.passages("calm", WATCHED), killed.passages("troubled", WATCHED)
    order = list(dict.fromkeys([*known, *calm, *troubled]))
    for sky, counts in (("calm", calm), ("troubled", troubled - calm)):
        places = [where for where in counts if sky == "calm" or where not in calm]
        points = [
            Point(where, 1 + at % 3 if counts[where] > OFTEN else 1)
            for at, where in enumerate(sorted(places, key=order.index))
        ]
        for begin in range(0, len(points), TOGETHER):
            yield sky, points[begin : begin + TOGETHER]


def by_signal(
    matrix: Matrix, column: str, new: Callable[[], str | None], worlds: Sequence[tuple[str, list[Point]]],
    say: Callable[[str], None],
) -> None:  # fmt: skip
    """One of the killed columns; points no engine came to are tried once more in worlds of their own."""
    again: dict[str, list[Point]] = defaultdict(list)
    for sky, points in worlds:
        again[sky] += _died(matrix, column, killed.die(points, new(), sky=sky, heard=_told(column, say)), say)
    for sky, points in again.items():
        if points:
            first = [Point(point.where) for point in points]
            _died(matrix, column, killed.die(first, new(), sky=sky, heard=_told(column, say)), say)


def _told(column: str, say: Callable[[str], None]) -> Callable[[killed.Life], None]:
    return lambda life: say(
        f"{column}: {'died' if life.died else 'lived past'} {life.point}, {life.seconds:.1f} s"
    )


def _died(matrix: Matrix, column: str, verdict: killed.Verdict, say: Callable[[str], None]) -> list[Point]:
    """Note what came of one world; the points no engine came to."""
    tried = [(life.point, life.died) for life in verdict.lives if life.point is not None]
    died, missed = [point for point, done in tried if done], [point for point, done in tried if not done]
    for point in died:
        matrix.note(point.where, column, verdict.violations)
    matrix.orders[column] += verdict.orders
    matrix.quarantined += verdict.quarantined
    say(
        f"{column}: {len(died)} engines died, {verdict.orders} orders,"
        f" {'; '.join(verdict.violations) or 'nothing broken'}"
        + (f"; never came to {', '.join(point.where for point in missed)}" if missed else "")
        + "".join(f"\n    {line}" for line in verdict.told)
    )
    return missed


def keep(text: str) -> None:
    """Write the table into the document."""
    said = DOCUMENT.read_text(encoding="utf-8")
    before, rest = said.split(BEGIN, 1)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")


def main() -> int:
    """0 when nothing was broken and nothing essential was left out."""
    repeatable()
    parser = argparse.ArgumentParser(
        description="Let the engine die at every point and judge what came of it."
    )
    parser.add_argument("--workers", type=int, default=2, help="simulated days at a time")
    parser.add_argument("--times", type=int, default=3, help="deaths by exception at each point")
    parser.add_argument(
        "--only", choices=("simulated", "killed"), help="one way to die; the table is not kept"
    )
    asked = parser.parse_args()
    matrix, begun = Matrix(), time.monotonic()

    def say(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - begun:5.0f} s  {line}\n")
        sys.stdout.flush()

    if asked.only != "killed":
        by_exception(matrix, workers=asked.workers, times=asked.times, say=say)
    if asked.only != "simulated":
        worlds = list(deaths_by_signal(list(matrix.deaths)))
        with postgresql() as new, ThreadPoolExecutor(2) as pool:
            runs = [
                pool.submit(by_signal, matrix, SQLITE, lambda: None, worlds, say),
                pool.submit(by_signal, matrix, POSTGRESQL, new, worlds, say),
            ]
            for run in runs:
                run.result()
    table = "\n".join(matrix.rows())
    missing = [] if asked.only else matrix.missing()
    totals = Counter[str]()
    for counts in matrix.deaths.values():
        totals += counts
    ending = (
        f"{len(matrix.deaths)} points; deaths: {', '.join(f'{column} {totals[column]}' for column in COLUMNS)};"
        f" {sum(matrix.orders.values())} orders between real processes, {matrix.quarantined} times a record was tried again by a"
        f" person after three deaths; {sum(map(len, matrix.broken.values()))} promises broken"
    )
    if not asked.only:
        keep(f"{table}\n\n{ending}.")
    sys.stdout.write(f"{table}\n{ending}\n" + "".join(f"never reached: {what}\n" for what in missing))
    return 1 if any(matrix.broken.values()) or missing else 0


if __name__ == "__main__":
    sys.exit(main())
