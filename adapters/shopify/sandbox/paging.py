"""Connections: a page of sorted rows, found by bisection, with cursors that survive rows coming and going."""

import base64
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from adapters.shopify.sandbox.refusals import Declined

PAGE_CAP = 250
EVERYTHING = 2**31
"""The page size of a connection nested in a bulk query."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a connection answers."""

    nodes: Sequence[Any]
    cursors: Sequence[str]
    more_after: bool = False
    more_before: bool = False


EMPTY = Page((), ())


def cursor(key: Any) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode()


def read_cursor(said: str) -> Any:
    """The key in a cursor."""
    try:
        key = orjson.loads(base64.urlsafe_b64decode(said.encode()))
    except ValueError as odd:
        raise Declined(f"Invalid cursor for current pagination sort: {said}.", "BAD_REQUEST") from odd
    return tuple(key) if isinstance(key, list) else key


def page(
    rows: Sequence[Any],
    args: dict[str, Any],
    *,
    key: Callable[[Any], Any] | None = None,
    found: Callable[[Any], Any] = lambda row: row,
    low: int = 0,
) -> Page:
    """A page of rows sorted by `key`; without one, rows keep their places. `low` leaves out rows before it."""
    first, last = args.get("first"), args.get("last")
    if first is None and last is None:
        raise Declined("you must provide one of first or last", "BAD_REQUEST")
    if first is not None and last is not None:
        raise Declined("providing both first and last is not supported", "BAD_REQUEST")
    count: int = args["first"] if first is not None else args["last"]
    if count < 0:
        raise Declined("first and last must be at least 0", "BAD_REQUEST")
    by: Callable[[Any], Any] = key or (lambda row: row[0])
    data: Sequence[Any] = rows if key is not None else list(enumerate(rows))
    lo, hi = low, len(data)
    start, end = args.get("after"), args.get("before")
    backwards = bool(args.get("reverse"))
    if backwards:
        start, end = end, start
    if start:
        lo = max(lo, bisect_right(data, read_cursor(start), key=by))
    if end:
        hi = min(hi, bisect_left(data, read_cursor(end), key=by))
    hi = max(lo, hi)
    head = (first is not None) != backwards
    picked = data[lo : min(hi, lo + count)] if head else data[max(lo, hi - count) : hi]
    less = len(picked) < hi - lo
    if backwards:
        picked = picked[::-1]
    nodes = [found(row if key is not None else row[1]) for row in picked]
    forward = first is not None
    return Page(
        nodes,
        [cursor(by(row)) for row in picked],
        less if forward else bool(end),
        bool(start) if forward else less,
    )
