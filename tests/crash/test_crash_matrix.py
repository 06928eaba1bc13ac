"""A sample of the crash matrix: points at which a mistake would lose or double something.

More of them, and PostgreSQL, are in the long run.
"""

from collections.abc import Callable
from multiprocessing import get_context

import pytest

from tests.crash import killed
from tests.crash.points import Point, spread
from tests.crash.simulated import DAYS, Death, die
from tests.simulation.simulate import HASH_SEED

SHOWN = (
    Death("searched", Point("sent back office create", 3)),
    Death("products", Point("sent shop UpdateVariants")),
    pytest.param(Death("products", Point("before _answered")), marks=pytest.mark.long),
    pytest.param(Death("calm", Point("before _finish")), marks=pytest.mark.long),
    pytest.param(Death("died before", Point("after rescue")), marks=pytest.mark.long),
)
DEADLY = [Point("sent back office create"), Point("before _booked")]


@pytest.mark.parametrize(
    "death", SHOWN, ids=("sent create", "sent products", "before answered", "before finish", "after rescue")
)
def test_an_engine_that_dies_by_an_exception_loses_and_doubles_nothing(
    death: Death, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", HASH_SEED)  # in a process of its own: the same run everywhere
    with get_context("spawn").Pool(1) as pool:
        judged = pool.apply(die, (death,))
    assert judged.reached, DAYS[death.day]
    assert judged.violations == (), "\n".join(judged.trace)


def test_engines_that_kill_themselves_lose_and_double_nothing(database: str | None) -> None:
    verdict = killed.die(DEADLY, database)
    assert [life.died for life in verdict.lives] == [True] * len(DEADLY)
    assert verdict.violations == ()
    assert verdict.orders > 0


def test_passages_are_spread_from_the_first_to_the_last() -> None:
    assert (spread(9, 3), spread(2, 3), spread(1, 3), spread(5, 1)) == ([1, 5, 9], [1, 2], [1], [1])


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def database(request: pytest.FixtureRequest) -> str | None:
    """Address of an empty database; None for the file the world's configuration names."""
    if request.param == "sqlite":
        return None
    new: Callable[[], str] = request.getfixturevalue("new_postgresql")
    return new()
