"""Which columns of a table are painted at a width: those that stay, and as many of those that move as there is room for."""

from dataclasses import dataclass

GUTTER = 3
"""Cells before the first column: cursor, mark, space."""
TAIL = 12
"""Cells kept for a last column that takes what is left."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; width 0 takes what is left and must be the last."""

    title: str
    width: int
    right: bool = False
    moves: bool = False
    """Scrolls sideways with h and l; the others stay."""
    from_width: int = 0
    """Left out where a line has fewer cells than this."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What is painted."""

    shown: tuple[int, ...]
    """Indexes of the columns in view."""
    hidden: int
    """Columns that move and are hidden to the right."""


class Columns:
    """All columns, the first of those that move in view, and the current one among them."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self.all = columns
        self.first = 0
        self.at = 0
        """Index of the current one among the columns that move."""
        self._kept: tuple[tuple[int, int], Layout] | None = None

    @property
    def moving(self) -> list[int]:
        """Indexes of the columns that move."""
        return [i for i, column in enumerate(self.all) if column.moves]

    @property
    def current(self) -> int:
        """Index of the current column; -1 when none moves."""
        moving = self.moving
        return moving[self.at] if moving else -1

    def replace(self, columns: tuple[Column, ...]) -> None:
        """Show others; the current one stays as far as it can."""
        self.all, self._kept = columns, None
        self.at = min(self.at, max(0, len(self.moving) - 1))

    def step(self, by: int) -> bool:
        """Move the current one; False when none moves."""
        moving = self.moving
        self.at = max(0, min(len(moving) - 1, self.at + by))
        return bool(moving)

    def see(self, room: int) -> None:
        """Bring the current one into view, and leave no room unused."""
        self.first = min(self.first, self.at)
        while self.first < self.at and self.at >= self.first + self._fitting(self.first, room):
            self.first += 1
        while self.first > 0 and self.first - 1 + self._fitting(self.first - 1, room) >= len(self.moving):
            self.first -= 1

    def layout(self, room: int) -> Layout:
        """What is painted in lines of so many cells."""
        key = self.first, room
        if self._kept is None or self._kept[0] != key:
            moving = self.moving
            visible = set(moving[self.first : self.first + self._fitting(self.first, room)])
            shown = tuple(
                i for i, c in enumerate(self.all) if i in visible or not (c.moves or c.from_width > room)
            )
            self._kept = key, Layout(shown, len(moving) - len(visible) - self.first)
        return self._kept[1]

    def _fitting(self, first: int, room: int) -> int:
        left = room - GUTTER - (TAIL if self.all and self.all[-1].width == 0 else 0)
        left -= sum(c.width + 1 for c in self.all if not c.moves and c.from_width <= room)
        count = 0
        for index in self.moving[first:]:
            left -= self.all[index].width + 1
            if left < 0:
                break
            count += 1
        return count
