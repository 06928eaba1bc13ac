"""For fonts without blocks and lines: every glyph of ours in plain ASCII."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

PLAIN = str.maketrans(
    {
        **dict(zip("▁▂▃▄▅▆▇█", "_.-:=+*#", strict=True)),
        **dict.fromkeys("─━╌▔", "-"),
        **dict.fromkeys("│┃▏▕▎▊", "|"),
        **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯", "+"),
        "…": "~",
        "·": ".",
        "×": "x",
        "−": "-",
        "–": "-",
        "↵": "/",
    }
)


class Ascii(LineFilter):
    """Our own glyphs only: names and titles keep their letters."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The line with every glyph of ours replaced by one of the same width."""
        return [
            segment
            if segment.control or segment.text.isascii()
            else Segment(segment.text.translate(PLAIN), segment.style)
            for segment in segments
        ]
