"""Which fields of an order our operations ask for, as dotted paths without the `nodes` of connections."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from adapters.shopify.operations import operation

_MONEY = frozenset({"shopMoney", "presentmentMoney"})
_SILENT = frozenset({"pageInfo", "__typename"})


@cache
def order_fields() -> tuple[str, ...]:
    """Every leaf that `read_order` asks for; an amount in both currencies is one leaf."""
    document = parse(operation("read_order"))
    fragments = {
        each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    asked = next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    order = asked.selection_set.selections[0]
    assert isinstance(order, FieldNode) and order.selection_set is not None
    return tuple(sorted(set(_leaves(order.selection_set, fragments, ""))))


def _leaves(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], path: str
) -> Iterator[str]:
    for node in selections.selections:
        match node:
            case FragmentSpreadNode():
                yield from _leaves(fragments[node.name.value].selection_set, fragments, path)
            case InlineFragmentNode():
                yield from _leaves(node.selection_set, fragments, path)
            case FieldNode():
                name = node.name.value
                if name in _MONEY:
                    yield path
                elif name == "nodes" and node.selection_set is not None:
                    yield from _leaves(node.selection_set, fragments, path)
                elif name not in _SILENT:
                    inner = f"{path}.{name}" if path else name
                    if node.selection_set is None:
                        yield inner
                    else:
                        yield from _leaves(node.selection_set, fragments, inner)


@cache
def not_asked() -> Mapping[str, str]:
    """Fields of Shopify's order that our operations leave out, with the reason; all below such a field goes with it."""
    text = (files("adapters.shopify") / "not_asked.toml").read_text("utf-8")
    return dict(tomllib.loads(text)["fields"])
