"""What NetSuite's errors mean: the record service names them in `o:errorDetails`, RESTlets in `error.code`."""

from datetime import datetime
from typing import Any

import httpx
import orjson

from adapters.http import status_failure
from engine.model.failure import Failure, Misset, RateLimited, Refused, TryLater

WHO = "NetSuite"
BUSY = frozenset(
    {
        "CONCURRENCY_LIMIT_EXCEEDED",
        "SSS_REQUEST_LIMIT_EXCEEDED",
        "WS_REQUEST_BLOCKED",
        "EXCEEDED_CONCURRENCY_LIMIT_PER_INTEGRATION",
    }
)
AGAIN = frozenset({"RCRD_HAS_BEEN_CHANGED", "RECORD_CHANGED", "UNEXPECTED_ERROR_TRY_AGAIN"})
RIGHTS = frozenset({"INSUFFICIENT_PERMISSION", "PERMISSION_VIOLATION", "USER_ERROR_PERMISSION"})
TAKEN = frozenset({"DUP_RCRD", "DUP_EXTERNAL_ID", "UNIQUE_CUST_ID_REQD"})
PAUSE = 2.0
"""Seconds to wait when too many calls run at once; NetSuite names none."""


class Taken(Refused):
    """A record with this external id exists already."""


def failure_of(reply: httpx.Response, *, write: bool, now: datetime) -> Failure | None:
    """The failure a reply stands for; None for 2xx."""
    if reply.is_success:
        return None
    code, said = _said(reply)
    if code in BUSY or reply.status_code == 429:
        return RateLimited(
            "NetSuite has too many calls at once from this account.",
            "TrueUp waits and goes on; if it stays, lower concurrency for this connection or for other integrations.",
            after=PAUSE,
            code="netsuite_concurrency",
            log=f"{code} {said}",
        )
    if code in TAKEN:
        return Taken(
            said or "NetSuite has this record already.", "TrueUp looks it up.", code="netsuite_taken"
        )
    if code in AGAIN:
        return TryLater(
            "Someone changed the same record in NetSuite.",
            "TrueUp reads it again and comes back.",
            code="netsuite_changed",
            log=said,
        )
    if code in RIGHTS or reply.status_code == 403:
        return Misset(
            f"The NetSuite role of TrueUp may not do this: {said or code}",
            "Give the role the permissions docs/back-offices/netsuite.md lists, then restart.",
            code="netsuite_rights",
        )
    if reply.status_code == 404 and code == "NONEXISTENT_ID":
        return Refused(
            f"NetSuite has no such record: {said}",
            "If it was deleted there, resolve this record; otherwise retry.",
            code="document_unknown",
        )
    if reply.status_code == 400 and code:
        return Refused(
            said or f"NetSuite declined the change ({code}).",
            "Correct the record in NetSuite or in the shop, then retry.",
            code=f"netsuite_{code.lower()}",
        )
    return status_failure(reply, WHO, write=write, now=now, said=said)


def _said(reply: httpx.Response) -> tuple[str, str]:
    """(code, text) of an error body; empty for a gateway's page."""
    try:
        body: Any = orjson.loads(reply.content)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    if isinstance(body.get("error"), dict):
        return str(body["error"].get("code", "")), _line(body["error"].get("message"))
    details = body.get("o:errorDetails")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else body
    return str(first.get("o:errorCode", "")), _line(first.get("detail") or body.get("title"))


def _line(text: Any) -> str:
    return " ".join(str(text or "").split())[:500]
