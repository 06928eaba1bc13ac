"""Replacing the lines of a sales order keeps those named by their number, as a keyed sublist does."""

import pytest

from adapters.netsuite.sandbox.ledger import Ledger
from adapters.netsuite.sandbox.records import RecordService, Wrong
from adapters.sandbox.books import Books

ITEMS = {"MUG": (101, "InvtPart"), "CAP": (102, "InvtPart"), "SHIPPING": (10, "OthCharge")}


@pytest.fixture
def records() -> RecordService:
    books = Books({"MUG": "Mug", "CAP": "Cap"}, ["A"], {("MUG", "A"): 9, ("CAP", "A"): 9})
    made = RecordService(books, Ledger(books), ITEMS, "EUR")
    made.put_customer("c", {"companyName": "Ada"})
    return made


def line(item: int, units: int, rate: float) -> dict[str, object]:
    place = {"location": {"id": "1"}} if item > 100 else {}
    return {"item": {"id": str(item)}, "quantity": units, "rate": rate, "amount": units * rate, **place}


def order(records: RecordService) -> str:
    items = {"items": [line(101, 3, 2.5), line(102, 1, 4.0), line(10, 1, 5.0)]}
    return records.put_order("x-1", {"entity": {"id": "500"}, "item": items}, replace=True)


def lines(records: RecordService, number: str) -> list[tuple[int, float, float]]:
    return [(one["line"], one["quantity"], one["amount"]) for one in records.order(number)["item"]["items"]]


def test_lines_named_stay_those_not_named_go_and_others_are_added(records: RecordService) -> None:
    number = order(records)
    asked = [{"line": 1, "quantity": 2, "rate": 2.4, "amount": 4.8}, {"line": 3}, line(102, 2, 3.0)]
    records.patch_order(number, {"item": {"items": asked}}, replace=True)
    assert lines(records, number) == [(1, 2.0, 4.8), (3, 1.0, 5.0), (4, 2.0, 6.0)]


def test_a_line_that_was_fulfilled_is_not_removed_nor_made_less(records: RecordService) -> None:
    number = order(records)
    sent = {"shipStatus": {"id": "C"}, "item": {"items": [
        {"orderLine": 1, "quantity": 2}, {"orderLine": 2, "itemReceive": False},
    ]}}  # fmt: skip
    records.fulfil(number, sent)
    with pytest.raises(Wrong, match="cannot remove a line that was fulfilled"):
        records.patch_order(number, {"item": {"items": [{"line": 2}, {"line": 3}]}}, replace=True)
    with pytest.raises(Wrong, match="cannot be less than what was fulfilled"):
        records.patch_order(number, {"item": {"items": [{"line": 1, "quantity": 1}]}})
    assert lines(records, number)[0] == (1, 3.0, 7.5)


def test_an_amount_that_is_not_quantity_times_rate_is_declined(records: RecordService) -> None:
    number = order(records)
    with pytest.raises(Wrong, match="Invalid amount"):
        records.patch_order(
            number, {"item": {"items": [{"line": 1, "quantity": 2, "rate": 2.5, "amount": 4.0}]}}
        )
