"""The webhook that tells of a bulk operation's end."""

from typing import Any

from adapters.shopify.sandbox.bulk import BulkOperation


def finish_body(one: BulkOperation) -> dict[str, Any]:
    """The body of bulk_operations/finish."""
    return {
        "admin_graphql_api_id": one.gid,
        "completed_at": one.completed_at.isoformat() if one.completed_at else None,
        "created_at": one.created_at.isoformat(),
        "error_code": one.error.lower() if one.error else None,
        "status": one.status.lower(),
        "type": "query",
    }
