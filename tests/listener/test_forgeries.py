"""No signature but the right one over exactly these bytes is taken, in either scheme."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from adapters.intake import ConnectionSecrets, Forged, Received, judge
from tests.listener.conftest import NEW, OFFICE, OLD, shop_digest

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
BODY = b'{"id": 7, "admin_graphql_api_id": "gid://shopify/Order/7", "updated_at": "2026-11-28T12:00:00Z"}'
ROUTES = {"main": ConnectionSecrets((NEW, OLD), (OFFICE,)), "other": ConnectionSecrets(("another",), ())}
TOPIC = {"x-shopify-topic": "orders/updated", "x-shopify-webhook-id": "w-1"}


def from_shop(digest: str, body: bytes = BODY, connection: str = "main") -> Received:
    return judge(ROUTES, "shop", connection, {**TOPIC, "x-shopify-hmac-sha256": digest}, body, NOW)


def from_office(signature: str, body: bytes = BODY, at: datetime = NOW, id: str = "msg_1") -> Received:
    headers = {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
    return judge(ROUTES, "back_office", "main", headers, body, NOW)


GOOD = shop_digest(BODY, NEW)
SIGNED = Webhook(OFFICE).sign("msg_1", NOW, BODY.decode())


def flipped(data: bytes, bit: int) -> bytes:
    at = bit % (len(data) * 8)
    changed = bytearray(data)
    changed[at // 8] ^= 1 << (at % 8)
    return bytes(changed)


def test_the_right_ones_are_taken() -> None:
    assert from_shop(GOOD).resource == "gid://shopify/Order/7"
    assert from_shop(shop_digest(BODY, OLD)).webhook_id == "w-1"
    assert from_office(SIGNED).body == BODY


@given(bit=st.integers(0, 10_000))
def test_any_bit_of_the_body_matters(bit: int) -> None:
    body = flipped(BODY, bit)
    with pytest.raises(Forged):
        from_shop(GOOD, body)
    with pytest.raises(Forged):
        from_office(SIGNED, body)


@given(bit=st.integers(0, 255))
def test_any_bit_of_the_signature_matters(bit: int) -> None:
    digest = base64.b64encode(flipped(base64.b64decode(GOOD), bit)).decode()
    with pytest.raises(Forged):
        from_shop(digest)
    signature = base64.b64encode(flipped(base64.b64decode(SIGNED.removeprefix("v1,")), bit)).decode()
    with pytest.raises(Forged):
        from_office(f"v1,{signature}")


RAW = base64.b64decode(GOOD)
VARIANTS = {
    "empty": "", "a space": " ", "cut": GOOD[:-4], "cut by one": GOOD[:-1], "one more": GOOD + "A", "padded": GOOD + "=",
    "doubled": GOOD + GOOD, "twice in one": f"{GOOD},{GOOD}", "twice in one, spaced": f"{GOOD}, {GOOD}",
    "in hexadecimal": RAW.hex(), "in capital hexadecimal": RAW.hex().upper(), "in another case": GOOD.swapcase(),
    "with a scheme": f"sha256={GOOD}", "with a version": f"v1,{GOOD}", "quoted": f'"{GOOD}"', "in brackets": f"<{GOOD}>",
    "url-safe": base64.urlsafe_b64encode(RAW).decode() + "-_", "base32": base64.b32encode(RAW).decode(),
    "reversed": GOOD[::-1], "raw": RAW.decode("latin-1"), "null": "\x00", "null after": GOOD + "\x00",
    "of nothing": shop_digest(b"", NEW), "of the digest": shop_digest(GOOD.encode(), NEW),
    "of the body with a line feed": shop_digest(BODY + b"\n", NEW), "of other spacing": shop_digest(BODY.replace(b" ", b""), NEW),
    "another secret's": shop_digest(BODY, "guessed"), "an empty secret's": shop_digest(BODY, ""),
    "another shop's": shop_digest(BODY, "another"), "the secret with a space": shop_digest(BODY, NEW + " "),
    "the secret in capitals": shop_digest(BODY, NEW.upper()), "the secret itself": NEW,
    "sha1": base64.b64encode(hashlib.sha1(NEW.encode() + BODY).digest()).decode(),
    "a plain hash": base64.b64encode(hashlib.sha256(BODY).digest()).decode(),
    "secret before body": base64.b64encode(hashlib.sha256(NEW.encode() + BODY).digest()).decode(),
    "secret after body": base64.b64encode(hashlib.sha256(BODY + NEW.encode()).digest()).decode(),
    "sha512": base64.b64encode(hashlib.sha512(BODY).digest()).decode(), "zeros": base64.b64encode(bytes(32)).decode(),
    "ones": base64.b64encode(b"\xff" * 32).decode(), "none": "none", "true": "true", "a list": "[]",
    "not ASCII": "ÿþ", "a full-width letter": GOOD.replace(GOOD[0], chr(ord(GOOD[0]) + 0xFEE0), 1), "long": "A" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("digest", VARIANTS.values(), ids=VARIANTS)
def test_no_other_form_of_a_signature_is_taken(digest: str) -> None:
    with pytest.raises(Forged):
        from_shop(digest)


def test_a_signature_of_one_connection_opens_no_other() -> None:
    for connection in ("other", "nobody", "", "main/", "MAIN"):
        with pytest.raises(Forged):
            from_shop(GOOD, connection=connection)


@pytest.mark.parametrize(
    ("signature", "at", "id"),
    [
        (SIGNED, NOW - timedelta(seconds=301), "msg_1"),
        (SIGNED, NOW + timedelta(seconds=301), "msg_1"),
        (SIGNED, NOW + timedelta(seconds=1), "msg_1"),
        (SIGNED, NOW, "msg_2"),
        (SIGNED, NOW, ""),
        (SIGNED.replace("v1,", "v1a,"), NOW, "msg_1"),
        (SIGNED.replace("v1,", "v2,"), NOW, "msg_1"),
        (SIGNED.removeprefix("v1,"), NOW, "msg_1"),
        (" ".join(f"v1,{n:043d}=" for n in range(50)) + " " + SIGNED, NOW, "msg_1"),
    ],
    ids=["old", "ahead", "another time", "another id", "no id", "v1a", "v2", "bare", "behind fifty others"],
)
def test_a_back_office_signs_its_id_and_its_time_too(signature: str, at: datetime, id: str) -> None:
    with pytest.raises(Forged):
        from_office(signature, at=at, id=id)


def test_one_of_several_signatures_is_enough_while_a_key_is_rotated() -> None:
    other = Webhook("whsec_" + base64.b64encode(b"another key altogether..").decode())
    both = f"{other.sign('msg_1', NOW, BODY.decode())} {SIGNED}"
    assert from_office(both).webhook_id == "msg_1"
