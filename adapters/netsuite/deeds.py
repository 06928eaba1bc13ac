"""What a request to NetSuite would change, read from the request itself."""

from collections.abc import Iterable

import httpx

from adapters.netsuite.client import QUERY, TOKEN
from adapters.read_only import booked
from engine.model.remit import Deed


def deeds(request: httpx.Request) -> Iterable[Deed]:
    """SuiteQL only reads though it is posted, and so does fetching a token."""
    asks = request.method == "POST" and request.url.path in (QUERY, TOKEN)
    return (
        () if asks or request.method in ("GET", "HEAD") else [booked(f"{request.method} {request.url.path}")]
    )
