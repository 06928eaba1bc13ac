"""A day of mixed load on one engine leaves no more behind than a few hours of it."""

import asyncio
import gc
from collections import Counter
from contextlib import suppress
from dataclasses import replace

import pytest

from engine.flows import agreed
from tests.simulation import run
from tests.simulation.run import Play, simulate
from tests.simulation.weather import CALM

HOUR = 3600.0
EARLY, HOURS = 4, 24


def ours() -> Counter[str]:
    """What is alive of the engine and its adapters, by type."""
    gc.collect()
    types = (type(each) for each in gc.get_objects())
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in types if isinstance(kind.__module__, str))
    return Counter(
        name for name in names if name.startswith(("engine.", "adapters.")) and "sandbox" not in name
    )


@pytest.mark.long
def test_what_lives_after_a_day_lived_after_a_few_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreed, "MOST", 20)
    alive: list[Counter[str]] = []
    story = run._story

    async def watched(play: Play) -> None:
        async def count() -> None:
            while True:
                await asyncio.sleep(HOUR)
                alive.append(ours())

        counting = asyncio.ensure_future(count())
        await story(play)
        counting.cancel()
        with suppress(asyncio.CancelledError):
            await counting

    monkeypatch.setattr(run, "_story", watched)
    outcome = simulate(1, replace(CALM, pace=15.0), played=HOURS * HOUR)
    assert outcome.violations == ()
    assert outcome.orders > 500
    grown = alive[HOURS - 1] - alive[EARLY - 1]
    assert grown.total() < 0.1 * alive[EARLY - 1].total(), grown.most_common(5)
