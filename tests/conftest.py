"""Fixtures that every room may use."""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.databases import postgresql

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer has in the environment must not decide a test."""
    for name in list(os.environ):
        if name.startswith("TRUEUP_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[Callable[[], str]]:
    """Makes an empty database on the one PostgreSQL of the session and gives its SQLAlchemy address."""
    with postgresql() as new:
        yield new
