"""A token granted for a day is renewed in time, and once when the shop refuses it."""

import httpx
import pytest

from adapters.shopify.storefront import ShopifyStorefront
from engine.model.failure import Misset, TryLater

SCOPES = {"currentAppInstallation": {"accessScopes": [{"handle": "read_orders"}]}}


def grant(token: str) -> httpx.Response:
    return httpx.Response(200, json={"access_token": token, "scope": "read_orders", "expires_in": 86399})


@pytest.fixture
async def app(scripted, clock):
    storefront = ShopifyStorefront(
        "https://shop.test/", api_version="2026-10", token=None, client_id="id", client_secret="s&cret", clock=clock,
        transport=httpx.MockTransport(scripted.handle),
    )  # fmt: skip
    yield storefront
    await storefront.aclose()


def tokens(scripted):
    return [request.headers.get("X-Shopify-Access-Token") for request in scripted.requests]


async def test_one_grant_serves_many_calls_until_it_nears_its_end(app, scripted, clock):
    scripted.answers(grant("a"), SCOPES, SCOPES, grant("b"), SCOPES)
    await app.scopes()
    await app.scopes()
    clock.seconds += 86000
    assert await app.scopes() == {"read_orders"}
    assert tokens(scripted) == [None, "a", "a", None, "b"]
    assert (
        scripted.requests[0].content == b"grant_type=client_credentials&client_id=id&client_secret=s%26cret"
    )


async def test_a_refused_token_is_replaced_once(app, scripted):
    scripted.answers(grant("a"), httpx.Response(401, json={"errors": "no"}), grant("b"), SCOPES)
    await app.scopes()
    scripted.answers(
        httpx.Response(401, json={"errors": "no"}), grant("c"), httpx.Response(401, json={"errors": "no"})
    )
    with pytest.raises(Misset):
        await app.scopes()


async def test_a_refused_grant_says_what_to_check(app, scripted):
    scripted.answers(httpx.Response(400, text="<html>Oauth error app_not_installed: s&cret</html>"))
    with pytest.raises(Misset) as refused:
        await app.scopes()
    assert refused.value.code == "app_not_installed"
    assert "s&cret" not in refused.value.cause + refused.value.log


async def test_an_unreadable_grant_is_tried_later(app, scripted):
    scripted.answers(*[httpx.Response(200, json={"token": 1})] * 3)
    with pytest.raises(TryLater):
        await app.scopes()


@pytest.mark.parametrize(("url", "token"), [("https://shop.test", "shpät"), ("shop.test", "t")])
async def test_an_address_or_key_that_cannot_be_sent_is_a_setting_to_mend(clock, url, token):
    storefront = ShopifyStorefront(url, api_version="2026-10", token=token, clock=clock)
    with pytest.raises(Misset) as misset:
        await storefront.locations()
    assert token not in misset.value.cause + misset.value.log or token == "t"
    await storefront.aclose()
