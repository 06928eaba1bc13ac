"""The same trouble means one thing for a read and another for a write; the name says what must happen next."""

import httpx
import pytest

from engine.model.failure import Misset, NotApplied, OutcomeUnknown, RateLimited, Refused, TryLater
from engine.model.ids import ItemId, LocationId
from engine.model.stock import LevelWrite

WRITE = LevelWrite(
    "SKU-1", ItemId("gid://shopify/InventoryItem/1"), LocationId("gid://shopify/Location/1"), 5, 7
)
REQUEST = httpx.Request("POST", "https://shop.test")


def answer(status: int, **more: object) -> httpx.Response:
    return httpx.Response(status, **more)  # type: ignore[arg-type]


CASES = {
    "refused connection": (httpx.ConnectError("refused"), TryLater, TryLater),
    "no such name": (httpx.ConnectError("[Errno -2] Name or service not known"), TryLater, TryLater),
    "connect timeout": (httpx.ConnectTimeout("slow"), TryLater, TryLater),
    "untrusted certificate": (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"), Misset, Misset),
    "pool exhausted": (httpx.PoolTimeout("busy"), TryLater, TryLater),
    "unsendable header": (httpx.LocalProtocolError("illegal header"), Misset, Misset),
    "read timeout": (httpx.ReadTimeout("silence"), TryLater, OutcomeUnknown),
    "write timeout": (httpx.WriteTimeout("silence"), TryLater, OutcomeUnknown),
    "reset after sending": (httpx.ReadError("reset"), TryLater, OutcomeUnknown),
    "closed without reply": (httpx.RemoteProtocolError("Server disconnected"), TryLater, OutcomeUnknown),
    "400": (answer(400, json={"errors": "bad"}), Refused, Refused),
    "401 with a bare string": (
        answer(401, json={"errors": "[API] Invalid API key or access token"}),
        Misset,
        Misset,
    ),
    "402 frozen": (answer(402), Misset, Misset),
    "403": (answer(403), Misset, Misset),
    "404": (answer(404, text="Not Found"), Misset, Misset),
    "422": (answer(422), Refused, Refused),
    "423 locked": (answer(423, json={"errors": {"shop": "locked"}}), Misset, Misset),
    "429": (answer(429, headers={"Retry-After": "60"}), RateLimited, RateLimited),
    "430": (answer(430), Misset, Misset),
    "redirect": (answer(302, headers={"Location": "https://elsewhere.test"}), Misset, Misset),
    "500": (answer(500), TryLater, OutcomeUnknown),
    "502 page": (answer(502, text="<html>bad gateway</html>"), TryLater, OutcomeUnknown),
    "504": (answer(504), TryLater, OutcomeUnknown),
    "540": (answer(540), TryLater, OutcomeUnknown),
    "cut reply": (answer(200, content=b'{"data":{"loc'), TryLater, OutcomeUnknown),
    "not an object": (answer(200, content=b"[]"), TryLater, OutcomeUnknown),
    "no data": (answer(200, json={"data": None}), TryLater, OutcomeUnknown),
    "access denied": (
        answer(
            200, json={"errors": [{"message": "no", "extensions": {"code": "ACCESS_DENIED"}}], "data": None}
        ),
        Misset,
        Misset,
    ),
    "internal error": (
        answer(200, json={"errors": [{"message": "no", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}),
        TryLater,
        OutcomeUnknown,
    ),
    "validation error": (
        answer(200, json={"errors": [{"message": "Field 'x' doesn't exist"}]}),
        Refused,
        Refused,
    ),
    "error while running": (
        answer(200, json={"errors": [{"message": "odd"}], "data": {"inventorySetQuantities": None}}),
        Refused,
        OutcomeUnknown,
    ),
    "argument missing": (
        answer(
            200,
            json={
                "errors": [{"message": "must include", "extensions": {"code": "INVALID_FIELD_ARGUMENTS"}}],
                "data": {"inventorySetQuantities": None},
            },
        ),
        Refused,
        Refused,
    ),
}


@pytest.mark.parametrize(("trouble", "on_read", "on_write"), CASES.values(), ids=CASES)
async def test_trouble_is_named_by_what_it_proves(shop, scripted, trouble, on_read, on_write):
    scripted.answers(*[trouble] * 3)
    with pytest.raises(on_read) as read:
        await shop.locations()
    assert type(read.value) is on_read
    scripted.script[:] = [trouble]
    with pytest.raises(on_write) as write:
        await shop.set_on_hand([WRITE], key="k")
    assert type(write.value) is on_write
    for failure in (read.value, write.value):
        assert "shpat" not in f"{failure.cause}{failure.remedy}{failure.log}"


async def test_a_read_is_repeated_over_short_trouble_and_a_write_never(shop, scripted, clock):
    page = {"locations": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}
    scripted.answers(httpx.ReadTimeout("1"), httpx.Response(503), page)
    assert await shop.locations() == ()
    assert len(scripted.requests) == 3
    assert sum(clock.slept) <= 5
    scripted.answers(httpx.Response(503))
    with pytest.raises(OutcomeUnknown):
        await shop.activate(WRITE.item, WRITE.location, key="k")
    assert len(scripted.requests) == 4


async def test_throttling_says_how_long_to_wait_and_repeats_nothing_far_away(shop, scripted, reply):
    cost = {
        "requestedQueryCost": 900,
        "throttleStatus": {"maximumAvailable": 1000, "currentlyAvailable": 100, "restoreRate": 50},
    }
    scripted.answers(reply(None, [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], cost))
    with pytest.raises(RateLimited) as limited:
        await shop.locations()
    assert limited.value.after == pytest.approx(16)
    assert isinstance(limited.value, NotApplied)


async def test_calls_wait_for_the_bucket_the_shop_reports(shop, scripted, reply, clock):
    cost = {
        "requestedQueryCost": 100,
        "throttleStatus": {"maximumAvailable": 1000, "currentlyAvailable": 0, "restoreRate": 50},
    }
    page = {"locations": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}
    scripted.answers(reply(page, None, cost), reply(page))
    await shop.locations()
    assert clock.slept == []
    await shop.locations()
    assert clock.slept == [pytest.approx(2)]


async def test_an_ignored_search_is_refused_instead_of_reading_everything(shop, scripted, clock):
    warned = {
        "data": {"orders": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}},
        "extensions": {
            "search": [{"path": ["orders"], "warnings": [{"field": "updated", "message": "Invalid"}]}]
        },
    }
    scripted.answers(httpx.Response(200, json=warned))
    with pytest.raises(Refused, match="search"):
        await shop.orders_changed(clock.now())


async def test_another_api_version_is_noticed(shop, scripted):
    scripted.answers(
        httpx.Response(
            200,
            json={"data": {"currentAppInstallation": {"accessScopes": [{"handle": "read_orders"}]}}},
            headers={"X-Shopify-API-Version": "2027-01"},
        )
    )
    with pytest.raises(Misset, match="2027-01"):
        await shop.scopes()
