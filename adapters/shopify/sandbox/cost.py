"""What a query costs, and the leaky bucket it is paid from."""

import math
from collections.abc import Callable
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

MAX_COST = 1000
MUTATION = 10
COUNT = 10
FREE = frozenset({"MoneyV2", "MoneyBag", "MailingAddress", "LocationAddress", "PageInfo", "UserError"})


def sized(first: int, children: int) -> int:
    """A connection that asks for so many nodes of such a cost."""
    return 2 if first <= 0 else 2 + max(1, math.floor(2 * math.log(first))) * (1 + children)


class Costing:
    """Counts the points of one operation before it runs, or after it with what came back."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any], answer: Any = None
    ) -> None:
        """Without an answer the requested cost is counted, with one the actual cost."""
        self._schema = schema
        self._variables = variables
        self._actual = answer is not None
        self._answer = answer
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def of(self, operation: OperationDefinitionNode) -> int:
        """The points of the whole operation."""
        if operation.operation.value == "mutation":
            root = self._schema.mutation_type
            assert root is not None
            return sum(
                MUTATION + self._payload(field, root) for field in self._fields(operation.selection_set, root)
            )
        assert self._schema.query_type is not None
        return self._children(operation.selection_set, self._schema.query_type, self._answer)

    def _payload(self, field: FieldNode, root: GraphQLObjectType) -> int:
        kind = get_named_type(root.fields[field.name.value].type)
        if field.selection_set is None or not isinstance(kind, GraphQLObjectType):
            return 0
        given = self._given(self._answer, field)
        spent = 0
        for inner in self._fields(field.selection_set, kind):
            cost = self._field(inner, kind, self._given(given, inner))
            is_object = inner.selection_set is not None and not get_named_type(
                kind.fields[inner.name.value].type
            ).name.endswith("UserError")
            spent += max(0, cost - 1) if is_object else 0
        return spent

    def _given(self, answer: Any, field: FieldNode) -> Any:
        if not self._actual or not isinstance(answer, dict):
            return None
        return answer.get(field.alias.value if field.alias else field.name.value)

    def _fields(self, selections: SelectionSetNode, kind: Any) -> list[FieldNode]:
        found: list[FieldNode] = []
        for node in filter(self._wanted, selections.selections):
            if isinstance(node, FieldNode):
                found.append(node)
            elif isinstance(node, FragmentSpreadNode):
                found += self._fields(self._fragments[node.name.value].selection_set, kind)
            elif isinstance(node, InlineFragmentNode):
                found += self._fields(node.selection_set, kind)
        return found

    def _wanted(self, node: SelectionNode) -> bool:
        """Neither `@include` nor `@skip` leaves it out."""
        for directive in node.directives:
            [condition] = [each.value for each in directive.arguments]
            given = (
                self._variables.get(condition.name.value)
                if isinstance(condition, VariableNode)
                else getattr(condition, "value", None)
            )
            if given is (directive.name.value == "skip"):
                return False
        return True

    def _children(self, selections: SelectionSetNode | None, kind: Any, answer: Any) -> int:
        if selections is None:
            return 0
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            wanted = filter(self._wanted, selections.selections)
            return max((self._branch(node, kind, answer) for node in wanted), default=0)
        total = 0
        for node in filter(self._wanted, selections.selections):
            if isinstance(node, FieldNode):
                if node.name.value != "__typename":
                    total += self._field(node, kind, self._given(answer, node))
            elif isinstance(node, FragmentSpreadNode):
                total += self._children(self._fragments[node.name.value].selection_set, kind, answer)
            elif isinstance(node, InlineFragmentNode):
                total += self._children(node.selection_set, kind, answer)
        return total

    def _branch(self, node: Any, kind: Any, answer: Any) -> int:
        if isinstance(node, FieldNode):
            if node.name.value == "__typename" or isinstance(kind, GraphQLUnionType):
                return 0
            return self._field(node, kind, self._given(answer, node))
        fragment = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        named = fragment.type_condition.name.value if fragment.type_condition else kind.name
        return self._children(fragment.selection_set, self._schema.type_map[named], answer)

    def _field(self, field: FieldNode, parent: Any, answer: Any) -> int:
        definition = parent.fields.get(field.name.value)
        if definition is None or field.selection_set is None:
            return 0
        if self._actual and answer is None:
            return 0
        kind = get_named_type(definition.type)
        if kind.name == "Count":
            return COUNT
        if kind.name.endswith("Connection"):
            return self._connection(field, kind, answer)
        if parent is self._schema.query_type and field.name.value == "nodes":
            count = len(answer) if isinstance(answer, list) else self._ids(field)
            return count * (1 + self._children(field.selection_set, kind, _sample(answer)))
        own = 0 if kind.name in FREE else 1
        return own + self._children(field.selection_set, kind, _sample(answer))

    def _connection(self, field: FieldNode, kind: Any, answer: Any) -> int:
        children, rows = 0, None
        for inner in self._fields(field.selection_set, kind):  # type: ignore[arg-type]
            name = inner.name.value
            inner_kind = get_named_type(kind.fields[name].type) if name in kind.fields else None
            rows = self._given(answer, inner) if name in ("nodes", "edges") and self._actual else rows
            if name == "nodes":
                children = self._children(inner.selection_set, inner_kind, _sample(rows))
            elif name == "edges" and inner.selection_set is not None:
                edge = inner_kind
                for node in self._fields(inner.selection_set, edge):
                    if node.name.value == "node" and isinstance(edge, GraphQLObjectType):
                        first = _sample(rows)
                        given = self._given(first, node)
                        node_kind = get_named_type(edge.fields["node"].type)
                        children = self._children(node.selection_set, node_kind, given)
        if self._actual:
            return sized(len(rows) if isinstance(rows, list) else 0, children)
        return sized(self._number(field, "first") or self._number(field, "last") or 0, children)

    def _number(self, field: FieldNode, name: str) -> int | None:
        for argument in field.arguments:
            if argument.name.value == name:
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    said = self._variables.get(argument.value.name.value)
                    return said if isinstance(said, int) else None
        return None

    def _ids(self, field: FieldNode) -> int:
        for argument in field.arguments:
            if argument.name.value == "ids":
                if isinstance(argument.value, ListValueNode):
                    return len(argument.value.values)
                if isinstance(argument.value, VariableNode):
                    said = self._variables.get(argument.value.name.value)
                    return len(said) if isinstance(said, list) else 1
        return 1


def _sample(answer: Any) -> Any:
    """The first row that is there: rows of one list cost alike."""
    if isinstance(answer, list):
        return next((row for row in answer if row), {})
    return answer


class Bucket:
    """Points that come back at a steady rate."""

    def __init__(self, rate: int, monotonic: Callable[[], float]) -> None:
        """A full bucket of twenty seconds' worth."""
        self.rate = rate
        self.size = rate * 20
        self.monotonic = monotonic
        self._level = float(self.size)
        self._seen = monotonic()

    def available(self) -> int:
        """Points there now."""
        moment = self.monotonic()
        self._level = min(float(self.size), self._level + (moment - self._seen) * self.rate)
        self._seen = moment
        return int(self._level)

    def take(self, points: int) -> bool:
        """Take the points, or nothing when there are too few."""
        if self.available() < points:
            return False
        self._level -= points
        return True

    def give_back(self, points: int) -> None:
        """Return what was asked for and not used."""
        self._level = min(float(self.size), self._level + points)

    def status(self) -> dict[str, float]:
        """As `throttleStatus` says it."""
        return {
            "maximumAvailable": float(self.size),
            "currentlyAvailable": self.available(),
            "restoreRate": float(self.rate),
        }
