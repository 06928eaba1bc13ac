"""Reading all levels of a large shop in one bulk operation: begun, waited for, and streamed line by line.

Every level line carries its item and location, so nothing has to be held until a parent or child comes by: since
API version 2026-01 lines need not follow their parents. Facts: shopify.dev, "Perform bulk operations with the
GraphQL Admin API".
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import orjson

from adapters.http import stream_lines
from adapters.shopify.client import ShopifyClient
from adapters.shopify.errors import SHOP, UserError, read_user_errors, user_failure
from adapters.shopify.operations import operation
from adapters.shopify.wire import JsonObject, level, line, reading
from engine.model.clock import Clock
from engine.model.failure import Failure, TryLater
from engine.model.ids import LocationId
from engine.model.stock import ShopLevel

LINES = 2000
"""Levels handed on together."""
FIRST_LOOK, LONGEST_PAUSE = 0.5, 15.0
"""Seconds between looks at a running operation: they double up to the longest."""
PATIENCE = 4 * 3600.0
"""Seconds after which an operation is given up; Shopify itself would work on it for ten days."""
LINE_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Result:
    """Where the lines of an operation are; `whole` when they are all there are."""

    url: str | None
    whole: bool
    why: str = ""


async def bulk_levels(client: ShopifyClient, clock: Clock) -> AsyncIterator[tuple[ShopLevel, ...]]:
    """Every level of the shop as of some moment after the call, in no order.

    Partial data of an operation that failed is handed on too, and the failure is raised after it: what was read is
    true, and the listing is not complete.
    """
    result = await _finished(client, await _begun(client), clock)
    if result.url is not None:
        found: list[ShopLevel] = []
        async for text in stream_lines(client.http, result.url, who=SHOP, line_limit=LINE_LIMIT):
            with reading("a bulk result"):
                node = orjson.loads(text)
                if "quantities" not in node:
                    continue
                read = level(node["item"], node, LocationId(line(node["location"]["id"])))
            if read is not None:
                found.append(read)
            if len(found) >= LINES:
                yield tuple(found)
                found = []
        if found:
            yield tuple(found)
    if not result.whole:
        raise _broken(result.why)


async def _begun(client: ShopifyClient) -> str:
    payload = await client.write("bulk_run", "bulkOperationRunQuery", {"query": operation("bulk_levels")})
    if errors := read_user_errors(payload):
        raise _refused(errors)
    with reading("a bulk operation"):
        return line(payload["bulkOperation"]["id"])


def _refused(errors: tuple[UserError, ...]) -> Failure:
    if errors[0].code in ("OPERATION_IN_PROGRESS", "LIMIT_REACHED"):
        return TryLater(
            "The shop is busy with other bulk operations",
            "TrueUp comes back by itself; another app may be exporting",
            code=errors[0].code.lower(),
            log=errors[0].message,
        )
    return user_failure(errors)


async def _finished(client: ShopifyClient, said: str, clock: Clock) -> Result:
    """Wait for the end; the pause doubles, a look costs a point or two."""
    pause, ends = FIRST_LOOK, clock.monotonic() + PATIENCE
    while clock.monotonic() < ends:
        data = await client.read("bulk_state", {"id": said}, cost=2.0)
        with reading("a bulk operation"):
            one: JsonObject = data["bulkOperation"]
            status = line(one["status"])
            match status:
                case "COMPLETED":
                    return Result(one["url"], whole=True)
                case "FAILED":
                    return Result(one["partialDataUrl"], whole=False, why=line(one["errorCode"]) or "FAILED")
                case "CANCELED" | "EXPIRED":
                    return Result(None, whole=False, why=status)
        await clock.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    return Result(None, whole=False, why="TIMEOUT")


def _broken(why: str) -> Failure:
    return TryLater(
        f"The shop's export of its stock levels did not complete ({why.lower()})",
        "TrueUp begins a new one at the next comparison",
        code=f"bulk_{why.lower()}",
    )
