"""Which fields mutations came with: the log that shows what an app writes, whatever it says of itself."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import FieldNode, GraphQLSchema, OperationDefinitionNode, get_argument_values


def note(
    received: dict[str, Counter[str]],
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    values: Mapping[str, Any],
) -> None:
    """Count every field that the roots of a mutation were given, by its path without list indexes."""
    assert schema.mutation_type is not None
    for node in operation.selection_set.selections:
        if isinstance(node, FieldNode):
            root = node.name.value
            given = get_argument_values(schema.mutation_type.fields[root], node, dict(values))
            received.setdefault(root, Counter()).update(set(paths(given)))


def paths(value: Any, before: str = "") -> Iterator[str]:
    """The paths of the leaves of an input, null ones too; the value of a metafield is named by which one it is."""
    if isinstance(value, dict) and {"namespace", "key", "value"} <= value.keys():
        yield from (f"{before}.{name}" for name in value if name != "value")
        yield f"{before}.{value['namespace']}.{value['key']}"
    elif isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from paths(inner, f"{before}.{name}" if before else name)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from paths(inner, before)
    else:
        yield before
