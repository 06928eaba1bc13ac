"""Figures in words."""

import pytest

from screens.words import counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 failed records"), (1, "1 failed record"), (1_200, "1,200 failed records")]
)
def test_one_of_a_kind_is_said_in_the_singular(number: int, said: str) -> None:
    assert counted(number, "failed records") == said
