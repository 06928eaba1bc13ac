"""Every operation TrueUp can send is valid against the published schema."""

from importlib.resources import files

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from adapters.shopify.levels import WIDEST, levels_query
from adapters.shopify.operations import names, operation
from adapters.shopify.sandbox.cost import Costing


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((files("adapters.shopify") / "schema" / "admin-2026-10.graphql").read_text("utf-8"))


@pytest.mark.parametrize("name", names())
def test_an_operation_is_valid_and_named_like_its_file(schema, name):
    document = parse(operation(name))
    assert validate(schema, document) == []
    assert document.definitions[0].name.value == "".join(part.capitalize() for part in name.split("_"))


@pytest.mark.parametrize("locations", [1, 2, WIDEST])
def test_the_query_for_levels_is_valid_for_any_number_of_locations(schema, locations):
    assert validate(schema, parse(levels_query(locations))) == []


def test_one_operation_costs_far_less_than_one_query_may(schema):
    """Shopify refuses above 1,000 points; the sandbox counts them by the same formula."""
    dear = {
        name: Costing(schema, document, {}).of(document.definitions[0])
        for name in names()
        if (document := parse(operation(name)))
    }
    assert max(dear.values()) <= 300, dear
    assert dear["read_order"] <= 200
