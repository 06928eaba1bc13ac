"""A bulk query: what Shopify refuses in one, how it is run page by page, and how its objects become lines.

Shopify's rules (shopify.dev, "Perform bulk operations"): at least one and at most five connections, nested at most
two deep, `edges { node }` and not `nodes`, the parent of a nested connection selects its id, no `node` or `nodes` at
the top, no variables, at most 65,535 bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    get_named_type,
    parse,
    validate,
)

MOST_BYTES, MOST_CONNECTIONS, DEEPEST = 65_535, 5, 2
SLICE = 250
"""Objects at the root that are read at a time."""
Json = dict[str, Any]


class NotBulk(Exception):
    """Shopify refuses this as a bulk query; the text says why."""


@dataclass(frozen=True, slots=True)
class BulkQuery:
    """A query that may run in bulk: one root connection at a time."""

    schema: GraphQLSchema
    roots: tuple[FieldNode, ...]

    def page(self, root: FieldNode, after: str | None) -> DocumentNode:
        """The document that reads the next objects of a root connection."""
        given = [
            argument
            for argument in root.arguments
            if argument.name.value not in ("first", "last", "after", "before")
        ]
        sized = [_argument("first", IntValueNode(value=str(SLICE)))]
        onward = [_argument("after", StringValueNode(value=after))] if after is not None else []
        assert root.selection_set is not None
        ends = _field("pageInfo", _field("hasNextPage"), _field("endCursor"))
        selections = (*root.selection_set.selections, ends)
        asked = FieldNode(
            name=root.name,
            alias=NameNode(value="page"),
            arguments=(*given, *sized, *onward),
            directives=(),
            selection_set=SelectionSetNode(selections=selections),
        )
        operation = OperationDefinitionNode(
            operation=_query(), name=None, variable_definitions=(), directives=(),
            selection_set=SelectionSetNode(selections=(asked,)),
        )  # fmt: skip
        return DocumentNode(definitions=(operation,))

    def lines(self, root: FieldNode, nodes: list[Json]) -> Iterator[tuple[Json, bool]]:
        """Every object of a page of nodes as its line; True for those at the root."""
        assert self.schema.query_type is not None
        kind, selection = _node_of(self.schema.query_type, root)
        for node in nodes:
            for at, line in enumerate(_lines(kind, selection, node, None)):
                yield line, at == 0


def understood(schema: GraphQLSchema, text: str) -> BulkQuery:
    """The query as one that may run in bulk; NotBulk when Shopify would refuse it."""
    if len(text.encode()) > MOST_BYTES:
        raise NotBulk("Bulk query is too large. The maximum size is 65535 bytes.")
    try:
        document = parse(text)
    except GraphQLError as odd:
        raise NotBulk(f"Invalid bulk query: {odd.message}") from odd
    if errors := validate(schema, document):
        raise NotBulk(f"Invalid bulk query: {errors[0].message}")
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if len(operations) != 1 or len(document.definitions) != 1 or operations[0].operation.value != "query":
        raise NotBulk("Invalid bulk query: a single query operation is required")
    if operations[0].variable_definitions:
        raise NotBulk("Invalid bulk query: variables are not supported")
    roots = tuple(node for node in operations[0].selection_set.selections if isinstance(node, FieldNode))
    if any(root.name.value in ("node", "nodes") for root in roots):
        raise NotBulk("Bulk queries cannot contain a top level `node` or `nodes` field.")
    assert schema.query_type is not None
    counted = [_counted(schema.query_type, root, 0) for root in roots]
    if not any(counted):
        raise NotBulk("Bulk queries must contain at least one connection.")
    if sum(counted) > MOST_CONNECTIONS:
        raise NotBulk(f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections.")
    if not all(counted):
        raise NotBulk("Invalid bulk query: every field at the top must be a connection")
    return BulkQuery(schema, roots)


def _counted(parent: GraphQLObjectType, field: FieldNode, depth: int) -> int:
    """Connections in this field, itself included; refuses what is nested too deep or shaped wrongly."""
    if not _is_connection(parent, field):
        inner = get_named_type(parent.fields[field.name.value].type)
        if field.selection_set is None or not isinstance(inner, GraphQLObjectType):
            return 0
        return sum(_counted(inner, each, depth) for each in _fields(field.selection_set))
    if depth > DEEPEST:
        raise NotBulk(f"Bulk queries cannot contain connections with a nesting depth greater than {DEEPEST}.")
    assert field.selection_set is not None
    chosen = {each.name.value for each in _fields(field.selection_set)}
    if "nodes" in chosen or "edges" not in chosen:
        raise NotBulk("Bulk queries require connections to be selected by `edges { node }`.")
    kind, selection = _node_of(parent, field)
    inside = (
        sum(_counted(kind, each, depth + 1) for each in _fields(selection))
        if isinstance(kind, GraphQLObjectType)
        else 0
    )
    if inside and "id" not in {each.name.value for each in _fields(selection)}:
        raise NotBulk("The parent 'node' field for a nested connection must select the 'id' field.")
    return 1 + inside


def _lines(kind: Any, selection: SelectionSetNode, node: Json, parent: str | None) -> Iterator[Json]:
    own: Json = {}
    children: list[tuple[FieldNode, Json]] = []
    for field in _fields(selection):
        key = field.alias.value if field.alias else field.name.value
        if (
            isinstance(kind, GraphQLObjectType)
            and field.name.value in kind.fields
            and _is_connection(kind, field)
        ):
            children.append((field, node[key]))
        elif key in node:
            own[key] = node[key]
    yield own | ({"__parentId": parent} if parent is not None else {})
    for field, page in children:
        inner, below = _node_of(kind, field)
        for edge in page["edges"]:
            yield from _lines(inner, below, edge["node"], str(own["id"]))


def _node_of(parent: GraphQLObjectType, field: FieldNode) -> tuple[Any, SelectionSetNode]:
    """The type behind a connection's nodes and what is selected of them."""
    connection = get_named_type(parent.fields[field.name.value].type)
    assert isinstance(connection, GraphQLObjectType)
    assert field.selection_set is not None
    edges = next(each for each in _fields(field.selection_set) if each.name.value == "edges")
    edge = get_named_type(connection.fields["edges"].type)
    assert isinstance(edge, GraphQLObjectType)
    assert edges.selection_set is not None
    for each in _fields(edges.selection_set):
        if each.name.value == "node" and each.selection_set is not None:
            return get_named_type(edge.fields["node"].type), each.selection_set
    raise NotBulk("Bulk queries require connections to be selected by `edges { node }`.")


def _fields(selection: SelectionSetNode) -> Iterator[FieldNode]:
    for each in selection.selections:
        if isinstance(each, FieldNode):
            yield each
        elif isinstance(each, InlineFragmentNode):
            yield from _fields(each.selection_set)


def _is_connection(parent: GraphQLObjectType, field: FieldNode) -> bool:
    known = parent.fields.get(field.name.value)
    return known is not None and get_named_type(known.type).name.endswith("Connection")


def _field(name: str, *inside: FieldNode) -> FieldNode:
    selection = SelectionSetNode(selections=tuple(inside)) if inside else None
    return FieldNode(name=NameNode(value=name), arguments=(), directives=(), selection_set=selection)


def _argument(name: str, value: IntValueNode | StringValueNode) -> ArgumentNode:
    return ArgumentNode(name=NameNode(value=name), value=value)


def _query() -> Any:
    operation = parse("{ __typename }").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return operation.operation
