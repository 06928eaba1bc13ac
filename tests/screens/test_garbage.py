"""Full searches for garbage wait until nobody types, but not for ever."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from console.garbage import AT_LATEST, LEISURE, NEVER, SMALL_SEARCHES, Leisure, only_at_leisure


class Loop:
    """Two of these that hold each other are found by a search alone."""

    other: "Loop"


def dropped() -> weakref.ref[Loop]:
    one, two = Loop(), Loop()
    one.other, two.other = two, one
    gc.collect(1)  # old enough for a full search only
    return weakref.ref(one)


class Played:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def python_itself_searches_never() -> Iterator[None]:
    before = gc.get_threshold()
    only_at_leisure()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def worked() -> None:
    for _ in range(SMALL_SEARCHES):
        gc.collect(1)


def test_it_is_searched_for_once_nobody_types_and_something_was_done() -> None:
    clock = Played()
    leisure = Leisure(clock)
    lost = dropped()
    leisure.typed()
    assert not leisure.look() and lost() is not None
    worked()
    assert not leisure.look() and lost() is not None
    clock.now += 2 * LEISURE
    assert leisure.look() and lost() is None
    assert not leisure.look(), "nothing was done since"


def test_who_types_without_end_waits_for_it_now_and_then() -> None:
    clock = Played()
    leisure = Leisure(clock)
    lost = dropped()
    worked()
    clock.now += AT_LATEST
    leisure.typed()
    assert leisure.look() and lost() is None
    worked()
    leisure.typed()
    assert not leisure.look()


def test_python_leaves_full_searches_to_it() -> None:
    assert gc.get_threshold()[2] == NEVER and gc.isenabled()
