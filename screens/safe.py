"""The door every foreign text passes before it may be seen: no control bytes, no bidi tricks, exact widths."""

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

LONGEST = 4096
"""Characters of one text that are shown at all."""
MARKS = 2
"""Combining marks one letter may carry."""
BIDI = frozenset([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
BLANK_LETTERS = frozenset([0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800])
SKIN_TONES = range(0x1F3FB, 0x1F400)
FLAG_LETTERS = range(0x1F1E6, 0x1F200)


def safe(text: object, width: int | None = None) -> str:
    """The text with everything a terminal could obey or hide made visible; cut or padded to `width` cells."""
    shown = text if isinstance(text, str) else str(text)
    if len(shown) > LONGEST:
        shown = shown[: LONGEST - 1] + "…"
    if not (shown.isascii() and shown.isprintable()):
        shown = _spelled(shown)
    return shown if width is None else fit(shown, width)


def fit(shown: str, width: int, *, right: bool = False) -> str:
    """A safe text in exactly `width` cells, ending in an ellipsis when it had to be cut."""
    if width <= 0:
        return ""
    taken = len(shown) if shown.isascii() else cell_len(shown)
    if taken > width:
        shown = shown[:width]
        while cell_len(shown) > width - 1:
            shown = shown[:-1]
        shown += "…"
        taken = cell_len(shown)
    gap = " " * (width - taken)
    return gap + shown if right else shown + gap


def _spelled(text: str) -> str:
    out: list[str] = []
    marks = MARKS
    for char in text:
        if unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
            if marks > MARKS:
                continue
        spelled = _spelling(char)
        if spelled and unicodedata.category(char) not in ("Mn", "Me"):
            marks = 0
        out.append(spelled)
    return "".join(out)


@lru_cache(maxsize=4096)
def _spelling(char: str) -> str:
    code = ord(char)
    category = unicodedata.category(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if code in BIDI:
        return "¤"
    if code in FLAG_LETTERS:
        return chr(ord("A") + code - FLAG_LETTERS.start)
    if code in BLANK_LETTERS:
        return " "
    if code in SKIN_TONES or 0xFE00 <= code < 0xFE10 or 0xE0100 <= code < 0xE01F0:
        return ""
    return {
        "Cc": "\ufffd",
        "Cs": "\ufffd",
        "Co": "\ufffd",
        "Cn": "\ufffd",
        "Cf": "",
        "Zl": "↵",
        "Zp": "↵",
        "Zs": " ",
    }.get(category, char)


_UNWANTED = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *BIDI, 0x2028, 0x2029])


class Scrub(LineFilter):
    """The second wall: whatever a widget paints, no unprintable character leaves for the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The line without control and direction characters."""
        return [
            segment
            if segment.control or (segment.text.isascii() and segment.text.isprintable())
            else Segment(segment.text.translate(_UNWANTED), segment.style)
            for segment in segments
        ]
