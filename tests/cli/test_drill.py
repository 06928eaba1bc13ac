"""Drills end with a card of zeros, and a card with anything else fails."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from console.cli.drill import NAMES
from console.drills import DRILLS, Card

GOOD = Card("x", 7, 9.0, 40, 0, 0, 0, 0, 0, 3, True, 4.2)


def test_every_drill_is_offered() -> None:
    assert set(NAMES) == set(DRILLS)


def test_a_card_of_zeros_passes_and_units_two_channels_sold_at_once_are_told_apart() -> None:
    assert GOOD.passed
    assert GOOD.facts()["oversold"] == 3


@pytest.mark.parametrize("name", ["lost", "duplicated", "mismatched", "relisted", "differing"])
def test_a_card_with_anything_wrong_fails(name: str) -> None:
    assert not replace(GOOD, **{name: 1}).passed


def test_a_card_of_nothing_or_of_sides_that_did_not_agree_fails() -> None:
    assert not replace(GOOD, orders=0).passed
    assert not replace(GOOD, settled=False).passed


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name == "back-office-down" else pytest.mark.long) for name in NAMES],
)
def test_a_drill_ends_with_zeros(trueup: Callable, name: str) -> None:
    said = trueup("drill", name, "--seconds", "9", "--orders-per-minute", "90", "--settle", "120", "--json")
    card = json.loads(said.out)
    assert (said.code, card["passed"], card["drill"]) == (0, True, name), said.out
    assert card["orders"] > 0
