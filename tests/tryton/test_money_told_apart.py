"""How records of Tryton are told to be ours, and of which order: without a Tryton."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.posting import CreditRow, credit_rows
from adapters.tryton.credit_notes import TEXT as NOTE
from adapters.tryton.entered import Account, Entered, amounts, naming, told
from adapters.tryton.looks import Looks
from adapters.tryton.payments import TEXT as MOVE
from engine.model.entry import CreditLine, EntryKind
from engine.model.ids import OrderId, Sku
from tests.accounts import entry

ONE, TEN = OrderId("gid://shopify/Order/1"), OrderId("gid://shopify/Order/10")


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("Shopify 1/80 payment of #1 by cards", ONE),
        ("Shopify 10/80-2 refund of #10", TEN),
        ("Shopify 100/80 payment of #100", None),
        ("shopify 1/80 payment of #1", None),
        ("Shopify 1/80 payments of #1", None),
        ("Invoice Shopify 1/80 payment of #1", None),
        ("", None),
        (None, None),
    ],
)
def test_a_move_is_of_the_order_its_description_begins_with(text: str | None, of: OrderId | None) -> None:
    rows = [{"id": 1, "description": text}]
    assert [ref for _, ref, _ in told(rows, "description", MOVE, [ONE, TEN])] == ([of] if of else [])


def test_a_credit_note_bears_its_numbers_and_nothing_else() -> None:
    texts = ["Shopify 1/77", "Shopify 1/77 again", "Shopify 1/", "Shopify 1/77-2"]
    rows = [{"reference": text} for text in texts]
    assert [said[2] for _, _, said in told(rows, "reference", NOTE, [ONE])] == ["77", "77-2"]


def test_orders_are_asked_for_by_their_whole_number() -> None:
    assert naming("reference", [ONE, TEN]) == [
        "OR", ["reference", "like", "Shopify 1/%"], ["reference", "like", "Shopify 10/%"],
    ]  # fmt: skip


def test_only_what_is_posted_counts() -> None:
    rows = [Entered(1, "a", False, Decimal(1)), Entered(2, "b", True, Decimal(2))]
    assert amounts(rows) == {"b": Decimal(2)}


def test_a_second_currency_is_told_only_beside_the_books_own() -> None:
    account = Account(1, ONE, Decimal(60), 2, 3, currency=7, home=7)
    assert account.second(Decimal("-5.01")) == {}
    foreign = Account(1, ONE, Decimal(60), 2, 3, currency=8, home=7)
    assert foreign.second(Decimal("-5.01")) == {
        "second_currency": 8, "amount_second_currency": Decimal("-5.01"),
    }  # fmt: skip


async def test_while_records_are_prepared_together_a_question_is_asked_once() -> None:
    asked: list[Any] = []

    class Counting:
        company = 1

        async def rows(self, *question: Any) -> list[Any]:
            asked.append(question)
            return []

        async def model(self, *question: Any, **context: Any) -> int:
            asked.append((question, context))
            return len(asked)

    looks = Looks(Counting())  # type: ignore[arg-type]
    for _ in range(2):
        await looks.rows("account.period", [["id", "=", 1]], ["name"])
        assert await looks.model("currency.currency", "compute", 1, date=1) == 2
    await looks.rows("account.period", [["id", "=", 2]], ["name"])
    assert len(asked) == 3


def test_goods_are_given_back_by_units() -> None:
    lines = (
        CreditLine("l", Sku("MUG"), "Mug", 3, Decimal("50.00"), Decimal(0)),
        CreditLine("", None, "Refund adjustment", 1, Decimal("-1.00"), Decimal(0)),
    )
    rows: tuple[CreditRow, ...] = credit_rows(entry(EntryKind.CREDIT, 1, "49.00", *lines))
    assert [(row.units, row.amount) for row in rows] == [(3, Decimal("50.00")), (1, Decimal("-1.00"))]
