"""The sandbox answers as Omni does, oddities included."""

from typing import Any

import httpx
import pytest

from adapters.cin7_omni.sandbox import start
from tests.cin7_omni.conftest import BOWL, MUG, WH1


def asked(account: Any, method: str, path: str, body: Any = None, **params: Any) -> httpx.Response:
    """A call by hand."""
    answer: httpx.Response = account.staff.request(
        method, f"/api/v1/{path}", params=params, json=body, auth=(account.sandbox.user, account.sandbox.key)
    )
    return answer


def order(**more: Any) -> dict[str, Any]:
    head = {
        "reference": "trueup-1", "customerOrderNo": "trueup-1", "memberId": 41, "branchId": 1, "currencyCode": "EUR",
        "taxStatus": "Exempt", "lineItems": [{"code": MUG, "qty": 2, "unitPrice": 2.5}],
    }  # fmt: skip
    return {**head, **more}


def test_two_hundred_even_when_all_of_a_batch_failed(account: Any) -> None:
    batch = [order(), order(reference="other", lineItems=[{"code": "NOBODY", "qty": 1}])]
    first = asked(account, "POST", "SalesOrders", batch)
    assert first.status_code == 200
    assert [each["success"] for each in first.json()] == [True, False]
    again = asked(account, "POST", "SalesOrders", [order()])
    assert (again.status_code, again.json()[0]["success"], again.json()[0]["id"]) == (200, False, 0)
    assert "already exists" in again.json()[0]["errors"][0]
    assert account.shelf(MUG, WH1) == (10, 2)


def test_fields_are_taken_in_any_case_and_told_in_one(account: Any) -> None:
    shouted = {name.upper(): value for name, value in order().items()}
    number = asked(account, "POST", "SalesOrders", [shouted]).json()[0]["id"]
    told = asked(account, "GET", f"SalesOrders/{number}").json()
    assert (told["customerOrderNo"], told["branchId"], told["total"]) == ("trueup-1", 1, 5.0)


def test_a_put_leaves_what_is_null_and_a_void_order_stays_void(account: Any) -> None:
    number = asked(account, "POST", "SalesOrders", [order(internalComments="a")]).json()[0]["id"]
    asked(account, "PUT", "SalesOrders", [{"id": number, "internalComments": None, "stage": "Processing"}])
    told = asked(account, "GET", f"SalesOrders/{number}").json()
    assert (told["internalComments"], told["stage"], told["status"]) == ("a", "Processing", "APPROVED")
    assert asked(account, "PUT", "SalesOrders", [{"id": number, "isVoid": True}]).json()[0]["success"]
    for change in ({"isVoid": False}, {"dispatchedDate": "2026-05-04T00:00:00Z"}):
        assert not asked(account, "PUT", "SalesOrders", [{"id": number, **change}]).json()[0]["success"]
    assert account.shelf(MUG, WH1) == (10, 0)


def test_rows_and_batches_have_a_most_and_a_listing_ends_with_an_empty_page(account: Any) -> None:
    too_many = asked(account, "GET", "Stock", rows=251)
    assert (too_many.status_code, too_many.json()) == (400, "The rows argument cannot be greater than 250.")
    batch = [order(reference=f"r{at}") for at in range(251)]
    assert asked(account, "POST", "SalesOrders", batch).json() == "Batch limit is 250."
    assert asked(account, "POST", "SalesOrders", [order(), order()]).status_code == 400
    assert asked(account, "GET", "Stock", page=2, rows=250).json() == []


@pytest.mark.parametrize(
    ("where", "codes"),
    [
        ("code='MUG'", {MUG}),
        ("CODE = 'mug' and branchid=1", {MUG}),
        ("code IN ('MUG','NOBODY')", {MUG}),
        ("code NOT IN ('MUG')", {BOWL}),
        ("code LIKE 'BOWL''S%'", {BOWL}),
        ("code<>'MUG' AND branchId>=2", {BOWL}),
        ("modifiedDate>='2000-01-01T00:00:00Z'", set()),
        ("modifiedDate<'2000-01-01T00:00:00Z'", {MUG, BOWL}),
        ("branchName IS NOT NULL", {MUG, BOWL}),
        ("branchName IS NULL", set()),
    ],
)
def test_conditions_it_knows(account: Any, where: str, codes: set[str]) -> None:
    rows = asked(account, "GET", "Stock", where=where).json()
    assert {row["code"] for row in rows} == codes


@pytest.mark.parametrize(
    "where",
    ["code='MUG' OR code='X'", "colour='red'", "code=", "code='MUG' --", "lineItems IS NULL", "code=MUG"],
)
def test_conditions_it_does_not_know_are_an_error(account: Any, where: str) -> None:
    answer = asked(account, "GET", "Stock", where=where)
    assert (answer.status_code, isinstance(answer.json(), str)) == (400, True)


def test_a_wrong_key_an_endpoint_that_is_off_and_both_forms_of_an_error(account: Any) -> None:
    wrong = account.staff.get("/api/v1/Stock", auth=("BrandUS", "x"))
    assert wrong.status_code == 401
    account.do("rights", deny=["Stock"])
    account.do("errors", form="message")
    off = asked(account, "GET", "Stock")
    assert (off.status_code, "not enabled" in off.json()["Message"]) == (403, True)


def test_three_limits_stand_one_over_the_other() -> None:
    for limits, day, most in (
        ([(3, 60.0), (60, 60.0)], 100, 3),
        ([(60, 60.0), (5, 60.0)], 100, 5),
        ([], 4, 4),
    ):
        sandbox = start(skus=["MUG"], limits=limits, day=day)
        with httpx.Client(base_url=sandbox.url, auth=(sandbox.user, sandbox.key), trust_env=False) as client:
            answers = [client.get("/Branches") for _ in range(most + 1)]
        sandbox.stop()
        assert [answer.status_code for answer in answers] == [200] * most + [429]
        assert answers[-1].json() == "Rate limit exceeded. Retry after some time."
        assert "retry-after" not in answers[-1].headers
