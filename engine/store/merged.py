"""Verbs that do many of their kind by one call.

Such a verb is awaited like any other, for one record; those that stand side by side in a group are done together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

from sqlalchemy import Connection

P = ParamSpec("P")
T = TypeVar("T")

Check = Callable[[Connection], None]
"""Raises when the writes behind it must not happen."""


@dataclass(frozen=True)
class Merged(Generic[P, T]):
    """A verb for one record made of one for many; two of them are done together when they are equal."""

    many: Callable[[Connection, Sequence[Any]], Sequence[T]]
    """Takes the arguments of each call; answers for each, in their order."""
    check: Check | None = None
    """Asked once, before all of them."""

    @property
    def __name__(self) -> str:
        """Of the function behind it, which only the verb itself should call."""
        return self.many.__name__.removeprefix("_")

    def __call__(self, tx: Connection, /, *args: P.args, **kw: P.kwargs) -> T:
        assert not kw, "arguments of a merged verb are given by their place"
        return self.all(tx, [args])[0]

    def all(self, tx: Connection, calls: Sequence[tuple[Any, ...]]) -> Sequence[T]:
        """Do all of them; nothing when the check refuses."""
        if self.check is not None:
            self.check(tx)
        return self.many(tx, calls)

    def behind(self, check: Check) -> "Merged[P, T]":
        """The same verb, done only when `check` lets it."""
        return Merged(self.many, check)
