"""The sandbox answers as Cin7 Core does, oddities included."""

from typing import Any

import httpx
import pytest

HEAD = {
    "Customer": "Shopify",
    "Location": "WH1",
    "TaxRule": "Tax Exempt",
    "CurrencyRate": 1,
    "SkipQuote": True,
    "SaleType": "Advanced",
    "ExternalID": "trueup-1",
}


def line(account: Any, units: int = 2, **more: Any) -> dict[str, Any]:
    product = account.by_hand.get("product", params={"Sku": "MUG"}).json()["Products"][0]
    made = {
        "ProductID": product["ID"], "SKU": "MUG", "Name": product["Name"], "Quantity": units, "Price": 2.5,
        "Discount": 0, "Tax": 0, "TaxRule": "Tax Exempt", "Total": 2.5 * units,
    }  # fmt: skip
    return made | more


def ordered(account: Any, units: int = 2) -> str:
    """An authorised sale of so many mugs."""
    number = account.by_hand.post("sale", json=HEAD).json()["ID"]
    total = 2.5 * units
    body = {
        "SaleID": number, "Status": "AUTHORISED", "Lines": [line(account, units)], "AdditionalCharges": [],
        "TotalBeforeTax": total, "Tax": 0, "Total": total,
    }  # fmt: skip
    assert account.by_hand.post("sale/order", json=body).status_code == 200
    return str(number)


def said(answer: httpx.Response) -> tuple[int, str]:
    """Code and words of an error body."""
    body = answer.json()[0]
    return body["ErrorCode"], body["Exception"]


def test_what_nobody_knows_is_answered_with_a_page(account: Any) -> None:
    for path in ("products", "sale/nothing"):
        answer = account.by_hand.get(path)
        assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")
    assert account.staff.get("/elsewhere").text.startswith("<!DOCTYPE")


def test_a_wrong_key_and_a_verb_that_is_not_there_are_both_403(account: Any) -> None:
    wrong = account.by_hand.get("me", headers={"api-auth-applicationkey": "x"})
    assert (wrong.status_code, said(wrong)) == (403, (403, "Incorrect credentials!"))
    assert account.by_hand.delete("product").status_code == 403


def test_the_sixty_first_call_of_any_key_is_one_too_many(account: Any) -> None:
    other = {"api-auth-applicationkey": account.sandbox.other_key}
    answers = [account.by_hand.get("me", headers=other if at % 2 else {}) for at in range(61)]
    assert [each.status_code for each in answers] == [200] * 60 + [429]
    last = answers[-1]
    assert last.headers["retry-after"] == "1 Seconds"
    assert last.headers["x-ratelimit-limit"] == "60"
    assert last.text == "You have reached 60 calls per 1 seconds API limit."
    assert "retry-after" not in answers[0].headers


def test_errors_may_come_with_status_200(account: Any) -> None:
    account.do("errors", soft=True)
    answer = account.by_hand.get("sale", params={"ID": "nobody"})
    assert answer.status_code == 200
    assert said(answer)[0] == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Total": 5.02}, "incorrect"),
        ({"Tax": 1}, "incorrect"),
        ({"Price": 2.50001}, "decimal"),
        ({"TaxRule": "Nothing"}, "Tax rule"),
        ({"Sku": "MUG"}, "Unknown field"),
        ({"SKU": "NOBODY"}, "not found"),
        ({"ProductID": "7"}, "not found"),
    ],
)
def test_an_order_line_that_does_not_hold_is_declined(account: Any, change: Any, words: str) -> None:
    number = account.by_hand.post("sale", json=HEAD).json()["ID"]
    body = {"SaleID": number, "Status": "AUTHORISED", "TotalBeforeTax": 5, "Tax": 0, "Total": 5}
    answer = account.by_hand.post("sale/order", json=body | {"Lines": [line(account) | change]})
    assert answer.status_code == 400
    assert words in said(answer)[1]


@pytest.mark.parametrize("field", ["Customer", "TaxRule", "CurrencyRate"])
def test_a_sale_needs_its_head(account: Any, field: str) -> None:
    body = {name: value for name, value in HEAD.items() if name != field}
    assert account.by_hand.post("sale", json=body).status_code == 400


def test_an_authorised_order_is_replaced_by_nobody(account: Any) -> None:
    number = ordered(account)
    answer = account.by_hand.post("sale/order", json={"SaleID": number, "Status": "AUTHORISED"})
    assert "DRAFT" in said(answer)[1]


def test_two_sales_may_bear_one_external_id(account: Any) -> None:
    ordered(account)
    ordered(account)
    found = account.by_hand.get("saleList", params={"ExternalID": "trueup-1"}).json()
    assert found["Total"] == 2


def test_the_steps_of_a_fulfilment_come_one_after_the_other(account: Any) -> None:
    number = ordered(account)
    begun = account.by_hand.post("sale/fulfilment", json={"SaleID": number}).json()
    task = begun["Fulfilments"][0]["TaskID"]
    loose = {"SKU": "MUG", "Quantity": 2, "Location": "WH1", "BatchSN": "B1"}
    binned = loose | {"Location": "WH1: A-01"}

    def step(name: str, lines: list[Any]) -> httpx.Response:
        body = {"TaskID": task, "Status": "AUTHORISED", "Lines": lines}
        answer: httpx.Response = account.by_hand.post(f"sale/fulfilment/{name}", json=body)
        return answer

    assert "must be AUTHORISED first" in said(step("pack", [binned | {"Box": "1"}]))[1]
    assert "Batch" in said(step("pick", [loose]))[1]
    assert "exceeds" in said(step("pick", [binned | {"Quantity": 3}]))[1]
    assert step("pick", [binned]).status_code == 200
    assert "cannot be changed" in said(step("pick", [binned]))[1]
    assert "differ" in said(step("pack", [binned | {"Quantity": 1, "Box": "1"}]))[1]
    assert step("pack", [binned | {"Box": "1"}]).status_code == 200
    assert account.shelf("MUG", "WH1") == (10, 2)
    assert "voided" in said(account.by_hand.delete("sale", params={"ID": number, "Void": "true"}))[1]
    gone = {"ShipmentDate": "2026-05-04T10:00:00", "Box": "1", "IsShipped": True}
    assert step("ship", [gone]).status_code == 200
    assert account.shelf("MUG", "WH1") == (8, 0)


def test_nothing_is_credited_that_was_not_invoiced(account: Any) -> None:
    number = ordered(account)
    body = {"SaleID": number, "TaskID": "0", "Status": "AUTHORISED", "CreditNoteDate": "2026-05-04T10:00:00"}
    nothing = "00000000-0000-0000-0000-000000000000"
    answer = account.by_hand.post("sale/creditnote", json=body | {"TaskID": nothing})
    assert "invoice" in said(answer)[1]


def test_availability_has_rows_by_bin_and_batch_and_none_for_nothing(account: Any) -> None:
    rows = account.by_hand.get("ref/productavailability").json()["ProductAvailabilityList"]
    mugs = [row for row in rows if (row["SKU"], row["Location"]) == ("MUG", "WH1")]
    assert [(row["Bin"], row["Batch"], row["OnHand"]) for row in mugs] == [
        ("A-01", "B1", 7.0),
        (None, "B2", 3.0),
    ]
    assert mugs[0]["StockOnHand"] == 7 * 8.75
    assert not [row for row in rows if (row["SKU"], row["Location"]) == ("MUG-XL", "WH2")]


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_has_one_to_a_thousand_rows(account: Any, limit: int) -> None:
    assert account.by_hand.get("product", params={"Limit": limit}).status_code == 400
