"""Who is served next."""

from hypothesis import given
from hypothesis import strategies as st

from engine.delivery.lanes import LANES, PATIENCE, WEIGHTS, Queue, Turns, share

NONE = (0,) * 5
FULL = [Queue(1000)] * 5


def serve(workers: int, queues: list[Queue], rounds: int) -> list[int]:
    """Records begun per lane when every call ends before the next round."""
    total, turns = [0] * 5, Turns()
    for _ in range(rounds):
        taken, turns = share(workers, NONE, queues, turns)
        total = [a + b for a, b in zip(total, taken, strict=True)]
    return total


def test_one_worker_divides_its_time_by_weight() -> None:
    assert serve(1, FULL, sum(WEIGHTS) * 10) == [weight * 10 for weight in WEIGHTS]


def test_a_long_queue_of_orders_does_not_starve_what_comes_after_them() -> None:
    begun = serve(1, [Queue(0), Queue(9999), Queue(50), Queue(0), Queue(1)], 130)
    assert begun[2] >= 40
    assert begun[4] == 10


def test_every_lane_keeps_a_worker_however_busy_the_others_are() -> None:
    taken, _ = share(12, NONE, [Queue(0), Queue(0), Queue(0), Queue(0), Queue(1000)], Turns())
    assert taken == [0, 0, 0, 0, 8]
    urgent, _ = share(12, taken, [Queue(1), Queue(1), Queue(1), Queue(1), Queue(1000)], Turns())
    assert urgent == [1, 1, 1, 1, 0]


def test_what_has_waited_too_long_counts_as_more_urgent() -> None:
    old = [Queue(0), Queue(1000), Queue(0), Queue(0), Queue(1000, waited=PATIENCE[4] * 3)]
    begun = serve(1, old, 100)
    assert begun[4] == begun[1] == 50


def test_a_lane_that_was_idle_does_not_take_everything_when_it_comes_back() -> None:
    turns = Turns()
    for _ in range(1000):
        _, turns = share(1, NONE, [Queue(0), Queue(1000), Queue(0), Queue(0), Queue(0)], turns)
    begun = [0] * 5
    for _ in range(24):
        taken, turns = share(1, NONE, [Queue(1000), Queue(1000), Queue(0), Queue(0), Queue(0)], turns)
        begun = [a + b for a, b in zip(begun, taken, strict=True)]
    assert begun[0] in (16, 17)


lane_counts = st.lists(st.integers(0, 20), min_size=5, max_size=5)


@given(st.integers(1, 20), lane_counts, lane_counts)
def test_no_more_is_begun_than_is_due_or_free_and_nothing_idles_for_want_of_a_rule(
    workers: int, due: list[int], running: list[int]
) -> None:
    taken, _ = share(workers, running, [Queue(count) for count in due], Turns())
    assert all(0 <= taken[lane] <= due[lane] for lane in LANES)
    assert sum(taken) <= max(0, workers - sum(running))
    if not any(running) and any(due):
        assert sum(taken) >= min(sum(due), max(1, workers - len(LANES) + 1))
