"""The carried schema: cut by a script, and answered by the sandbox in every field."""

from typing import Any

import pytest
from graphql import (
    GraphQLObjectType,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    introspection_from_schema,
    is_leaf_type,
    is_required_argument,
    parse,
    print_schema,
)

from adapters.shopify.sandbox.binding import SLICE, executable
from adapters.shopify.schema.slice import Slice

HANDED = {"quantities": '(names: ["on_hand", "available"])'}


def test_slicing_the_slice_changes_nothing() -> None:
    carried = build_schema(SLICE.read_text("utf-8"))
    again = Slice(dict(introspection_from_schema(carried))["__schema"]).sdl()
    assert print_schema(build_schema(again)) == print_schema(carried)


def test_the_slice_names_types_only() -> None:
    document = parse(SLICE.read_text("utf-8"))
    assert not any(getattr(node, "description", None) for node in document.definitions)


def selection(kind: Any, depth: int) -> str:
    """All fields of a type that need no arguments, so many levels deep."""
    if isinstance(kind, GraphQLUnionType) or not isinstance(kind, GraphQLObjectType):
        return "{ __typename }"
    parts = ["__typename"]
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        given = HANDED.get(name, "")
        if not given and any(is_required_argument(a) for a in field.args.values()):
            continue
        if is_leaf_type(inner):
            parts.append(name + given)
        elif inner.name.endswith("Connection"):
            if depth:
                node = get_named_type(inner.fields["nodes"].type)
                parts.append(
                    f"{name}(first: 2) {{ nodes {selection(node, depth - 1)} pageInfo {{ hasNextPage }} }}"
                )
        elif depth:
            parts.append(f"{name}{given} {selection(inner, depth - 1)}")
    return "{ " + " ".join(parts) + " }"


@pytest.mark.parametrize(
    "kind",
    ["Order", "InventoryItem", "ProductVariant", "Location", "FulfillmentOrder", "Fulfillment", "Refund"],
)
def test_every_field_of_an_object_is_answered(opened: Any, kind: str) -> None:
    shop = opened(plan_rate=100_000)
    placed = shop.do(
        "checkout", lines=[{"sku": "MUG-1", "quantity": 2}, {"sku": "MUG-2", "quantity": 1}], shipping="5",
        discount={"kind": "line", "percent": 5}, tax_rate="0.1", gift_card="3", currency="EUR",
    )  # fmt: skip
    shop.do("fulfil", order=placed["id"])
    shop.do("refund", order=placed["id"], quantity=1)
    row = shop.order(placed["id"])
    item = shop.item("MUG-1")
    ids = {
        "Order": row["id"],
        "InventoryItem": item,
        "ProductVariant": shop.data("query V($i: ID!) { inventoryItem(id: $i) { variant { id } } }", i=item)["inventoryItem"]["variant"]["id"],
        "Location": "gid://shopify/Location/1",
        "FulfillmentOrder": row["fulfilment_orders"][0]["id"],
        "Fulfillment": row["fulfillments"][0]["id"],
        "Refund": row["refunds"][0]["id"],
    }  # fmt: skip
    fields = executable().type_map[kind]
    for name, field in fields.fields.items():
        inner = get_named_type(field.type)
        one = GraphQLObjectType(kind, {name: field})
        query = f"query Q($id: ID!) {{ node(id: $id) {{ ... on {kind} {selection(one, 2)} }} }}"
        answer = shop.ask(query, id=ids[kind])
        assert "errors" not in answer, (kind, name, inner.name, answer["errors"][:2])
