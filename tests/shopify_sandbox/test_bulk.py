"""Bulk operations refuse, run and end as Shopify's do."""

from typing import Any

import httpx
import orjson
import pytest

RUN = """mutation($query: String!) { bulkOperationRunQuery(query: $query) {
  bulkOperation { id status } userErrors { code field message } } }"""
ONE = """query($id: ID!) { bulkOperation(id: $id) {
  id status errorCode objectCount rootObjectCount fileSize url partialDataUrl createdAt completedAt } }"""
LEVELS = """{ inventoryItems { edges { node { id sku inventoryLevels { edges { node {
  id location { id } quantities(names: ["on_hand"]) { name quantity } } } } } } } }"""


def begun(shop: Any, query: str = LEVELS) -> str:
    answer = shop.data(RUN, query=query)["bulkOperationRunQuery"]
    assert answer["userErrors"] == []
    assert answer["bulkOperation"]["status"] == "CREATED"
    return str(answer["bulkOperation"]["id"])


def ended(shop: Any, said: str) -> Any:
    for _ in range(5000):
        one = shop.data(ONE, id=said)["bulkOperation"]
        if one["status"] not in ("CREATED", "RUNNING", "CANCELING"):
            return one
    raise AssertionError("it never ends")


def refusal(shop: Any, query: str) -> tuple[str, str]:
    [error] = shop.data(RUN, query=query)["bulkOperationRunQuery"]["userErrors"]
    return error["code"], error["message"]


def lines(url: str) -> list[Any]:
    return [orjson.loads(line) for line in httpx.get(url, trust_env=False).content.splitlines()]


def test_every_object_is_a_line_and_children_name_their_parent(shop: Any) -> None:
    done = ended(shop, begun(shop))
    assert (done["status"], done["errorCode"], done["partialDataUrl"]) == ("COMPLETED", None, None)
    found = lines(done["url"])
    assert done["objectCount"] == str(len(found)) == "15"
    assert done["rootObjectCount"] == "5"
    parents = {line["id"]: line for line in found if "__parentId" not in line}
    children = [line for line in found if "__parentId" in line]
    assert {parents[child["__parentId"]]["sku"] for child in children} == {f"MUG-{n}" for n in range(5)}
    assert all("inventoryLevels" not in line for line in found)
    assert {child["quantities"][0]["quantity"] for child in children} == {10}
    assert found != [*parents.values(), *children], "nothing promises an order"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("{ shop { name } }", "at least one connection"),
        ("{ inventoryItems { nodes { id } } }", "edges { node }"),
        ('{ nodes(ids: ["gid://shopify/InventoryItem/1"]) { id } }', "top level"),
        (
            "{ inventoryItems { edges { node { sku inventoryLevels { edges { node { id } } } } } } }",
            "select the 'id'",
        ),
        ("query($a: String) { inventoryItems(query: $a) { edges { node { id } } } }", "variables"),
        ("{ inventoryItems { edges { node { id nonsense } } } }", "nonsense"),
        ("mutation { x }", "Invalid bulk query"),
        ("{ inventoryItems { edges { node { id } } } }" + " " * 65_600, "too large"),
    ],
    ids=["no-connection", "nodes", "top", "no-id", "variables", "unknown", "mutation", "size"],
)
def test_what_cannot_run_in_bulk_is_refused_with_the_reason(shop: Any, query: str, why: str) -> None:
    code, message = refusal(shop, query)
    assert code == "INVALID"
    assert why in message


def test_the_sixth_at_a_time_is_refused(shop: Any) -> None:
    shop.do("bulk", pause=1.0)
    running = [begun(shop) for _ in range(5)]
    code, message = refusal(shop, LEVELS)
    assert code == "OPERATION_IN_PROGRESS"
    assert all(each in message for each in running)


def test_a_failure_leaves_partial_data_behind(shop: Any) -> None:
    shop.do("bulk", fail_after=1)
    done = ended(shop, begun(shop))
    assert (done["status"], done["errorCode"], done["url"]) == ("FAILED", "INTERNAL_SERVER_ERROR", None)
    assert len(lines(done["partialDataUrl"])) == int(done["objectCount"])


def test_a_cancelled_operation_ends_without_a_result(shop: Any) -> None:
    shop.do("bulk", pause=0.2)
    said = begun(shop)
    text = "mutation($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { message } } }"
    assert shop.data(text, id=said)["bulkOperationCancel"]["bulkOperation"]["status"] == "CANCELING"
    done = ended(shop, said)
    assert (done["status"], done["url"]) == ("CANCELED", None)
    assert shop.data(text, id=said)["bulkOperationCancel"]["userErrors"]


def test_an_expired_result_has_no_address(shop: Any) -> None:
    shop.do("bulk", expired=True)
    done = ended(shop, begun(shop))
    assert (done["status"], done["url"]) == ("EXPIRED", None)


def test_an_empty_result_has_no_address(shop: Any) -> None:
    done = ended(shop, begun(shop, '{ inventoryItems(query: "sku:NONE") { edges { node { id } } } }'))
    assert (done["status"], done["objectCount"], done["url"]) == ("COMPLETED", "0", None)
