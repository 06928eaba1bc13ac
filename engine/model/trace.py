"""What a log line is about, and how long a piece of work took: bound around it, and seen by whatever happens inside.

Spans go to whoever was named by `trace_to`; while nobody was, they cost a look at a variable.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default={})  # noqa: B039  never changed in place

Note = Callable[[str, str], None]
"""Adds a fact that became known inside a span."""
Opening = Callable[[str, Mapping[str, str]], AbstractContextManager[Note]]
_opening: Opening | None = None


@contextmanager
def about(**facts: str) -> Iterator[None]:
    """Log lines inside name these, beside those bound around."""
    token = _about.set({**_about.get(), **facts})
    try:
        yield
    finally:
        _about.reset(token)


def bound() -> Mapping[str, str]:
    """What is bound at this moment."""
    return _about.get()


def trace_to(opening: Opening | None) -> None:
    """Spans begun from now on go there; None: nowhere."""
    global _opening
    _opening = opening


def span(name: str, facts: Mapping[str, str]) -> AbstractContextManager[Note]:
    """A piece of work with a beginning and an end, inside the one around it; a failure that leaves it is its outcome."""
    return _UNSEEN if _opening is None else _opening(name, facts)


def _dropped(name: str, value: str) -> None:
    """Nobody is told."""


_UNSEEN = nullcontext(_dropped)
