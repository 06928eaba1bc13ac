"""Channels deliver, sign, and never reach inside the network: judged by the listener that must hear nothing."""

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook as Signature

from adapters.intake import ConnectionSecrets, judge
from adapters.notify import apprise_channel
from adapters.notify.addresses import is_public
from adapters.notify.apprise_channel import AppriseChannel
from adapters.notify.webhook import Resolve, Webhook
from engine.model.clock import SystemClock
from engine.model.failure import Failure, Misset, Refused, TryLater
from engine.model.ids import OrderId, Sku
from engine.ports import Event
from tests.alerts.made import text
from tests.alerts.receivers import Posted, mailbox, web

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
REDIRECT = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:%d/inside\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
        "fd00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "2002:7f00:1::", "2002:a00:1::1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001:db8::1", "2001:0:a00:1::f5ff:fffe", "",
        "localhost", "0x7f.1", "2130706433",
    ],
)  # fmt: skip
def test_what_only_we_can_reach_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"])
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


def resolver(*answers: Sequence[str]) -> Resolve:
    """Answers in turn, the last one for ever."""
    left = list(answers)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


async def test_a_webhook_is_signed_and_its_name_stays_in_the_host_header() -> None:
    async with web() as site:
        url = f"http://hooks.example.test:{site.port}/in?x=1"
        hook = Webhook(url, KEY, inside=True, clock=SystemClock(), resolve=resolver(["127.0.0.1"]))
        await hook.tell(text())
        await hook.aclose()
        [posted] = site.came
        assert isinstance(posted, Posted)
        assert posted.headers["host"] == f"hooks.example.test:{site.port}"
        said = Signature(KEY).verify(posted.body.decode(), posted.headers)
        assert (said["type"], said["data"]["figure"]) == ("trueup.alert.fired", 3)
        assert posted.headers["webhook-id"] == "telling-1"
        forged = json.loads(posted.body) | {"type": "x"}
        with pytest.raises(Exception, match="No matching signature"):
            Signature(KEY).verify(json.dumps(forged), posted.headers)


@pytest.mark.parametrize(
    "answers",
    [[["127.0.0.1"]], [["::ffff:127.0.0.1"]], [["93.184.216.34", "127.0.0.1"]], [[]]],
    ids=["loopback", "mapped", "one of several inside", "nothing"],
)
async def test_a_webhook_never_reaches_inside(answers: list[list[str]]) -> None:
    async with web() as site:
        url = f"https://hooks.example.test:{site.port}/in"
        hook = Webhook(url, KEY, inside=False, clock=SystemClock(), resolve=resolver(*answers))
        with pytest.raises(Refused, match="inside the network"):
            await hook.tell(text())
        await hook.aclose()
        assert site.connections == 0


async def test_the_address_that_was_judged_is_the_one_connected_to() -> None:
    """A name that answers differently the second time is asked once only."""
    asked = 0

    async def flips(host: str, port: int) -> Sequence[str]:
        nonlocal asked
        asked += 1
        return ["203.0.113.1"] if asked == 1 else ["127.0.0.1"]

    async with web() as site:
        hook = Webhook(
            f"https://flip.test:{site.port}/", KEY, inside=False, clock=SystemClock(), resolve=flips
        )
        with pytest.raises(Failure):  # 203.0.113.0/24 is for documentation: not public either
            await hook.tell(text())
        await hook.aclose()
        assert (asked, site.connections) == (1, 0)


async def test_a_webhook_follows_no_redirect_and_takes_no_error_for_an_answer() -> None:
    async with web() as site, web() as inside:
        hook = Webhook(
            f"http://hooks.test:{site.port}/",
            KEY,
            inside=True,
            clock=SystemClock(),
            resolve=resolver(["127.0.0.1"]),
        )
        site.answer = REDIRECT % inside.port
        with pytest.raises(Refused, match="redirect"):
            await hook.tell(text())
        site.answer = b"HTTP/1.1 500 no\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret"
        with pytest.raises(TryLater, match="500") as failed:
            await hook.tell(text())
        await hook.aclose()
        assert "secret" not in f"{failed.value} {failed.value.log}"
        assert inside.connections == 0


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("http://hooks.example.test/", False),
        ("ftp://hooks.example.test/", True),
        ("https://user:pass@hooks.example.test/", False),
        ("https:///in", False),
        ("https://[::1/", False),
    ],
)
def test_a_target_that_is_no_https_address_is_refused(url: str, inside: bool) -> None:
    with pytest.raises(Misset):
        Webhook(url, KEY, inside=inside, clock=SystemClock())


def test_a_key_that_is_none_is_refused() -> None:
    with pytest.raises(Misset, match="key"):
        Webhook("https://hooks.example.test/", "not a key", inside=False, clock=SystemClock())


async def test_a_mail_arrives() -> None:
    async with mailbox() as box:
        await AppriseChannel(f"mailto://127.0.0.1:{box.port}?from=a@b.test&to=ops@b.test", inside=True).tell(
            text()
        )
        [mail] = box.came
        assert mail["subject"] == "test main: CRITICAL 3 records wait"
        assert mail["to"] == "ops@b.test"
        body = mail.get_body(("plain", "html")).get_content()
        assert "3 records wait." in body
        assert "Look." in body


@pytest.mark.parametrize(
    "address",
    ["json://127.0.0.1:{}/", "json://localhost:{}/", "mailto://127.0.0.1:{}?from=a@b.test&to=o@b.test"],
)
async def test_apprise_never_reaches_inside(address: str) -> None:
    async with web() as site:
        with pytest.raises(Refused, match="inside the network"):
            await AppriseChannel(address.format(site.port), inside=False).tell(text())
        assert site.connections == 0


async def test_apprise_follows_no_redirect() -> None:
    async with web() as site, web() as elsewhere:
        site.answer = REDIRECT % elsewhere.port
        with pytest.raises(Refused, match="redirect"):
            await AppriseChannel(f"json://127.0.0.1:{site.port}/", inside=True).tell(text())
        assert (site.connections, elsewhere.connections) == (1, 0)


async def test_an_address_that_apprise_does_not_know_says_so_without_repeating_it() -> None:
    with pytest.raises(Misset) as failed:
        await AppriseChannel("nosuch://hush-hush", inside=False).tell(text())
    assert "hush" not in f"{failed.value} {failed.value.remedy} {failed.value.log}"


async def test_a_carrier_that_dies_is_a_failure_and_one_that_is_given_up_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apprise_channel, "WORDS", (sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(TryLater, match="ended with 3"):
        await AppriseChannel("json://x", inside=False).tell(text())
    monkeypatch.setattr(apprise_channel, "WORDS", (sys.executable, "-c", "import time; time.sleep(600)"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await AppriseChannel("json://x", inside=False).tell(text())


async def test_events_go_out_as_our_own_inbox_takes_them_in() -> None:
    """What one TrueUp tells another system, another TrueUp believes: the same words, the same signature."""
    skus, refs = (Sku("MUG"), Sku("[red]CUP")), (OrderId("gid://shopify/Order/7"),)
    event = Event("evt_1", "stock.changed", "main", skus, refs, datetime(2026, 11, 28, tzinfo=UTC))
    async with web() as site:
        hook = Webhook(f"http://127.0.0.1:{site.port}/in", KEY, inside=True, clock=SystemClock())
        await hook.hand(event)
        await hook.hand(event)
        await hook.aclose()
        first, again = site.came
    said = Signature(KEY).verify(first.body.decode(), first.headers)
    assert said == {
        "type": "stock.changed", "timestamp": "2026-11-28T00:00:00+00:00", "connection": "main",
        "skus": list(skus), "refs": list(refs),
    }  # fmt: skip
    assert first.headers["webhook-id"] == again.headers["webhook-id"] == "evt_1"
    routes = {"east": ConnectionSecrets((), (KEY,))}
    taken = judge(routes, "back_office", "east", first.headers, first.body, datetime.now(UTC))
    assert (taken.topic, taken.webhook_id) == ("stock.changed", "evt_1")
    told = json.loads(taken.body)
    assert (told["skus"], told["refs"]) == (list(skus), list(refs))
