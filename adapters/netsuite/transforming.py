"""Records made from others by transform: each bears an external id of the order and the target it states."""

from collections.abc import Mapping
from hashlib import sha256

from adapters.netsuite.client import Json, NetSuiteClient
from adapters.netsuite.documents import Held, Shelf
from adapters.netsuite.trouble import Taken


def key_of(held: Held, what: str, units: Mapping[Shelf, int]) -> str:
    """The external id of a record that brings an order to these totals."""
    body = repr(sorted((str(sku), str(place), count) for (sku, place), count in units.items()))
    return f"{held.external_id}-{what}-{sha256(body.encode()).hexdigest()[:12]}"


async def transformed(client: NetSuiteClient, path: str, body: Json, key: str) -> str:
    """The id of the record that a transform made, or made before: its external id is taken then.

    `path` is that of the record it is made from, with `!transform` and the kind of record it makes.
    """
    try:
        made = await client.write("POST", path, {"externalId": key, **body})
    except Taken:
        made = ""
    return made or str((await client.read(f"{path.rpartition('/')[2]}/eid:{key}"))["id"])
