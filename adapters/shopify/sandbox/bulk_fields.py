"""Bulk operations as the API shows them: the query fields and the mutations."""

from typing import Any

from adapters.shopify.sandbox.bulk import AT_ONCE, BulkOperation
from adapters.shopify.sandbox.bulk_query import NotBulk, understood
from adapters.shopify.sandbox.inventory import Complaint, number_of
from adapters.shopify.sandbox.order_fields import Fields
from adapters.shopify.sandbox.paging import Page, page


def run_query(root: Any, info: Any, query: str, groupObjects: bool = False) -> dict[str, Any]:
    """bulkOperationRunQuery."""
    shop, bulk = info.context.shop, info.context.bulk
    shop.mutations["bulkOperationRunQuery"] += 1
    try:
        wanted = understood(info.schema, query)
    except NotBulk as no:
        return _refused("INVALID", ["query"], str(no))
    if len(bulk.running) >= AT_ONCE:
        going = ", ".join(one.gid for one in bulk.running)
        said = f"A bulk query operation for this app and shop is already in progress: {going}."
        return _refused("OPERATION_IN_PROGRESS", None, said)
    return {"bulkOperation": bulk.begin(shop.next(), query, wanted, grouped=groupObjects), "userErrors": []}


def cancel(root: Any, info: Any, id: str) -> dict[str, Any]:
    """bulkOperationCancel."""
    bulk = info.context.bulk
    info.context.shop.mutations["bulkOperationCancel"] += 1
    one = bulk.all.get(number_of(id, "BulkOperation") or -1)
    if one is None:
        return _refused("", ["id"], "Bulk operation does not exist")
    if one.over:
        said = f"A bulk operation cannot be canceled when it is {one.status.lower()}"
        return {"bulkOperation": one, "userErrors": [Complaint("", None, said)]}
    bulk.cancel(one)
    return {"bulkOperation": one, "userErrors": []}


def operations(root: Any, info: Any, **args: Any) -> Page:
    """A page of this app's bulk operations."""
    return page(list(info.context.bulk.all.values()), args, key=lambda one: one.number)


def operation(root: Any, info: Any, id: str) -> BulkOperation | None:
    """One of them."""
    found = info.context.bulk.all.get(number_of(id, "BulkOperation") or -1)
    return found if isinstance(found, BulkOperation) else None


def _refused(code: str, path: list[str] | None, said: str) -> dict[str, Any]:
    return {"bulkOperation": None, "userErrors": [Complaint(code, path, said)]}


BULK: Fields = {
    "id": lambda b, info: b.gid,
    "status": lambda b, info: b.status,
    "errorCode": lambda b, info: b.error,
    "createdAt": lambda b, info: b.created_at,
    "completedAt": lambda b, info: b.completed_at,
    "objectCount": lambda b, info: str(b.objects),
    "rootObjectCount": lambda b, info: str(b.roots),
    "fileSize": lambda b, info: str(b.file.stat().st_size) if b.over and b.file.exists() else None,
    "query": lambda b, info: b.text,
    "type": lambda b, info: "QUERY",
    "url": lambda b, info: info.context.bulk.link(b, partial=False),
    "partialDataUrl": lambda b, info: info.context.bulk.link(b, partial=True),
}
BULK_QUERY: Fields = {"bulkOperation": operation, "bulkOperations": operations}
BULK_MUTATION: Fields = {"bulkOperationRunQuery": run_query, "bulkOperationCancel": cancel}
