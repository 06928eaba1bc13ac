"""What the terminal shows: of a painting only what differs from it is written.

Textual paints all of a screen anew at every layout: when a screen is first shown, when an input line opens, when it is
resized. On a line of a few kilobytes a second that is felt, and most of it is there already.
"""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

Piece = tuple[int, int, Strip]
"""Column and line where it begins, and what stands there."""


class Pieces(CompositorUpdate):
    """Parts of lines, each written where it belongs."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for x, y, strip in self.pieces:
            yield Control.move_to(x, y).segment
            yield from strip

    def render_segments(self, console: Console) -> str:
        """What a terminal is sent."""
        return "".join(
            f"{Control.move_to(x, y).segment.text}{strip.render(console)}" for x, y, strip in self.pieces
        )


class Shown:
    """The pieces of each line as they were written last."""

    def __init__(self) -> None:
        self._size = Size(0, 0)
        self._lines: dict[int, dict[int, Strip]] = {}

    def forget(self) -> None:
        """The terminal may show anything."""
        self._lines.clear()

    def left_of(self, update: LayoutUpdate | ChopsUpdate) -> Pieces | None:
        """What of a painting the terminal does not show yet; None when it shows all of it. It counts as written."""
        if isinstance(update, LayoutUpdate) and update.region.size != self._size:
            self._size = update.region.size
            self.forget()
        found = [piece for piece in pieces_of(update) if not self._has(piece)]
        return Pieces([self._changed(piece) for piece in found]) if found else None

    def _has(self, piece: Piece) -> bool:
        x, y, strip = piece
        held = self._lines.get(y, {}).get(x)
        return held is not None and held == strip

    def _changed(self, piece: Piece) -> Piece:
        """The part of a piece that is other than before, and the whole of it is taken down."""
        x, y, strip = piece
        line = self._lines.setdefault(y, {})
        before, end = line.get(x), x + strip.cell_length
        alike = before is not None and before.cell_length == strip.cell_length
        for at in [at for at, held in line.items() if at < end and x < at + held.cell_length]:
            del line[at]
        line[x] = strip
        if before is None or not alike:
            return piece
        skipped, rest = _from_first_change(before, strip)
        return x + skipped, y, rest


def pieces_of(update: LayoutUpdate | ChopsUpdate) -> Iterator[Piece]:
    """The parts of lines that a painting of Textual's compositor consists of."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                yield x, y, strip
                x += strip.cell_length
        return
    for y, first, last in update.spans:
        for end, (x, piece) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if piece is not None and x <= last and end > first:
                yield x, y, piece


def _from_first_change(before: Strip, after: Strip) -> tuple[int, Strip]:
    """How many cells at the beginning are as before, and what comes after them.

    Only signs of one cell are skipped: of others a terminal may think differently than we do.
    """
    skipped, old = 0, list(before)
    kept = list(after)
    while kept and old and kept[0] == old[0] and _one_cell_each(kept[0]):
        skipped += len(kept[0].text)
        del kept[0], old[0]
    return skipped, Strip(kept)


def _one_cell_each(segment: Segment) -> bool:
    return segment.control is None and segment.cell_length == len(segment.text)
