"""What a request to Odoo would change, read from the request itself, by either protocol."""

from collections.abc import Iterable

import httpx

from adapters.odoo.client import READS
from adapters.read_only import body_of, booked
from engine.model.remit import Deed


def deeds(request: httpx.Request) -> Iterable[Deed]:
    """The method it calls, unless that only reads."""
    _, _, path = request.url.path.partition("/json/2/")
    if path:
        method = path.rpartition("/")[2]
        return () if method in READS else [booked(path)]
    params = body_of(request).get("params", {})
    said = params if isinstance(params, dict) else {}
    args = said.get("args")
    if request.url.path == "/jsonrpc" and isinstance(args, list):
        if (said.get("service"), said.get("method")) == ("common", "authenticate"):
            return ()
        if (said.get("service"), said.get("method")) == ("object", "execute_kw") and len(args) > 4:
            return () if args[4] in READS else [booked(f"{args[3]}.{args[4]}")]
    return [booked(f"{request.method} {request.url.path}")]
