"""A question of stock asks for as many items as fill a page, and for half of them when they were too many."""

import re
from typing import Any, cast

import pytest

from adapters.external_ids import ExternalIds
from adapters.netsuite.shelves import CHUNK, Shelves
from engine.model.clock import SystemClock
from engine.model.failure import TryLater
from engine.model.ids import Sku


class Account:
    """Answers with so many rows for each item, a page of 1,000."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.asked: list[int] = []

    async def items(self, names: list[str]) -> dict[str, str]:
        return {name: name.removeprefix("SKU-") for name in names}

    async def page(self, question: str) -> tuple[list[dict[str, str]], bool]:
        numbers = re.findall(r"'(\d+)'", question.partition("UNION")[0])
        self.asked.append(len(numbers))
        rows = [
            {"kind": "shelf", "item": number, "location": str(place), "onhand": "9", "promised": "0"}
            for number in numbers
            for place in range(self.rows)
        ]
        return rows[:1000], len(rows) > 1000


def shelves(account: Account) -> Shelves:
    return Shelves(cast(Any, account), cast(Any, account), ExternalIds("trueup-"), SystemClock())


async def test_ten_thousand_items_in_five_locations_take_little_more_than_full_pages() -> None:
    account = Account(rows=5)
    snapshot = await shelves(account).snapshot([Sku(f"SKU-{number:05}") for number in range(10_000)])
    assert len(snapshot.shelves) == 50_000
    assert len(account.asked) <= 1.2 * 50
    assert account.asked[0] == CHUNK


async def test_items_with_more_rows_than_a_page_are_asked_for_in_halves() -> None:
    account = Account(rows=40)
    snapshot = await shelves(account).snapshot([Sku(f"SKU-{number:03}") for number in range(100)])
    assert len(snapshot.shelves) == 100 * 40
    assert account.asked[:3] == [80, 40, 20]


async def test_one_item_with_more_rows_than_a_page_is_trouble_and_not_half_an_answer() -> None:
    with pytest.raises(TryLater):
        await shelves(Account(rows=1001)).snapshot([Sku("SKU-1")])
