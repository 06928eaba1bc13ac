"""Stable ids for records that are views of the books."""

import itertools


class Ids:
    """One number per key, given out when first asked for."""

    def __init__(self, start: int = 1) -> None:
        self._next = itertools.count(start)
        self._by_key: dict[tuple[object, ...], int] = {}
        self._by_id: dict[int, tuple[object, ...]] = {}

    def of(self, *key: object) -> int:
        """The id of this key."""
        if key not in self._by_key:
            self.put(next(self._next), *key)
        return self._by_key[key]

    def put(self, number: int, *key: object) -> None:
        """Let a key have an id given out for something that became it."""
        self._by_key[key] = number
        self._by_id[number] = key

    def fresh(self) -> int:
        """An id without a key."""
        return next(self._next)

    def key(self, number: int) -> tuple[object, ...] | None:
        """The key of an id."""
        return self._by_id.get(number)
