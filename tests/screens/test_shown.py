"""Of a painting only what the terminal does not show is written, and what it then shows is what was painted."""

import itertools
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from console.shown import Pieces, Shown, pieces_of

WIDTH, HEIGHT = 8, 3
RED, PLAIN = Style(color="red"), Style()
Cell = tuple[str, Style | None]
Grid = list[list[Cell]]
sign = st.sampled_from("ab─界")
line = st.lists(st.tuples(sign, st.sampled_from((RED, PLAIN))), min_size=WIDTH, max_size=WIDTH)
cuts = st.sets(st.integers(1, WIDTH - 1), max_size=2)


def strips(signs: Sequence[tuple[str, Style]], at: set[int]) -> list[Strip]:
    """A line of the terminal in pieces, which no wide sign crosses; one that does not fit becomes a blank."""
    edges = [0, *sorted(at), WIDTH]
    found = []
    for start, end in itertools.pairwise(edges):
        row: list[Segment] = []
        room = end - start
        for text, style in signs[start:end]:
            wide = 2 if text == "界" else 1
            if room:
                row.append(Segment(text if wide <= room else " ", style))
                room -= min(wide, room)
        found.append(Strip(row))
    return found


def drawn(pieces: Sequence[tuple[int, int, Strip]], grid: Grid) -> Grid:
    """What a terminal shows after these pieces."""
    for x, y, strip in pieces:
        for segment in strip:
            for text in segment.text:
                grid[y][x] = (text, segment.style)
                x += 1
                if text == "界":
                    grid[y][x] = ("", segment.style)
                    x += 1
    return grid


def blank() -> Grid:
    return [[(" ", None)] * WIDTH for _ in range(HEIGHT)]


def full(lines: list[list[Strip]]) -> LayoutUpdate:
    return LayoutUpdate(list(lines), Region(0, 0, WIDTH, HEIGHT))


def part(y: int, line: list[Strip]) -> ChopsUpdate:
    chops: list[dict[int, Strip | None]] = [{} for _ in range(HEIGHT)]
    ends: list[list[int]] = [[] for _ in range(HEIGHT)]
    x = 0
    for strip in line:
        chops[y][x] = strip
        x += strip.cell_length
        ends[y].append(x)
    return ChopsUpdate(chops, [(y, 0, WIDTH)], ends)


painting = st.one_of(
    st.lists(st.tuples(line, cuts), min_size=HEIGHT, max_size=HEIGHT).map(
        lambda lines: full([strips(*each) for each in lines])
    ),
    st.tuples(st.integers(0, HEIGHT - 1), line, cuts).map(lambda of: part(of[0], strips(of[1], of[2]))),
)


@settings(deadline=None)
@given(st.lists(painting, max_size=8))
def test_the_terminal_ends_up_with_what_was_painted(paintings: list[LayoutUpdate | ChopsUpdate]) -> None:
    shown, wanted, seen = Shown(), blank(), blank()
    for each in paintings:
        drawn(list(pieces_of(each)), wanted)
        new = shown.left_of(each)
        drawn(new.pieces if new is not None else [], seen)
        assert seen == wanted
        assert shown.left_of(each) is None


def test_a_change_is_written_from_its_first_sign_on_and_all_of_it_after_the_terminal_was_lost() -> None:
    def status(queue: str) -> LayoutUpdate:
        row = Strip([Segment("Q ", PLAIN), Segment(queue, RED), Segment(" ok", PLAIN)])
        return full([[row], [Strip([Segment("a" * WIDTH, PLAIN)])], [Strip([Segment("界" * 4, RED)])]])

    shown = Shown()
    first = shown.left_of(status("143"))
    assert isinstance(first, Pieces) and len(first.pieces) == 3
    new = shown.left_of(status("144"))
    assert new is not None
    [(x, y, strip)] = new.pieces
    assert (x, y, strip.text) == (2, 0, "144 ok")
    shown.forget()
    again = shown.left_of(status("144"))
    assert again is not None and len(again.pieces) == 3
    assert shown.left_of(status("144")) is None
