"""How much a remote is given: the retry budget and the window of calls."""

from hypothesis import given
from hypothesis import strategies as st

from engine.delivery.budget import CAPACITY, EARNED, Budget
from engine.delivery.concurrency import CALM_SECONDS, SLOW_SECONDS, Window


@given(st.lists(st.booleans(), max_size=400))
def test_retries_never_pass_a_tenth_of_successes_and_the_first_allowance(calls: list[bool]) -> None:
    budget, retries, successes = Budget(), 0, 0
    for went_well in calls:
        if went_well:
            budget, successes = budget.earn(), successes + 1
        elif (left := budget.spend()) is not None:
            budget, retries = left, retries + 1
    assert retries <= CAPACITY + EARNED * successes + 1e-6


@given(st.integers(1, 50), st.lists(st.tuples(st.booleans(), st.floats(0, 10)), max_size=200))
def test_the_window_stays_between_one_and_the_cap(cap: int, calls: list[tuple[bool, float]]) -> None:
    window, now = Window.of(cap), 0.0
    for well, seconds in calls:
        now += seconds
        window = window.answered(seconds, now) if well else window.overloaded(now)
        assert 1 <= window.limit <= cap


def test_overload_shrinks_it_once_per_moment_and_calm_opens_it_again() -> None:
    window = Window.of(10)
    slower = window.overloaded(0.0)
    assert slower.limit == 7
    assert slower.overloaded(CALM_SECONDS / 2) == slower
    assert slower.answered(SLOW_SECONDS, CALM_SECONDS).limit == 4
    for _ in range(40):
        slower = slower.answered(0.1, 0.5)
    assert slower.limit == 10


def test_what_is_slow_depends_on_the_remote() -> None:
    window = Window.of(10, slow=float("inf"))
    assert window.answered(SLOW_SECONDS * 100, 0.0).limit == 10
    assert window.overloaded(0.0).limit == 7
