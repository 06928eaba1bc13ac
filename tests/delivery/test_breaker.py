"""When a remote is left alone, and how it is asked again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.delivery.breaker import LONGEST, THRESHOLD, Breaker, Circuit, Kind

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOTHING = timedelta(0)


def opened(kind: Kind = Kind.READ) -> Breaker:
    breaker = Breaker(kind)
    for _ in range(THRESHOLD):
        breaker = breaker.failed(NOW)
    return breaker


def test_failures_in_a_row_open_it_and_a_success_between_starts_the_count_anew() -> None:
    breaker = Breaker(Kind.READ)
    for _ in range(THRESHOLD - 1):
        breaker = breaker.failed(NOW)
    assert breaker.wait(NOW) == NOTHING
    assert breaker.succeeded().failed(NOW).circuit is Circuit.CLOSED
    assert breaker.failed(NOW).wait(NOW) > NOTHING


def test_one_trial_passes_after_the_time_and_closes_or_doubles_it() -> None:
    breaker = opened()
    later = NOW + breaker.wait(NOW)
    assert breaker.wait(later) == NOTHING
    trial = breaker.admit()
    assert trial.circuit is Circuit.HALF_OPEN
    assert trial.succeeded() == Breaker(Kind.READ)
    assert trial.failed(later).wait(later) == 2 * breaker.wait(NOW)


def test_writes_wait_for_a_read_that_went_well_since() -> None:
    assert opened(Kind.WRITE).needs_read
    assert not opened(Kind.WRITE).succeeded().needs_read
    assert not opened(Kind.READ).needs_read
    assert not Breaker(Kind.WRITE).needs_read


def test_a_call_under_way_when_it_opened_prolongs_nothing() -> None:
    breaker = opened()
    assert breaker.failed(NOW + timedelta(milliseconds=500)).opened_until == breaker.opened_until


@given(st.integers(1, 60), st.timedeltas(timedelta(days=-2), timedelta(days=2)))
def test_however_often_it_opens_and_however_the_clock_jumps_it_waits_at_most_so_long(
    trials: int, jump: timedelta
) -> None:
    breaker, now = opened(), NOW
    for _ in range(trials):
        now += LONGEST
        breaker = breaker.admit().failed(now)
    assert breaker.wait(now + jump) <= LONGEST
