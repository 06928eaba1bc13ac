"""Death by exception: the simulated engine dies at one point of a short day, is started again, and all is judged.

Each world is first played without dying, to learn which places it passes and how often. A place is then tried at
several of its passages, in as many worlds as pass it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.crash.points import Passages, Point, spread
from tests.simulation.run import simulate
from tests.simulation.weather import Weather

PLAYED, PACE = 100.0, 2.5
"""Simulated seconds of the day, and between two acts of its people."""


@dataclass(frozen=True, slots=True)
class Day:
    """What happens while the engine dies."""

    seed: int
    weather: Weather
    first: Point | None = None
    """Where it dies a first time, in every run: what an engine does after a death may be cut short as well."""


TROUBLED = Weather(tier="T2", pace=PACE, lost=0.05, reply_lost=0.05, broken=0.05, late=0.03, edits=True)
DAYS = {
    "calm": Day(18, Weather(tier="T0", pace=PACE)),
    "cancelled": Day(4, Weather(tier="T0", pace=PACE)),
    "searched": Day(2, Weather(tier="T2", listing_lag=15.0, index_lag=10.0, pace=PACE)),
    "products": Day(5, Weather(tier="T0", pace=PACE, products=True)),
    "died before": Day(1, TROUBLED, Point("sent back office create", 2)),
}
"""Chosen for what they pass: together every place the engine has in this simulation."""


@dataclass(frozen=True, slots=True)
class Death:
    """One run: a day and where the engine dies in it."""

    day: str
    point: Point


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a run."""

    death: Death
    violations: tuple[str, ...]
    reached: bool
    trace: tuple[str, ...]


def passages(name: str) -> Counter[str]:
    """How often a day passes each place, when the engine does not die (but for the day's own first death)."""
    day = DAYS[name]
    seen = Passages(*(day.first,) if day.first else ())
    outcome = simulate(day.seed, day.weather, played=PLAYED, fate=seen)
    if outcome.violations:
        raise AssertionError(f"{name} breaks promises by itself: {outcome.violations}")
    return seen.counts


def chosen(counted: dict[str, Counter[str]], times: int) -> list[Death]:
    """So many deaths for each place, by turns in the days that pass it, at passages spread over the day."""
    deaths = []
    for where in dict.fromkeys(where for counts in counted.values() for where in counts):
        days = [name for name, counts in counted.items() if counts[where]]
        turns = Counter(days[at % len(days)] for at in range(times))
        deaths += [
            Death(name, Point(where, nth))
            for name, turn in turns.items()
            for nth in spread(counted[name][where], turn)
        ]
    return deaths


def die(death: Death) -> Judged:
    """Play the day with this death."""
    day = DAYS[death.day]
    fate = Passages(death.point, *(day.first,) if day.first else ())
    outcome = simulate(day.seed, day.weather, played=PLAYED, fate=fate)
    return Judged(death, outcome.violations, death.point not in fate.left, outcome.trace)


def counted(workers: int) -> dict[str, Counter[str]]:
    """The passages of every day."""
    with ProcessPoolExecutor(workers) as pool:
        return dict(zip(DAYS, pool.map(passages, DAYS), strict=True))


def judged(deaths: Iterable[Death], workers: int) -> Iterator[Judged]:
    """Every death, in the order given."""
    given: Sequence[Death] = list(deaths)
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(die, given)
