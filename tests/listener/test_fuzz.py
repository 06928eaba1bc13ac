"""Bent and broken webhooks, at random: answered by what the listener has to say, and handed on only when genuine."""

import pytest

from tests.listener.fuzz import fuzzed


@pytest.mark.parametrize("many", [5_000, pytest.param(1_000_000, marks=pytest.mark.long)])
async def test_whatever_comes_is_answered_and_leaves_nothing_behind(many: int) -> None:
    seen = await fuzzed(7, lambda seen: seen.answers.total() >= many)
    assert {200, 400, 401, 413} <= set(seen.answers)
    assert seen.kept > many / 20
    assert seen.grown_megabytes < 5
