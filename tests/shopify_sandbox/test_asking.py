"""Keys, versions, costs and questions the schema does not have an answer to."""

from typing import Any

import pytest

from adapters.shopify.sandbox.cost import sized


def test_a_wrong_token_is_refused_with_a_bare_text(shop: Any) -> None:
    reply = shop.raw("{ shop { name } }", token="wrong")
    assert reply.status_code == 401
    assert isinstance(reply.json()["errors"], str)


def test_client_credentials_open_the_shop(shop: Any) -> None:
    form = {"grant_type": "client_credentials", "client_id": "sandbox-client", "client_secret": "no"}
    refused = shop.http.post("/admin/oauth/access_token", data=form)
    assert refused.status_code == 400 and "application_cannot_be_found" in refused.text
    form["client_secret"] = "sandbox-client-secret"
    given = shop.http.post("/admin/oauth/access_token", data=form).json()
    assert given["expires_in"] == 86399
    assert shop.raw("{ shop { name } }", token=given["access_token"]).status_code == 200


def test_the_version_that_served_is_named(shop: Any) -> None:
    assert shop.raw("{ shop { name } }").headers["X-Shopify-API-Version"] == "2026-10"
    assert shop.raw("{ shop { name } }", version="2025-10").headers["X-Shopify-API-Version"] == "2026-10"
    assert shop.raw("{ shop { name } }", version="2031-01").status_code == 404


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ shop { nickname } }", "undefinedField"),
        ("{ order { id } }", "missingRequiredArguments"),
        ("{ shop { name(long: true) } }", "argumentNotAccepted"),
        ("{ shop }", "selectionMismatch"),
        ("{ shop { name } ", "parseError"),
        ("query Q($id: ID!) { shop { name } }", "variableNotUsed"),
        ("query Q($id: String) { order(id: $id) { id } }", "variableMismatch"),
        ('{ order(id: "7") { id } }', "argumentLiteralsIncompatible"),
        ("{ orders { nodes { id } } }", "BAD_REQUEST"),
        ("{ orders(first: 251) { nodes { id } } }", "BAD_REQUEST"),
        ('{ orders(first: 1, after: "nonsense!") { nodes { id } } }', "BAD_REQUEST"),
        ('{ order(id: "gid://shopify/Order/0") { id } }', "RESOURCE_NOT_FOUND"),
    ],
)
def test_a_question_the_schema_does_not_have_is_refused(shop: Any, query: str, code: str) -> None:
    assert shop.ask(query, id="x")["errors"][0]["extensions"]["code"] == code


def test_a_variable_of_the_wrong_type_is_refused(shop: Any) -> None:
    error = shop.error("query Q($n: Int!) { orders(first: $n) { nodes { id } } }", n="many")
    assert error["extensions"]["code"] == "INVALID_VARIABLE"


def test_an_unknown_search_field_is_ignored_with_a_warning(shop: Any) -> None:
    answer = shop.ask("{ orders(first: 1, query: \"updatedat:>'2026-01-01'\") { nodes { id } } }")
    assert answer["extensions"]["search"][0]["warnings"][0]["field"] == "updatedat"


def test_connections_cost_as_measured() -> None:
    asked = {0: 2, 1: 3, 5: 5, 10: 6, 20: 7, 50: 9, 100: 11, 250: 13}
    assert {first: sized(first, 0) for first in asked} == asked


def cost_of(shop: Any, query: str, **variables: Any) -> Any:
    return shop.ask(query, **variables)["extensions"]["cost"]


def test_costs_are_told_with_every_answer(shop: Any) -> None:
    cost = cost_of(shop, "{ orders(first: 250) { nodes { id } pageInfo { hasNextPage } } }")
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (13, 2)
    assert cost["throttleStatus"]["maximumAvailable"] == 20000
    assert cost_of(shop, "{ ordersCount { count } }")["requestedQueryCost"] == 10
    nested = '{ inventoryItems(first: 250) { nodes { id inventoryLevels(first: 50) { nodes { location { id } quantities(names: ["on_hand"]) { quantity } } } } } }'
    assert cost_of(shop, nested)["requestedQueryCost"] == 2 + 11 * (1 + 2 + 7 * 3)


def test_objects_by_id_cost_each(shop: Any) -> None:
    query = "query N($ids: [ID!]!) { nodes(ids: $ids) { ... on InventoryItem { sku variant { id } } } }"
    assert cost_of(shop, query, ids=[shop.item("MUG-1"), shop.item("MUG-2")])["requestedQueryCost"] == 4


def test_a_mutation_costs_ten(shop: Any) -> None:
    query = 'mutation { webhookSubscriptionDelete(id: "gid://shopify/WebhookSubscription/1") { userErrors { message } } }'
    assert cost_of(shop, query)["requestedQueryCost"] == 10


def test_too_dear_a_query_never_runs(shop: Any) -> None:
    deep = "{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { id product { variants(first: 250) { nodes { id } } } } } } } }"
    error = shop.error(deep)
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert error["extensions"]["maxCost"] == 1000 and error["extensions"]["cost"] > 1000


def test_an_empty_bucket_throttles(opened: Any) -> None:
    shop = opened(plan_rate=1)
    query = "{ orders(first: 10) { nodes { id } } inventoryItems(first: 5) { nodes { id } } }"
    answers = [shop.ask(query) for _ in range(6)]
    throttled = [answer for answer in answers if "errors" in answer]
    assert throttled and throttled[0]["errors"] == [
        {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    ]
    assert "data" not in throttled[0]
    cost = throttled[0]["extensions"]["cost"]
    assert cost["actualQueryCost"] is None and cost["throttleStatus"]["restoreRate"] == 1
    assert shop.state()["api"]["throttled"] == len(throttled)


def test_scopes_and_locations_are_told(opened: Any) -> None:
    shop = opened(scopes=["read_locations"], locations=["Main", "East", "West"])
    data = shop.data(
        "{ currentAppInstallation { accessScopes { handle } } locations(first: 2) { nodes { id name } pageInfo { hasNextPage endCursor } } }"
    )
    assert data["currentAppInstallation"] == {"accessScopes": [{"handle": "read_locations"}]}
    page = data["locations"]
    assert (
        page["nodes"][1] == {"id": "gid://shopify/Location/2", "name": "East"}
        and page["pageInfo"]["hasNextPage"]
    )
    rest = shop.data(
        "query P($after: String) { locations(first: 2, after: $after) { nodes { name } pageInfo { hasNextPage } } }",
        after=page["pageInfo"]["endCursor"],
    )
    assert rest["locations"] == {"nodes": [{"name": "West"}], "pageInfo": {"hasNextPage": False}}


def test_every_object_is_found_by_id_or_is_null(shop: Any) -> None:
    ids = [shop.item("MUG-1"), "gid://shopify/Order/1", "gid://shopify/Location/2"]
    query = "query N($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }"
    assert shop.data(query, ids=ids)["nodes"] == [
        {"id": ids[0], "__typename": "InventoryItem"}, None, {"id": ids[2], "__typename": "Location"},
    ]  # fmt: skip
    assert shop.error(query, ids=ids[:1] * 251)["extensions"]["code"] in ("MAX_INPUT_SIZE_EXCEEDED",)
