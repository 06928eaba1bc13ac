"""The filter language means the same wherever a row comes from."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.wish import Term, fits, moment, parse

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROW: dict[str, object] = {
    "order": "#1042",
    "state": "held",
    "total": Decimal("19.90"),
    "tries": 3,
    "placed": NOW - timedelta(hours=1),
    "document": None,
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", True),
        ("104", True),
        ("HELD", True),
        ("state:hel", True),
        ("!state:held", False),
        ("!state:open", True),
        ("total:>19.89 total:<19.91", True),
        ("total:19.9", True),
        ("total:>19.90", False),
        ("total:cheap", False),
        ("tries:3", True),
        ("tries:>3", False),
        ("placed:>2h", True),
        ("placed:<2h", False),
        ("placed:>2026-11-24", False),
        ("placed:>yesterday", False),
        ("document:x", False),
        ("!document:x", True),
        ("state:", True),
        ("gid://shopify/1", False),
        ('"held', True),
        ("#1042 tries:>1 !open", True),
    ],
)
def test_a_row_is_kept_when_it_fulfils_every_word(text: str, found: bool) -> None:
    assert fits(parse(text, ROW), ROW, NOW) is found


def test_a_word_that_is_no_field_is_text_with_its_colon() -> None:
    assert parse("gid://x sku:A", ["sku"]) == (Term("", ":", "gid://x"), Term("sku", ":", "A"))


@pytest.mark.parametrize(
    ("text", "ago"), [("90s", 90), ("5m", 300), ("5min", 300), ("2h", 7200), ("1d", 86_400)]
)
def test_spans_count_back_from_now(text: str, ago: int) -> None:
    assert moment(text, NOW) == NOW - timedelta(seconds=ago)


@given(st.text())
def test_whatever_is_typed_is_understood_somehow(text: str) -> None:
    terms = parse(text, ROW)
    assert all(term.value for term in terms)
    assert fits(terms, ROW, NOW) in (True, False)
