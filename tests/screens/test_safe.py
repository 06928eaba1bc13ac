"""What a terminal could obey or hide never gets past the door, and widths are exact."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from screens.safe import MARKS, Scrub, fit, safe

WICKED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f\ud800-\udfff]"
)


@given(st.text(st.characters(codec=None)), st.integers(0, 30))
def test_any_text_is_printable_and_as_wide_as_asked(text: str, width: int) -> None:
    shown = safe(text, width)
    assert cell_len(shown) == width
    assert not WICKED.search(shown)
    assert not WICKED.search(safe(text))


@given(st.text())
def test_making_safe_twice_changes_nothing(text: str) -> None:
    assert safe(safe(text)) == safe(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Matte Oak Mug", "Matte Oak Mug"),
        ("a\x1b]52;c;eA==\x07b", "a␛]52;c;eA==␇b"),
        ("x\x9b31m", "x\ufffd31m"),
        ("abc\u202egnp.exe", "abc¤gnp.exe"),
        ("A\u200bB", "AB"),
        ("one\ntwo\ttab", "one␊two␉tab"),
        ("日本 Tasse", "日本 Tasse"),
        ("\U0001f1e9\U0001f1ea", "DE"),
        ("[red]mug[/]", "[red]mug[/]"),
        ("\u3164", " "),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_marks_do_not_pile_up() -> None:
    assert safe("e" + "\u0301" * 50) == "e" + "\u0301" * MARKS


def test_endless_text_ends() -> None:
    assert len(safe("x" * 10_000_000)) < 5_000


def test_numbers_stand_right() -> None:
    assert fit("12", 5, right=True) == "   12"


def test_the_second_wall_lets_nothing_unprintable_through() -> None:
    segments = [Segment("plain"), Segment("a\x1b[2Jb\x9b\u202ec"), Segment("日本")]
    scrubbed = Scrub().apply(segments, Color(0, 0, 0))
    assert [segment.text for segment in scrubbed] == ["plain", "a[2Jbc", "日本"]
