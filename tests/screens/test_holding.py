"""What is asked before units are held back."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from console.canned_risk import risk_page
from screens.holding import VERBS, question

ANSWER = len(" 1000000 43200")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", ["A", "A-LONG-SKU-OF-A-SUPPLIER-0001", "長い名前の商品番号" * 9])
def test_the_answer_is_seen_beside_the_question_on_the_smallest_terminal(verb: str, name: str) -> None:
    asked, _ = question(verb, replace(risk_page().rows[0], sku=name, location_name=name))
    assert cell_len(f" {asked}") + ANSWER <= 80
    assert "  " not in asked
