"""The sandbox's account with SuiteTax declines what NetSuite declines, and computes taxes that nobody entered."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.netsuite.sandbox.asked import Wrong
from adapters.netsuite.sandbox.ledger import Ledger
from adapters.netsuite.sandbox.records import RecordService
from adapters.netsuite.sandbox.suiteql import SuiteQl
from adapters.netsuite.sandbox.tables import Tables
from adapters.netsuite.sandbox.taxing import Taxes
from adapters.sandbox.books import Books

ITEMS = {"MUG": (101, "InvtPart"), "SHIPPING": (10, "OthCharge")}
FIRST = {"item": {"id": "101"}, "quantity": 2, "rate": 10, "amount": 20, "location": {"id": "1"}}
POST = {"item": {"id": "10"}, "quantity": 1, "rate": 5, "amount": 5}


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(Books({"MUG": "Mug"}, ["A"], {("MUG", "A"): 9}))


@pytest.fixture
def records(ledger: Ledger) -> RecordService:
    made = RecordService(ledger.books, ledger, ITEMS, "EUR", Taxes(suite_tax=True))
    made.put_customer("c", {"companyName": "Ada"})
    return made


def detail(**more: Any) -> dict[str, Any]:
    plain = {
        "taxDetailsReference": {"id": "a"}, "taxType": "13", "taxCode": {"id": "901"}, "taxBasis": 20.0,
        "taxRate": 19.0, "taxAmount": 3.8,
    }  # fmt: skip
    return {**plain, **more}


def body(*details: dict[str, Any], **more: Any) -> dict[str, Any]:
    lines = [{**FIRST, "taxDetailsReference": "a"}, {**POST, "taxDetailsReference": "b"}]
    return {
        "entity": {"id": "500"}, "item": {"items": lines}, "taxDetailsOverride": True,
        "taxDetails": {"items": list(details)}, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (body(detail(taxDetailsReference={"id": "c"})), "taxDetailsReference"),
        (body(detail(taxDetailsReference="a")), "taxDetailsReference"),
        (body(detail(taxCode={"id": "7"})), "taxCode"),
        (body(detail(taxCode={"id": "909"})), "taxCode"),
        (body(detail(taxType="14")), "taxType"),
        (body(detail(taxType={"id": "13"})), "taxType"),
        (body(detail(taxRate=None)), r"enter value\(s\) for: taxRate"),
        (body(detail(taxRate=0.19)), "no tax of 0.19% on 20"),
        (body(detail(taxAmount=3.801)), "taxAmount"),
        (body(detail(taxAmount="3.80")), "Invalid number"),
        (body(detail(amount=3.8)), "Unknown reference or field"),
        (body(item={"items": [{**FIRST, "taxDetailsReference": "a"}, {**POST, "taxDetailsReference": "a"}]}), "Duplicate"),
    ],
)  # fmt: skip
def test_details_that_do_not_fit_are_declined(
    records: RecordService, ledger: Ledger, wrong: dict[str, Any], why: str
) -> None:
    with pytest.raises(Wrong, match=why):
        records.put_order("x", wrong, replace=True)
    assert not ledger.transactions and not ledger.books.orders


def test_an_account_with_legacy_tax_knows_none_of_it(ledger: Ledger) -> None:
    legacy = RecordService(ledger.books, ledger, ITEMS, "EUR")
    legacy.put_customer("c", {"companyName": "Ada"})
    for more in ({"taxDetailsOverride": True}, {"taxDetails": {"items": []}}):
        with pytest.raises(Wrong, match="Unknown reference or field taxDetails"):
            legacy.put_order("x", {"entity": {"id": "500"}, "item": {"items": [FIRST]}, **more}, replace=True)
    lines = {"items": [{**FIRST, "taxDetailsReference": "a"}]}
    with pytest.raises(Wrong, match="taxDetailsReference"):
        legacy.put_order("x", {"entity": {"id": "500"}, "item": lines}, replace=True)
    with pytest.raises(Wrong, match="does not exist") as no:
        legacy.find("salesTaxItem", "901")
    assert no.value.status == 404
    number = legacy.put_order("x", {"entity": {"id": "500"}, "item": {"items": [FIRST]}}, replace=True)
    assert "taxDetails" not in legacy.order(number)


def test_without_the_override_the_engine_computes_its_own(records: RecordService) -> None:
    for key, sent in (
        ("x", body(detail(), taxDetailsOverride=False)),
        ("y", {**body(), "taxDetailsOverride": None}),
    ):
        number = records.put_order(key, sent, replace=True)
        assert (records.order(number)["total"], records.order(number)["taxTotal"]) == (30.0, 5.0)
        more = {"line": 1, "quantity": 4, "amount": 40}
        records.patch_order(number, {"item": {"items": [more]}})
        assert records.order(number)["taxTotal"] == 9.0


def test_details_are_added_unless_they_are_replaced_and_go_with_their_line(records: RecordService) -> None:
    number = records.put_order("x", body(detail()), replace=True)
    assert records.order(number)["total"] == 28.8
    again = {"taxDetails": {"items": [detail(taxRate=10.0, taxAmount=2.0)]}}
    records.patch_order(number, again)
    assert records.order(number)["taxTotal"] == 5.8
    records.patch_order(number, again, replace_taxes=True)
    assert records.order(number)["taxTotal"] == 2.0
    records.patch_order(number, {"item": {"items": [{"line": 2}]}}, replace=True)
    assert (records.order(number)["total"], records.order(number)["taxDetails"]["items"]) == (5.0, [])


def test_lines_without_a_reference_get_one_of_the_order(records: RecordService) -> None:
    number = records.put_order("x", body(item={"items": [FIRST, POST]}), replace=True)
    assert [each["taxDetailsReference"] for each in records.order(number)["item"]["items"]] == [
        f"{number}_1", f"{number}_2",
    ]  # fmt: skip
    records.patch_order(
        number, {"taxDetails": {"items": [detail(taxDetailsReference={"id": f"{number}_1"})]}}
    )
    assert records.order(number)["taxTotal"] == 3.8


def test_suiteql_shows_taxes_as_tax_lines(records: RecordService, ledger: Ledger) -> None:
    number = records.put_order("x", body(detail()), replace=True)
    ask = SuiteQl(Tables(ledger, dict(ITEMS), "EUR")).ask
    question = f"SELECT linesequencenumber, taxline FROM transactionline WHERE transaction = {number} AND mainline = 'F'"
    assert [row["taxline"] for row in ask(question)] == ["F", "F", "T"]
    [head] = ask(f"SELECT foreigntotal FROM transaction WHERE id = {number}")
    assert Decimal(head["foreigntotal"]) == Decimal("28.8")
