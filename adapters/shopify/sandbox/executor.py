"""One GraphQL call from body to answer: parse, validate, price, throttle, execute."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    execute_sync,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from adapters.shopify.sandbox.binding import executable
from adapters.shopify.sandbox.context import Context
from adapters.shopify.sandbox.cost import MAX_COST, Bucket, Costing
from adapters.shopify.sandbox.received import note
from adapters.shopify.sandbox.refusals import Json, bad_variables, invalid, listed


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call that is understood and may run."""

    document: DocumentNode
    operation: OperationDefinitionNode
    variables: Json
    roots: frozenset[str]


@lru_cache(maxsize=512)
def _checked(text: str) -> DocumentNode | tuple[GraphQLError, ...]:
    try:
        document = parse(text)
    except GraphQLError as odd:
        return (odd,)
    return tuple(validate(executable(), document)) or document


class Executor:
    """Runs calls against the world and counts what they cost."""

    def __init__(self, context: Context, rate: int) -> None:
        """A bucket that refills at `rate` points a second."""
        self._context = context
        self._granted = context.scopes
        self.bucket = Bucket(rate, context.shop.clock.monotonic)
        self.counts: Counter[str] = Counter()

    def deny(self, scopes: Collection[str]) -> frozenset[str]:
        """Take access scopes away from the app; those it has left."""
        self._context.scopes = self._granted.difference(scopes)
        return self._context.scopes

    def prepare(self, body: Any) -> Prepared | Json:
        """Understand a call, or say why not."""
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            return {"errors": {"query": "Required parameter missing or invalid"}}
        checked = _checked(body["query"])
        if isinstance(checked, tuple):
            return {"errors": invalid(checked)}
        operations = [d for d in checked.definitions if isinstance(d, OperationDefinitionNode)]
        named = body.get("operationName")
        chosen = [o for o in operations if not named or (o.name is not None and o.name.value == named)]
        if len(chosen) != 1:
            return {
                "errors": [
                    {"message": "An operation name is required", "extensions": {"code": "BAD_REQUEST"}}
                ]
            }
        given = body.get("variables") or {}
        values = get_variable_values(executable(), chosen[0].variable_definitions, given)
        if isinstance(values, list):
            return {"errors": bad_variables(values)}
        roots = frozenset(
            node.name.value for node in chosen[0].selection_set.selections if isinstance(node, FieldNode)
        )
        return Prepared(checked, chosen[0], given, roots | {chosen[0].operation.value})

    def run(self, call: Prepared) -> Json:
        """Pay for a call and execute it."""
        self.counts["calls"] += 1
        schema = executable()
        coerced = get_variable_values(schema, call.operation.variable_definitions, call.variables)
        assert isinstance(coerced, dict)
        asked = Costing(schema, call.document, coerced).of(call.operation)
        if asked > MAX_COST:
            said = f"Query cost is {asked}, which exceeds the single query max cost limit ({MAX_COST})."
            extra = {
                "code": "MAX_COST_EXCEEDED",
                "cost": asked,
                "maxCost": MAX_COST,
                "documentation": "https://shopify.dev/api/usage/rate-limits",
            }
            return {"errors": [{"message": said, "extensions": extra}]}
        if not self.bucket.take(asked):
            self.counts["throttled"] += 1
            return {
                "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
                "extensions": {"cost": self._cost(asked, None)},
            }
        context = replace(self._context, searches=[])
        if call.operation.operation.value == "mutation":
            note(context.shop.received, schema, call.operation, coerced)
        result = execute_sync(
            schema,
            call.document,
            context_value=context,
            variable_values=call.variables,
            operation_name=call.operation.name.value if call.operation.name else None,
        )
        spent = asked
        if call.operation.operation.value == "query" and result.data is not None:
            spent = min(asked, Costing(schema, call.document, coerced, result.data).of(call.operation))
        self.bucket.give_back(asked - spent)
        self.counts["cost_points"] += spent
        answer: Json = {}
        if result.errors:
            answer["errors"] = listed(result.errors)
        answer["data"] = result.data
        answer["extensions"] = {"cost": self._cost(asked, spent)}
        if context.searches:
            answer["extensions"]["search"] = context.searches
        return answer

    def _cost(self, asked: int, spent: int | None) -> Json:
        return {
            "requestedQueryCost": asked,
            "actualQueryCost": spent,
            "throttleStatus": self.bucket.status(),
        }
