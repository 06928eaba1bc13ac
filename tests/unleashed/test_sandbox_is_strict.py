"""The sandbox answers as Unleashed does, oddities included."""

import re
from typing import Any

import httpx
import pytest

from adapters.unleashed.client import signature
from tests.accounts import sale
from tests.unleashed.conftest import BOWL, MUG, WH1, WH2

GUID = "0c6c1a52-1111-4222-8333-444455556666"


def asked(account: Any, method: str, path: str, query: str = "", body: Any = None) -> httpx.Response:
    """A call by hand, signed."""
    headers = {
        "api-auth-id": account.sandbox.api_id, "client-type": "brand/tests",
        "api-auth-signature": signature(account.sandbox.key.encode(), query.encode()),
    }  # fmt: skip
    url = f"/{path}?{query}" if query else f"/{path}"
    answer: httpx.Response = account.staff.request(method, url, headers=headers, json=body)
    return answer


def said(answer: httpx.Response) -> str:
    """The words of an error body."""
    return str(answer.json()["Items"][0]["Description"])


def order(units: int = 2, **more: Any) -> dict[str, Any]:
    line = {
        "LineNumber": 1, "Product": {"ProductCode": MUG}, "OrderQuantity": units, "UnitPrice": 2.5, "DiscountRate": 0,
        "LineTotal": 2.5 * units, "TaxRate": 0, "LineTax": 0,
    }  # fmt: skip
    head = {
        "OrderStatus": "Placed", "Customer": {"CustomerCode": "SHOPIFY"}, "Warehouse": {"WarehouseCode": WH1},
        "Tax": {"TaxCode": "NONE"}, "TaxRate": 0, "SourceId": "trueup-1", "Comments": "note", "SalesOrderLines": [line],
        "SubTotal": 2.5 * units, "TaxTotal": 0, "Total": 2.5 * units,
    }  # fmt: skip
    return {**head, **more}


def test_stock_without_a_warehouse_is_the_total_of_all_with_a_blank_one(account: Any) -> None:
    (row,) = (r for r in asked(account, "GET", "StockOnHand").json()["Items"] if r["ProductCode"] == MUG)
    assert (row["Warehouse"], row["QtyOnHand"]) == (None, 16.0)
    assert re.fullmatch(r"/Date\(\d+\)/", row["LastModifiedOn"])


def test_products_that_never_moved_are_absent(account: Any) -> None:
    account.sandbox.books.products["NEW"] = "New"
    everywhere = asked(account, "GET", "StockOnHand/1", "warehouseCode=WH1").json()
    assert {row["ProductCode"] for row in everywhere["Items"]} == {MUG, BOWL}
    number = asked(account, "GET", "Products", "productCode=NEW").json()["Items"][0]["Guid"]
    assert asked(account, "GET", f"StockOnHand/{number}/AllWarehouses").status_code == 404


def test_the_page_is_in_the_path_and_not_signed(account: Any) -> None:
    first = asked(account, "GET", "StockOnHand/1", "pageSize=1").json()
    second = asked(account, "GET", "StockOnHand/Page/2", "pageSize=1").json()
    assert first["Pagination"] == {
        "NumberOfItems": 2, "PageSize": 1, "PageNumber": 1, "NumberOfPages": 2,
    }  # fmt: skip
    assert {page["Items"][0]["ProductCode"] for page in (first, second)} == {MUG, BOWL}
    assert asked(account, "GET", "StockOnHand", "pageSize=1001").status_code == 400


def test_a_put_replaces_and_a_guid_that_is_taken_is_declined(account: Any) -> None:
    assert asked(account, "POST", f"SalesOrders/{GUID}", body=order()).status_code == 201
    again = asked(account, "POST", f"SalesOrders/{GUID}", body=order())
    assert (again.status_code, "exists already" in said(again)) == (400, True)
    body = {name: value for name, value in order(1).items() if name not in ("Comments", "SourceId")}
    assert asked(account, "PUT", f"SalesOrders/{GUID}", body=body).status_code == 200
    after = asked(account, "GET", f"SalesOrders/{GUID}").json()
    assert (after.get("Comments"), after.get("SourceId")) == (None, None)
    assert account.shelf(MUG, WH1) == (10, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Total": 5.01}, "Total must be"),
        ({"Colour": "red"}, "no field Colour"),
        ({"Customer": {"CustomerCode": "NOBODY"}}, "NOBODY was not found"),
        ({"Warehouse": {"WarehouseCode": "NOWHERE"}}, "NOWHERE was not found"),
        ({"TaxRate": 0.2}, "rate of tax"),
        ({"OrderStatus": "Completed"}, "cannot be set"),
        ({"OrderDate": "2026-05-04"}, "not a valid date"),
        ({"SourceId": "x" * 51}, "longer than 50"),
        ({"Currency": {"CurrencyCode": "GBP"}}, "currency is EUR"),
    ],
)
def test_what_does_not_fit_is_declined_and_leaves_nothing(account: Any, change: Any, words: str) -> None:
    answer = asked(account, "POST", f"SalesOrders/{GUID}", body=order(**change))
    assert (answer.status_code, words in said(answer)) == (400, True), answer.text
    assert asked(account, "GET", f"SalesOrders/{GUID}").status_code == 404
    assert account.shelf(MUG, WH1) == (10, 0)


def test_deleted_orders_are_told_only_when_their_status_is_asked_for(account: Any) -> None:
    asked(account, "POST", f"SalesOrders/{GUID}", body=order())
    asked(account, "DELETE", f"SalesOrders/{GUID}")
    states = "orderStatus=Placed%2CDeleted"
    assert asked(account, "GET", "SalesOrders").json()["Items"] == []
    assert asked(account, "GET", "SalesOrders", "sourceId=trueup-1").json()["Items"] == []
    assert [r["Guid"] for r in asked(account, "GET", "SalesOrders", states).json()["Items"]] == [GUID]


def test_units_that_were_dispatched_stay_on_their_order(account: Any) -> None:
    number = asked(account, "POST", f"SalesOrders/{GUID}", body=order()).json()["OrderNumber"]
    line = {"SalesOrderLineNumber": 1, "Product": {"ProductCode": MUG}, "ShipmentQty": 2}
    body = {"OrderNumber": number, "ShipmentStatus": "Dispatched", "SalesShipmentLines": [line]}
    assert asked(account, "POST", "SalesShipments", body=body).status_code == 201
    assert "exceeds" in said(asked(account, "POST", "SalesShipments", body=body))
    for change in (order(1), order(2, Warehouse={"WarehouseCode": WH2})):
        assert asked(account, "PUT", f"SalesOrders/{GUID}", body=change).status_code == 400
    assert asked(account, "DELETE", f"SalesOrders/{GUID}").status_code == 400


def test_a_sixty_first_call_and_one_beyond_the_month_are_refused(account: Any) -> None:
    account.sandbox.window.seconds = 3600.0  # however slowly the calls come
    for _ in range(60):
        assert asked(account, "GET", "Warehouses").status_code == 200
    busy = asked(account, "GET", "Warehouses")
    assert busy.status_code == 429
    assert 3000 < int(busy.headers["retry-after"]) <= 3600
    account.do("quota", left=0)
    assert (over := asked(account, "GET", "Warehouses")).status_code == 403
    assert "monthly" in said(over)


async def test_staff_see_the_shop_s_order_as_it_was_entered(account: Any, office: Any) -> None:
    await office().create(sale((MUG, 2, WH1), (BOWL, 1, WH2)))
    assert account.calls.count(("POST", "SalesOrders")) == 2
    (document,) = account.state()["documents"]
    assert (document["total"], len(document["lines"])) == ("12.4", 2)
