"""What a call to Tryton would change, read from the request itself."""

from collections.abc import Iterable

import httpx

from adapters.read_only import body_of, booked
from adapters.tryton.rpc import only_reads
from engine.model.remit import Deed

SESSIONS = frozenset({"common.db.login", "common.db.logout"})


def deeds(request: httpx.Request) -> Iterable[Deed]:
    """The method it calls, unless that only reads or signs in."""
    method = str(body_of(request).get("method", ""))
    if method in SESSIONS or only_reads(method):
        return ()
    return [booked(method or f"{request.method} {request.url.path}")]
