"""What a request to Shopify would change, read from the request itself: by its mutations and the places they name."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import httpx
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, OperationType, parse

from adapters.read_only import body_of
from engine.model.ids import LocationId
from engine.model.remit import EVERY, Deed, Subject

SUBJECTS: Mapping[str, frozenset[Subject]] = {
    "inventorySetQuantities": frozenset({Subject.STOCK}),
    "inventoryActivate": frozenset({Subject.STOCK}),
    "fulfillmentCreate": frozenset({Subject.FULFILMENT}),
    "fulfillmentOrderMove": frozenset({Subject.FULFILMENT}),
    "fulfillmentTrackingInfoUpdate": frozenset({Subject.FULFILMENT}),
    "orderCancel": frozenset({Subject.ORDERS}),
    "productVariantsBulkUpdate": frozenset({Subject.PRODUCTS}),
    "inventoryItemUpdate": frozenset({Subject.PRODUCTS}),
    "productCreate": frozenset({Subject.PRODUCTS}),
    "productVariantsBulkCreate": frozenset({Subject.PRODUCTS}),
    "priceListFixedPricesAdd": frozenset({Subject.PRODUCTS}),
    "priceListFixedPricesDelete": frozenset({Subject.PRODUCTS}),
    # no record of the shop's is changed by these, but the shadow leaves no trace at all
    "webhookSubscriptionCreate": EVERY,
    "bulkOperationRunQuery": EVERY,
}
"""Root fields of mutations by what they belong to; another one is never sent beside another connector."""
LOCATION = "gid://shopify/Location/"
UNNAMED = LocationId("a place it does not name")


def deeds(request: httpx.Request) -> Iterable[Deed]:
    """Mutations of the request, of stock one for each place."""
    if request.method in ("GET", "HEAD") or request.url.path.endswith("/oauth/access_token"):
        return ()
    body = body_of(request)
    found = list[Deed]()
    for name in _mutations(str(body.get("query", ""))):
        subjects = SUBJECTS.get(name, frozenset())
        places = sorted(set(_places(body.get("variables")))) or [UNNAMED]
        found += [Deed(name, subjects, at) for at in (places if subjects == {Subject.STOCK} else [None])]
    return found


@lru_cache(maxsize=128)
def _mutations(text: str) -> tuple[str, ...]:
    """Root fields of every operation that does not merely read; of what cannot be understood, its whole."""
    try:
        document = parse(text)
    except GraphQLError:
        return ("an unreadable request",)
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if not operations:
        return ("an unreadable request",)
    return tuple(
        part.name.value if isinstance(part, FieldNode) else "a fragment of a mutation"
        for one in operations
        if one.operation is not OperationType.QUERY
        for part in one.selection_set.selections
    )


def _places(value: Any) -> Iterable[LocationId]:
    match value:
        case str() if value.startswith(LOCATION):
            yield LocationId(value)
        case dict():
            for inner in value.values():
                yield from _places(inner)
        case list():
            for inner in value:
                yield from _places(inner)
