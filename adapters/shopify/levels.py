"""Reading stock levels: fresh ones by id in as few calls as the cost limit allows, and the whole shop page by page."""

import asyncio
import math
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from adapters.shopify.client import FOR_STOCK, ShopifyClient
from adapters.shopify.operations import with_fragments
from adapters.shopify.wire import JsonObject, level, line, next_cursor, reading
from engine.model.failure import Refused
from engine.model.ids import ItemId, LocationId
from engine.model.stock import ShopLevel

QUERY_CAP = 980
"""Points one query may ask for; Shopify refuses above 1,000."""
IDS_CAP = 250
WIDEST = 12
"""From this many locations on, listing all levels of an item is cheaper than naming each."""
LISTING_CAP = 25_000
"""Objects Shopify pages through before it stops."""
_ITEM, _LEVEL = 1, 2
"""Points an item and one of its levels ask for."""


def levels_query(locations: int) -> str:
    """Items by id, each with its levels at so many locations named `at0`, `at1` …"""
    variables = ", ".join(f"$at{n}: ID!" for n in range(locations))
    fields = "\n      ".join(
        f"at{n}: inventoryLevel(locationId: $at{n}, includeInactive: true) {{ ...Figures }}"
        for n in range(locations)
    )
    return with_fragments(
        f"query ReadLevels($ids: [ID!]!, {variables}) {{\n"
        f"  nodes(ids: $ids) {{\n    ... on InventoryItem {{\n      id\n      sku\n      tracked\n      {fields}\n"
        "    }\n  }\n}"
    )


def batches(items: Sequence[ItemId], locations: int) -> list[Sequence[ItemId]]:
    """The items in the fewest, evenly filled groups whose query stays under the cost limit."""
    most = max(1, min(IDS_CAP, QUERY_CAP // (_ITEM + _LEVEL * locations)))
    count = math.ceil(len(items) / most)
    size = math.ceil(len(items) / count) if count else 0
    return [items[start : start + size] for start in range(0, len(items), size)] if size else []


async def read_levels(
    client: ShopifyClient, items: Collection[ItemId], locations: Collection[LocationId]
) -> tuple[ShopLevel, ...]:
    """Levels of these items at these locations as they are now."""
    wanted, places = list(dict.fromkeys(items)), list(dict.fromkeys(locations))
    if not wanted or not places:
        return ()
    groups = [places[start : start + WIDEST] for start in range(0, len(places), WIDEST)]
    calls = [_batch(client, batch, group) for group in groups for batch in batches(wanted, len(group))]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    found: list[ShopLevel] = []
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
        found += answer
    return tuple(found)


async def _batch(
    client: ShopifyClient, items: Sequence[ItemId], locations: Sequence[LocationId]
) -> list[ShopLevel]:
    count = len(locations)
    variables: dict[str, Any] = {"ids": list(items)} | {f"at{n}": place for n, place in enumerate(locations)}
    data = await client.read(
        f"read_levels_{len(items)}x{count}",
        variables,
        text=levels_query(count),
        cost=float(len(items) * (_ITEM + _LEVEL * count)),
    )
    with reading("stock levels"):
        nodes = data["nodes"]
        if len(nodes) != len(items):
            raise ValueError(f"asked for {len(items)} items, got {len(nodes)}")
        return [
            read
            for node in nodes
            if node
            for n, place in enumerate(locations)
            if node.get(f"at{n}") is not None
            if (read := level(node, node[f"at{n}"], place)) is not None
        ]


async def all_levels(client: ShopifyClient) -> AsyncIterator[tuple[ShopLevel, ...]]:
    """Every level of the shop; starts a new listing where Shopify would stop paging."""
    after: str | None = None
    search: str | None = None
    listed, last = 0, ""
    while True:
        data = await client.read("inventory", {"after": after, "query": search}, cost=299.0, leave=FOR_STOCK)
        with reading("the inventory"):
            page = data["inventoryItems"]
            found = [read for item in page["nodes"] for read in _levels_of(item, item["inventoryLevels"])]
            more = [item for item in page["nodes"] if item["inventoryLevels"]["pageInfo"]["hasNextPage"]]
            listed += len(page["nodes"])
            last = line(page["nodes"][-1]["id"]) if page["nodes"] else last
            after = next_cursor(page["pageInfo"])
        for item in more:
            found += await _rest_of(client, item)
        if found:
            yield tuple(found)
        if after is None and listed < LISTING_CAP:
            return
        if listed >= LISTING_CAP:
            search, after, listed = beyond(search, last), None, 0


def beyond(search: str | None, last: str) -> str:
    """The search that goes on where Shopify would stop paging; Refused when that leads nowhere."""
    number = last.rsplit("/", 1)[-1]
    if not number.isdigit() or search == (onward := f"id:>{number}"):
        raise Refused(
            "The shop's listing of items does not move forward",
            "Report this with the log; TrueUp cannot read the whole inventory",
            code="listing_stuck",
            log=f"after {last}",
        )
    return onward


async def _rest_of(client: ShopifyClient, item: JsonObject) -> list[ShopLevel]:
    found: list[ShopLevel] = []
    with reading("the inventory"):
        after = next_cursor(item["inventoryLevels"]["pageInfo"])
    while after is not None:
        data = await client.read("item_levels", {"id": item["id"], "after": after}, cost=30.0)
        with reading("the inventory"):
            whole_item = data["inventoryItem"]
            if whole_item is None:
                return found
            page = whole_item["inventoryLevels"]
            found += _levels_of(whole_item, page)
            after = next_cursor(page["pageInfo"])
    return found


def _levels_of(item: JsonObject, page: JsonObject) -> list[ShopLevel]:
    return [
        read
        for node in page["nodes"]
        if (read := level(item, node, LocationId(line(node["location"]["id"])))) is not None
    ]
