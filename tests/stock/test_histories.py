"""Random histories of both systems, played with the engine's own rule: no unit is sold twice, every cell comes right.

`relisted`: one of our writes made units sellable that somebody has a right to. `differs`: after all is quiet a cell
sells more or less than there is. `phantom`: people are asked about something else than their own hand edits.
"""

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import pytest

from tests.stock.world.ablations import ABLATIONS
from tests.stock.world.history import CANNOT_BE_TOLD, History, Options

WHOLE = Options()
CHUNK = 500


def found_in(seeds: range, options: Options = WHOLE) -> Counter[str]:
    """What was wrong in these histories, with the first seed of each."""
    wrong: Counter[str] = Counter()
    for seed in seeds:
        for what in History(seed, options).run().found:
            wrong[f"{what}, seed {seed}"] += 1
    return wrong


def played(count: int, start: int = 0) -> Counter[str]:
    """The same over all cores."""
    chunks = [range(at, min(at + CHUNK, start + count)) for at in range(start, start + count, CHUNK)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(found_in, chunks), Counter())


def test_a_thousand_histories_end_well() -> None:
    assert found_in(range(1_000)) == {}


@pytest.mark.parametrize("units", [1, 3])
def test_with_units_held_back_histories_end_well_too(units: int) -> None:
    assert found_in(range(400), replace(WHOLE, buffer=units)) == {}


AVAILABLE = Options(available=True, order="LODSRA")


def test_a_back_office_that_only_says_what_it_may_promise_ends_well_too() -> None:
    assert found_in(range(400), AVAILABLE) == {}


def test_histories_are_not_idle() -> None:
    counts = sum((History(seed, WHOLE).run().counts for seed in range(50)), Counter())
    assert counts["writes"] > 80
    assert counts["raises"] > 40


def test_hardly_ever_a_lost_write_cannot_be_told() -> None:
    counts = sum((History(seed, WHOLE).run().counts for seed in range(1_000)), Counter[str]())
    assert sum(counts[what] for what in CANNOT_BE_TOLD) <= 2


@pytest.mark.long
def test_a_hundred_thousand_histories_end_well() -> None:
    assert played(100_000, start=1_000_000) == {}


FOUND_EARLY = (
    "no ERP reservations", "no exemption", "no F", "ERP not re-routed before it ships",
    "fulfilment orders stay when the ERP re-routes", "no remainder", "remainder forgotten after the write",
    "positive remainder dropped", "blind set", "an open write is given up",
)  # fmt: skip
MOST = 30_000
"""Histories after which a missing part would be called superfluous."""


@pytest.mark.parametrize("name", FOUND_EARLY)
def test_the_rule_without_one_of_its_parts_is_caught_early(name: str) -> None:
    assert caught(name, 300)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(ABLATIONS.keys() - set(FOUND_EARLY)))
def test_the_rule_without_one_of_its_parts_is_caught(name: str) -> None:
    assert caught(name, MOST)


def caught(name: str, most: int) -> bool:
    """Some history goes wrong without that part."""
    with ABLATIONS[name].applied() as options:
        return any(History(seed, options).run().found for seed in range(most))
