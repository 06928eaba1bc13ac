"""The pages of a listing that are at hand: asked for by row, read a page at a time, forgotten oldest first."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from screens.tones import Part

PAGE = 200
KEPT = 32


@dataclass(frozen=True, slots=True)
class Row:
    """One record ready to paint: safe texts with tones, in the order of the columns."""

    key: str
    cells: tuple[Part, ...]


class Pages:
    """Rows of a listing by index, of which only some pages are held."""

    def __init__(self) -> None:
        self.total = 0
        self._held: OrderedDict[int, tuple[Row, ...]] = OrderedDict()
        self._old: set[int] = set()

    def at(self, index: int) -> Row | None:
        """The row, or None while its page has not been read."""
        number, place = divmod(index, PAGE)
        page = self._held.get(number)
        return page[place] if page is not None and place < len(page) else None

    def put(self, offset: int, rows: Iterable[Row], total: int) -> None:
        """Hold what was read from `offset` on."""
        held = tuple(rows)
        self.total = total
        for start in range(0, max(len(held), 1), PAGE):
            number = (offset + start) // PAGE
            self._held[number] = held[start : start + PAGE]
            self._held.move_to_end(number)
            self._old.discard(number)
        while len(self._held) > KEPT:
            number, _ = self._held.popitem(last=False)
            self._old.discard(number)

    def wanted(self, first: int, last: int) -> tuple[int, ...]:
        """Offsets of the pages between two rows that are missing or old."""
        last = max(0, min(last, self.total - 1))
        numbers = range(min(first, last) // PAGE, last // PAGE + 1)
        return tuple(n * PAGE for n in numbers if n not in self._held or n in self._old)

    def grow_old(self) -> None:
        """Something changed: what is held may be shown, but must be read again."""
        self._old = set(self._held)

    def clear(self) -> None:
        """Forget everything, the total included."""
        self._held.clear()
        self._old.clear()
        self.total = 0

    def find(self, key: str) -> int | None:
        """Index of a record among the rows held."""
        for number, page in self._held.items():
            for place, row in enumerate(page):
                if row.key == key:
                    return number * PAGE + place
        return None

    def __len__(self) -> int:
        return sum(len(page) for page in self._held.values())
