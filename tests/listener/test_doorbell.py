"""Genuine webhooks are stored and answered; everything else leaves no trace."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from adapters.listener import Busy, HealthReport

ORDER = orjson.dumps(
    {
        "id": 7,
        "admin_graphql_api_id": "gid://shopify/Order/7",
        "updated_at": "2026-11-23T10:00:00Z",
        "note": "tell nobody",
    }
)


async def test_a_genuine_webhook_is_stored_with_what_to_read_again(door):
    reply = await door.ring(ORDER)
    assert (reply.status_code, reply.text) == (200, "")
    (row,) = door.sink.rows
    assert (row.connection, row.source, row.webhook_id, row.topic) == (
        "main",
        "shop",
        "w-1",
        "orders/updated",
    )
    assert (row.resource, row.resource_version) == ("gid://shopify/Order/7", "2026-11-23T10:00:00Z")
    assert row.body == ORDER
    assert row.triggered_at == datetime(2026, 11, 23, 10, 0, 0, 123000, UTC)


async def test_a_repeated_webhook_is_answered_the_same_and_stored_once(door):
    assert [(await door.ring(ORDER)).status_code for _ in range(3)] == [200, 200, 200]
    assert len(door.sink.rows) == 1


async def test_the_old_secret_still_opens_during_rotation(door):
    assert (await door.ring(ORDER, secret="shop-secret-old")).status_code == 200


FORGERIES = {
    "no digest": {"x_shopify_hmac_sha256": ""},
    "a wrong digest": {"x_shopify_hmac_sha256": "AAAA"},
    "half a digest": {"x_shopify_hmac_sha256": "truncate"},
    "a digest that is not base64": {"x_shopify_hmac_sha256": "ÿþ\u0080"},
    "another secret": {"secret": "guessed"},
    "an empty secret": {"secret": ""},
    "an unknown connection": {"path": "/webhooks/shopify/other"},
    "a connection without secrets": {"path": "/webhooks/shopify/mute"},
    "a path with more steps": {"path": "/webhooks/shopify/main/main"},
    "the back office's path": {"path": "/webhooks/back-office/main"},
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
async def test_a_forged_webhook_is_turned_away_without_a_trace(door, forgery):
    if forgery.get("x_shopify_hmac_sha256") == "truncate":
        forgery = {"x_shopify_hmac_sha256": door.digest(ORDER)[:22]}
    reply = await door.ring(ORDER, **forgery)
    assert (reply.status_code, reply.text) == (401, "not signed by a key we know\n")
    assert door.sink.rows == []


async def test_a_body_changed_on_the_way_is_turned_away(door):
    reply = await door.ring(ORDER + b" ", x_shopify_hmac_sha256=door.digest(ORDER))
    assert reply.status_code == 401
    assert door.sink.rows == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"a":NaN}', b"[" * 5000, b'{"a":"\x00"}', b"{'a':1}"],
    ids=["empty", "cut", "not UTF-8", "NaN", "deep", "NUL in a text", "not JSON"],
)
async def test_a_signed_body_that_is_not_json_is_refused_and_not_stored(door, body):
    assert (await door.ring(body)).status_code == 400
    assert door.sink.rows == []


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b"7", b'{"admin_graphql_api_id":{"x":1}}', b'{"id":{"a":1}}']
)
async def test_json_of_another_shape_is_stored_without_a_resource(door, body):
    assert (await door.ring(body)).status_code == 200
    assert door.sink.rows[0].resource == ""


async def test_a_full_inbox_asks_to_come_back(door):
    door.sink.trouble = Busy(9)
    reply = await door.ring(ORDER)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "9")


async def test_a_broken_store_never_answers_ok(door):
    door.sink.trouble = RuntimeError("disk full of secrets")
    reply = await door.ring(ORDER)
    assert reply.status_code == 503
    assert "secrets" not in reply.text


async def test_a_back_office_webhook_is_stored(door):
    body = orjson.dumps({"type": "stock.changed", "skus": ["A"], "refs": []})
    assert (await door.ring_office(body)).status_code == 200
    (row,) = door.sink.rows
    assert (row.source, row.topic, row.webhook_id, row.body) == (
        "back_office",
        "stock.changed",
        "msg_1",
        body,
    )


async def test_an_old_or_future_back_office_webhook_is_a_replay(door):
    for hours in (-1, 1):
        stale = datetime.now(UTC) + timedelta(hours=hours)
        assert (await door.ring_office(b"{}", at=stale)).status_code == 401
    assert door.sink.rows == []


@pytest.mark.parametrize(
    "change",
    [
        {"webhook_id": "msg_2"},
        {"webhook_id": ""},
        {"webhook_timestamp": "soon"},
        {"webhook_timestamp": "9" * 40},
        {"webhook_signature": "v1,AAAA"},
        {"webhook_signature": "v2,AAAA v1"},
        {"webhook_signature": ""},
    ],
    ids=str,
)
async def test_a_back_office_webhook_with_any_part_changed_is_turned_away(door, change):
    assert (await door.ring_office(b"{}", **change)).status_code == 401
    assert door.sink.rows == []


async def test_health_readiness_and_figures_are_told(door):
    await door.ring(ORDER)
    assert (await door.http.get("/healthz")).json() == {"ok": True, "checks": {"store": "ok"}}
    door.health["now"] = HealthReport(live=True, ready=False, checks={"shop": "paused"})
    assert (await door.http.get("/readyz")).status_code == 503
    assert (await door.http.get("/healthz")).status_code == 200
    assert (
        'trueup_webhooks_total{outcome="stored",source="shop"} 1.0' in (await door.http.get("/metrics")).text
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/webhooks/shopify/main", 405), ("POST", "/healthz", 405), ("GET", "/", 404)],
)
async def test_other_doors_are_closed(door, method, path, status):
    assert (await door.http.request(method, path)).status_code == status
