"""What starting a part loads, seen from a fresh interpreter."""

from collections.abc import Callable

HEAVY = {"sqlalchemy", "alembic", "httpx", "apscheduler", "starlette", "uvicorn", "graphql", "pydantic"}


def test_the_engine_starts_without_a_terminal(fresh_python: Callable[[str], set[str]]) -> None:
    assert not fresh_python("import engine.runtime") & {
        "textual",
        "rich",
        "httpx",
        "screens",
        "adapters",
        "console",
    }


def test_the_screens_never_load_a_remote_or_the_store(fresh_python: Callable[[str], set[str]]) -> None:
    loaded = fresh_python(
        "import pkgutil, screens\nfor m in pkgutil.walk_packages(screens.__path__, 'screens.'): __import__(m.name)"
    )
    assert not loaded & (HEAVY | {"adapters", "console"})


def test_the_command_is_there_before_anything_heavy_is(fresh_python: Callable[[str], set[str]]) -> None:
    assert not fresh_python("import console.main") & (HEAVY | {"textual", "rich", "click"})


def test_the_console_paints_before_anything_heavy_is_loaded(fresh_python: Callable[[str], set[str]]) -> None:
    assert not fresh_python("import console.face, console.app") & (HEAVY | {"click", "adapters"})


def test_an_engine_on_sqlite_starts_without_what_only_others_need(
    fresh_python: Callable[[str], set[str]],
) -> None:
    """A start after a kill should be short: until it is over, nobody keeps the stock true."""
    assert not fresh_python("import console.running, console.cli.engine") & {"alembic", "mako", "psycopg"}
