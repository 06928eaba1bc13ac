"""Beside another connector a request is judged by itself, on its way out: what is not ours never reaches the wire."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from adapters.netsuite.deeds import deeds as netsuite
from adapters.odoo.deeds import deeds as odoo
from adapters.read_only import Asserted, by_method
from adapters.shopify import operations
from adapters.shopify.deeds import SUBJECTS
from adapters.shopify.deeds import deeds as shopify
from adapters.tryton.deeds import deeds as tryton
from engine.model.failure import Refused
from engine.model.ids import LocationId
from engine.model.remit import SHADOW, WHOLE, Licence, Remit, Subject

ONE, TWO = LocationId("gid://shopify/Location/1"), LocationId("gid://shopify/Location/2")
GRAPHQL = "https://shop.test/admin/api/2026-10/graphql.json"
FILES = sorted(Path(str(operations.__file__)).parent.glob("*.graphql"))


def post(url: str, body: Any = None, method: str = "POST") -> httpx.Request:
    return httpx.Request(method, url, content=b"" if body is None else orjson.dumps(body))


def asks(text: str, **variables: Any) -> httpx.Request:
    return post(GRAPHQL, {"query": text, "variables": variables})


SET = "mutation S($input: InventorySetQuantitiesInput!) { inventorySetQuantities(input: $input) { userErrors { code } } }"
ODOO = {
    "service": "object",
    "method": "execute_kw",
    "args": ["db", 2, "key", "sale.order", "write", [[1]], {}],
}
WRITES: list[tuple[Callable[[httpx.Request], Any], httpx.Request]] = [
    (shopify, asks(SET, input={"quantities": [{"locationId": ONE}]})),
    (shopify, asks("mutation { orderCancel(orderId: 1) { job { id } } }")),
    (shopify, asks("mutation { shopPolicyUpdate { userErrors { code } } }")),
    (shopify, asks("query A { shop { name } } mutation B { orderCancel { job { id } } }")),
    (shopify, asks("mutation { ...F } fragment F on Mutation { orderCancel { job { id } } }")),
    (shopify, asks("subscription { x }")),
    (shopify, asks("not GraphQL {")),
    (shopify, post(GRAPHQL)),
    (shopify, post("https://shop.test/admin/api/2026-10/orders.json", {}, "PUT")),
    (odoo, post("https://o.test/json/2/sale.order/action_confirm", {"ids": [1]})),
    (odoo, post("https://o.test/jsonrpc", {"params": ODOO})),
    (odoo, post("https://o.test/web/dataset/call_kw", {"params": {"method": "read"}})),
    (tryton, post("https://t.test/db/rpc/", {"method": "model.sale.sale.create", "params": []})),
    (tryton, post("https://t.test/db/rpc/", {"method": "wizard.sale.read", "params": []})),
    (tryton, post("https://t.test/db/rpc/", {"method": "model.sale.sale.compute", "params": []})),
    (tryton, post("https://t.test/db/rpc/", {"method": "model.account.move.post", "params": []})),
    (tryton, post("https://t.test/db/rpc/")),
    (netsuite, post("https://n.test/services/rest/record/v1/salesOrder", {})),
    (netsuite, post("https://n.test/services/rest/query/v1/suiteql", {}, "PUT")),
    (by_method, post("https://c.test/sale", {})),
    (by_method, post("https://c.test/sale", None, "DELETE")),
]
READS: list[tuple[Callable[[httpx.Request], Any], httpx.Request]] = [
    (shopify, asks("query { shop { name } }")),
    (shopify, asks("{ shop { name } }")),
    (shopify, post("https://shop.test/admin/oauth/access_token")),
    (shopify, post("https://files.test/export.jsonl", None, "GET")),
    (odoo, post("https://o.test/json/2/sale.order/search_read", {})),
    (odoo, post("https://o.test/jsonrpc", {"params": ODOO | {"args": ["db", 2, "key", "sale.order", "read", [[1]], {}]}})),
    (odoo, post("https://o.test/jsonrpc", {"params": {"service": "common", "method": "authenticate", "args": []}})),
    (tryton, post("https://t.test/db/rpc/", {"method": "common.db.login", "params": []})),
    (tryton, post("https://t.test/db/rpc/", {"method": "model.sale.sale.search_read", "params": []})),
    (tryton, post("https://t.test/db/rpc/", {"method": "model.ir.model.access.get_access", "params": []})),
    (netsuite, post("https://n.test/services/rest/query/v1/suiteql?limit=1000", {"q": "SELECT 1"})),
    (netsuite, post("https://n.test/services/rest/record/v1/salesOrder/1", None, "GET")),
    (by_method, post("https://c.test/sale", None, "GET")),
]  # fmt: skip


async def sent(licence: Licence, reads: Callable[[httpx.Request], Any], request: httpx.Request) -> int:
    """How many requests came out at the other end."""
    seen: list[httpx.Request] = []

    def wire(got: httpx.Request) -> httpx.Response:
        seen.append(got)
        return httpx.Response(200)

    gate = Asserted(licence, reads, httpx.MockTransport(wire))
    try:
        await gate.handle_async_request(request)
    except Refused as refused:
        assert refused.code == "not_taken_over"
    return len(seen)


@pytest.mark.parametrize(("reads", "request_"), WRITES)
async def test_in_the_shadow_no_change_is_sent(reads: Any, request_: httpx.Request) -> None:
    assert await sent(Licence(SHADOW), reads, request_) == 0
    assert await sent(Licence(WHOLE), reads, request_) == 1


@pytest.mark.parametrize(("reads", "request_"), READS)
async def test_in_the_shadow_everything_is_read(reads: Any, request_: httpx.Request) -> None:
    assert await sent(Licence(SHADOW), reads, request_) == 1


@pytest.mark.parametrize(
    ("places", "passes"),
    [([ONE], 1), ([TWO], 0), ([ONE, TWO], 0), ([], 0)],
    ids=["ours", "theirs", "both", "none"],
)
async def test_only_levels_of_a_location_that_is_ours_are_sent(places: list[str], passes: int) -> None:
    licence = Licence(Remit(False, locations=frozenset({ONE})))
    body = {"quantities": [{"locationId": place, "quantity": 1} for place in places]}
    assert await sent(licence, shopify, asks(SET, input=body)) == passes


async def test_what_is_given_back_is_not_sent_from_that_moment_on() -> None:
    licence, cancel = Licence(Remit(False, frozenset({Subject.ORDERS}))), WRITES[1][1]
    assert await sent(licence, shopify, cancel) == 1
    licence.remit = SHADOW
    assert await sent(licence, shopify, cancel) == 0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_operation_of_ours_is_a_reading_or_belongs_to_a_subject(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    if "mutation" not in text.split("{")[0]:
        return
    found = list(shopify(asks(text, location=ONE)))
    assert found, f"{file.name} is not seen as a change"
    assert all(deed.name in SUBJECTS and deed.subjects for deed in found)
