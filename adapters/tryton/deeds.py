"""What a call to Tryton would change, read from the request itself."""

from collections.abc import Iterable

import httpx

from adapters.read_only import body_of, booked
from adapters.tryton.rpc import READS
from engine.model.remit import Deed

SESSIONS = frozenset({"common.db.login", "common.db.logout"})


def deeds(request: httpx.Request) -> Iterable[Deed]:
    """The method it calls, unless that only reads or signs in."""
    method = str(body_of(request).get("method", ""))
    model, _, verb = method.rpartition(".")
    if method in SESSIONS or (model.startswith("model.") and verb in READS):
        return ()
    return [booked(method or f"{request.method} {request.url.path}")]
