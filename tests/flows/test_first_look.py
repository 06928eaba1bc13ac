"""At a first start the back office's changes are followed before anything is looked at: else all is looked at twice."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.flows.site import Rhythm, Site
from engine.model.clock import SystemClock
from engine.model.failure import TryLater
from engine.ports import Changes
from engine.runtime import Engine
from engine.store.session import Store
from engine.store.verbs.cursor import get_cursor, set_cursor
from tests.flows.silent import Silent

LOOKS = {"locations", "orders_changed"}
"""What a sweep and the listing of orders ask for first."""


class Noted(Silent):
    """Notes what it is asked for, and answers nothing but what moves."""

    def __init__(self, answer: Changes | TryLater | None) -> None:
        self._answer = answer
        self.asked: list[str] = []
        self.looked = asyncio.Event()

    async def changes(self, cursor: str | None) -> Changes:
        self.asked_for("changes")
        for _ in range(100):  # whoever did not wait for the answer has begun by then
            await asyncio.sleep(0)
        if self._answer is None:
            await asyncio.Event().wait()
        self.asked_for("answered")
        if isinstance(self._answer, TryLater):
            raise self._answer
        assert self._answer is not None
        return self._answer

    def asked_for(self, name: str) -> None:
        self.asked.append(name)
        if set(self.asked) >= LOOKS:
            self.looked.set()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=SystemClock())
    yield opened
    opened.close()


async def asked(store: Store, neighbour: Any) -> list[str]:
    """What an engine asks for until it has looked at both sides."""
    now = SystemClock().now()
    site = Site(
        "main", store, neighbour, neighbour, SystemClock(), {}, rhythm=Rhythm(lease=6.0), orders_since=now
    )
    engine = Engine(store, [site], holder="here", drain=0.1)
    running = asyncio.ensure_future(engine.run())
    await asyncio.wait_for(neighbour.looked.wait(), 20)
    engine.stop()
    await running
    return [name for name in neighbour.asked if name in LOOKS or name in ("changes", "answered")]


@pytest.mark.parametrize(
    "answer",
    [Changes(frozenset(), frozenset(), "1"), TryLater("The line is cut.", "Look at it.")],
    ids=["told", "out of reach"],
)
async def test_what_moves_is_asked_for_before_the_first_look(store: Store, answer: Any) -> None:
    assert (await asked(store, Noted(answer)))[:2] == ["changes", "answered"]


async def test_who_knows_where_the_changes_stand_looks_at_once(store: Store) -> None:
    await store.write(set_cursor, "main", "back_office", "1", SystemClock().now())
    assert set(await asked(store, Noted(None))) >= LOOKS
    assert await store.read(get_cursor, "main", "back_office") == "1"
