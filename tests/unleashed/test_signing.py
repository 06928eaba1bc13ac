"""Each query is signed as it is sent, to the byte; webhooks are believed only signed and within their window.

The signatures are computed here anew, with another library than the adapter's.
"""

import asyncio
import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from adapters.intake import ConnectionSecrets, Forged, Received, judge
from adapters.listener import HealthReport, Listener
from adapters.unleashed.webhooks import WEBHOOKS, named
from engine.model.clock import SystemClock
from engine.model.failure import Misset
from tests.accounts import REF, sale
from tests.unleashed.conftest import BOWL, MUG, WH1, WH2

NOW = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
NEW, OLD = "bmV3IGtleQ==", "b2xkIGtleQ=="


def independent(key: str, signed: bytes) -> str:
    made = HMAC(key.encode(), SHA256())
    made.update(signed)
    return base64.b64encode(made.finalize()).decode()


async def test_every_query_is_signed_as_it_travels(account: Any, office: Any) -> None:
    """With characters that are encoded, several parameters, none at all, and changes."""
    one = office()
    made = await one.create(sale((BOWL, 1, WH2)))
    await one.stock([MUG, BOWL])
    await one.changes(None)
    await one.ship(made.id, {(BOWL, WH2): 1})
    queries = {request.url.query for request in account.requests}
    assert any(b"warehouseCode=WH%202%2Fb" in query for query in queries), queries
    assert any(b"orderStatus=Parked%2CPlaced" in query for query in queries)
    assert b"" in queries
    for request in account.requests:
        due = independent(account.sandbox.key, request.url.raw_path.partition(b"?")[2])
        assert request.headers["api-auth-signature"] == due
        assert request.headers["client-type"] == "trueup/trueup"


async def test_a_signature_of_anything_else_is_refused(account: Any, office: Any) -> None:
    headers = {"api-auth-id": account.sandbox.api_id, "client-type": "a/b", "Accept": "application/json"}
    signed = {**headers, "api-auth-signature": independent(account.sandbox.key, b"orderStatus=Parked,Placed")}
    assert account.staff.get("/SalesOrders?orderStatus=Parked%2CPlaced", headers=signed).status_code == 403
    signed["api-auth-signature"] = independent(account.sandbox.key, b"orderStatus=Parked%2CPlaced")
    assert account.staff.get("/SalesOrders?orderStatus=Parked%2CPlaced", headers=signed).status_code == 200
    with pytest.raises(Misset, match="key"):
        await office(key="another").warehouses()


@pytest.mark.parametrize("form", ["items", "object", "text"])
async def test_a_refusal_is_told_whatever_form_its_body_has(account: Any, office: Any, form: str) -> None:
    account.do("errors", form=form)
    account.do("faults", mode="refuse_orders", match="*", message="Customer is on credit hold", count=1)
    with pytest.raises(Exception, match="credit hold"):
        await office().create(sale((MUG, 1, WH1)))


ROUTES = {"main": ConnectionSecrets((), (NEW, OLD), None, WEBHOOKS)}
ORDER = {
    "SourceId": "trueup-1",
    "SalesOrderLines": [{"Product": {"ProductCode": "MUG"}}, {"Product": {"ProductCode": 7}}, 7],
}
BODY = orjson.dumps(
    {"eventNotificationId": "n-1", "eventType": "SalesOrder.Completed", "data": orjson.dumps(ORDER).decode()}
)


def headers(key: str, at: datetime, body: bytes = BODY) -> Mapping[str, str]:
    when = str(int(at.timestamp()))
    return {
        "x-unleashed-timestamp": when,
        "x-unleashed-signature": independent(key, when.encode() + b"." + body),
    }


@pytest.mark.parametrize("key", [NEW, OLD])
def test_a_signed_message_names_what_to_read_again(key: str) -> None:
    row = judge(ROUTES, "back_office", "main", headers(key, NOW - timedelta(minutes=4)), BODY, NOW)
    assert (row.webhook_id, row.topic) == ("n-1", "salesorder.completed")
    assert orjson.loads(row.body) == {"type": "salesorder.completed", "skus": ["MUG"], "refs": [REF]}


@pytest.mark.parametrize(
    "given",
    [
        {},
        headers("guessed", NOW),
        headers(NEW, NOW - timedelta(minutes=6)),
        headers(NEW, NOW + timedelta(minutes=6)),
        headers(NEW, NOW, BODY + b" "),
        {**headers(NEW, NOW), "x-unleashed-timestamp": str(int(NOW.timestamp()) + 1)},
        {**headers(NEW, NOW), "x-unleashed-timestamp": "soon"},
    ],
)
def test_no_other_message_is_believed(given: Mapping[str, str]) -> None:
    with pytest.raises(Forged):
        judge(ROUTES, "back_office", "main", given, BODY, NOW)


@pytest.mark.parametrize(
    "body", [7, None, [], {}, {"data": "{"}, {"eventType": 7, "data": []}, {"data": {"SalesOrderLines": 7}}]
)
def test_odd_bodies_name_nothing(body: object) -> None:
    told = named(body)
    assert (told["skus"], told["refs"]) == ([], [])


class Sink:
    """Takes rows in and says when."""

    def __init__(self) -> None:
        self.rows: list[Received] = []
        self.came = asyncio.Event()

    async def receive(self, row: Received) -> bool:
        self.rows.append(row)
        self.came.set()
        return True


async def test_the_account_tells_of_an_order_with_a_signature_that_is_believed(
    account: Any, office: Any
) -> None:
    sink, routes = Sink(), dict[str, ConnectionSecrets]()
    listener = Listener("127.0.0.1", 0, routes, sink, lambda: HealthReport(True, True), clock=SystemClock())
    await listener.start()
    url = f"http://127.0.0.1:{listener.port}/webhooks/back-office/main"
    routes["main"] = ConnectionSecrets((), (account.do("subscribe", url=url)["key"],), None, WEBHOOKS)
    await office().create(sale((MUG, 2, WH1)))
    async with asyncio.timeout(10):
        await sink.came.wait()
    await listener.stop()
    assert (sink.rows[0].connection, sink.rows[0].topic) == ("main", "salesorder.created")
    assert orjson.loads(sink.rows[0].body) == {"type": "salesorder.created", "skus": ["MUG"], "refs": [REF]}
