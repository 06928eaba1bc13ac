"""A list that is short enough to be read whole: the part of it that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.desk import Look, Page


def values(row: Any) -> dict[str, object]:
    """The fields of a row, by name."""
    assert is_dataclass(row)
    return {field.name: getattr(row, field.name) for field in fields(row)}


def paged(rows: Sequence[Any], look: Look, now: datetime) -> Page[Any]:
    """The part asked for of a list that is short enough to be read whole."""
    from engine.desk import Page
    from engine.model.wish import fits, parse

    known = [(values(row), row) for row in rows]
    terms = parse(look.filter, known[0][0] if known else ())
    found = [(fields, row) for fields, row in known if fits(terms, fields, now)]
    if look.sort:
        found.sort(
            key=lambda each: (each[0][look.sort] is not None, each[0][look.sort]), reverse=look.descending
        )
    elif not look.descending:
        found.reverse()
    part = tuple(row for _, row in found[look.offset : look.offset + look.limit])
    return Page(now, len(found), look.offset, part)
