"""What is asked before units are held back."""

import pytest
from rich.cells import cell_len

from screens.holding import VERBS, Spot, Wanted, question, understood

ANSWER = len(" 1000000 43200")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", ["A", "A-LONG-SKU-OF-A-SUPPLIER-0001", "長い名前の商品番号" * 9])
def test_the_answer_is_seen_beside_the_question_on_the_smallest_terminal(verb: str, name: str) -> None:
    asked, _ = question(verb, [Spot("main", name, "7", name, 1_000_000)])
    assert cell_len(f" {asked}") + ANSWER <= 80
    assert "  " not in asked


@pytest.mark.parametrize("verb", ["buffer", "halt", "go on"])
def test_of_several_cells_one_is_named_and_their_number_is_asked_first(verb: str) -> None:
    rows = [Spot("main", "長い名前の商品番号" * 9, "7", "長い名前の商品番号" * 9)] * 1234
    asked, begun = question(verb, rows)
    assert cell_len(f" {asked}") + len("1234 1000000 43200") <= 80
    assert "1,234 cells" in asked and "1234" in asked and not begun


def test_what_is_typed_of_several_cells_begins_with_their_number() -> None:
    assert understood("buffer", "3 5 45", 3) == Wanted(5, 45)
    assert understood("halt", "1,234 0", 1234) == Wanted(None, None)
    assert understood("go on", "3", 3) == Wanted(ends=True)
    for verb, typed in (
        ("buffer", "5 45"),
        ("buffer", ""),
        ("halt", "60"),
        ("go on", "yes"),
        ("go on", "3 60"),
    ):
        assert "Nothing done:" in str(understood(verb, typed, 3))
