"""Fixtures that every room may use."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.databases import postgresql

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer has in the environment must not decide a test."""
    for name in list(os.environ):
        if name.startswith("TRUEUP_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_loop_is_left_open(request: pytest.FixtureRequest) -> None:
    """Who runs a loop of their own would drop, unclosed, the one that the last asynchronous test left behind."""
    if request.node.get_closest_marker("asyncio") is None:
        with suppress(RuntimeError):
            asyncio.get_event_loop_policy().get_event_loop().close()
        asyncio.set_event_loop(None)


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[Callable[[], str]]:
    """Makes an empty database on the one PostgreSQL of the session and gives its SQLAlchemy address."""
    with postgresql() as new:
        yield new
