"""What every long list has in common: how it is looked at, and the part of it that is handed over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Look:
    """Which rows a face wants: filtered (`engine.model.wish`), sorted, and how many from where on."""

    filter: str = ""
    sort: str = ""
    """Name of a field; empty for the list's own order."""
    descending: bool = True
    offset: int = 0
    limit: int = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows `offset` … of a filtered, sorted list."""

    as_of: datetime
    total: int
    """Rows that fit the filter."""
    offset: int
    rows: tuple[R, ...]
    among: int | None = None
    """How many of the newest lines were looked through, where not all were; None for all."""
