"""What a log line is about: bound around a piece of work, and seen by whatever logs inside it, in any task."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default={})  # noqa: B039  never changed in place


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
