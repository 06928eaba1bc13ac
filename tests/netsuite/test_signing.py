"""Signatures and assertions that a second implementation takes."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import quote, unquote

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwk
from joserfc import jwt as second
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from adapters.netsuite.auth import Certificate, Token
from adapters.netsuite.back_office import NetSuiteBackOffice
from adapters.netsuite.client import TOKEN
from adapters.netsuite.sandbox import start
from adapters.netsuite.sandbox.guard import signature
from engine.model.clock import SystemClock
from engine.model.failure import Misset

QUERIES = [
    "",
    "?limit=1000",
    "?q=otherRefNum%20IS%20%22%231042%22&limit=5",
    "?a=1&a=0&b=&c=%26%3D%2B%20%7E",
    "?name=" + quote("Zoë's mug / 50 % off"),
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_the_sandbox_computes_the_signature_that_oauthlib_makes(method: str, query: str) -> None:
    url = f"https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/record/v1/salesOrder{query}"
    client = Client(
        "key", "s&cret", "token", "to+ken secret", realm="1234567_SB1", signature_method=SIGNATURE_HMAC_SHA256,
        nonce="abcdef123456", timestamp="1780000000",
    )  # fmt: skip
    _, headers, _ = client.sign(url, http_method=method)
    given = dict(part.split("=", 1) for part in headers["Authorization"].removeprefix("OAuth ").split(", "))
    oauth = {name: unquote(value.strip('"')) for name, value in given.items()}
    made = signature(method, url, oauth, "s&cret", "to+ken secret")
    assert made == oauth["oauth_signature"]


async def test_a_header_has_a_fresh_nonce_and_the_accounts_realm() -> None:
    signer = Token("1234567-sb1", "key", "secret", "token", "secret", SystemClock())
    one, other = [await signer.header("GET", "https://example.com/x") for _ in range(2)]
    assert 'realm="1234567_SB1"' in one
    assert one != other


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> tuple[str, str]:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


KEYS = {
    "PS256": (pem(rsa.generate_private_key(65537, 3072)), "RSA"),
    "ES256": (pem(ec.generate_private_key(ec.SECP256R1())), "EC"),
}


async def never(_url: str, _form: str) -> str:
    raise AssertionError("no token is fetched here")


@pytest.mark.parametrize("algorithm", ["PS256", "ES256"])
def test_a_second_library_reads_our_assertion(algorithm: str) -> None:
    (private, public), kind = KEYS[algorithm]
    ours = Certificate(
        "client",
        "cert-1",
        private,
        algorithm=algorithm,
        token_url="https://a/token",
        fetch=never,
        clock=SystemClock(),  # type: ignore[arg-type]
    )
    read = second.decode(ours.assertion(), jwk.import_key(public, kind), algorithms=[algorithm])
    assert read.header["kid"] == "cert-1"
    assert (read.claims["iss"], read.claims["aud"]) == ("client", "https://a/token")
    assert 0 < read.claims["exp"] - datetime.now(UTC).timestamp() <= 3600


def test_a_key_that_does_not_fit_is_named() -> None:
    (private, _), _ = KEYS["ES256"]
    ours = Certificate(
        "client",
        "cert-1",
        private,
        algorithm="PS256",
        token_url="https://a/token",
        fetch=never,
        clock=SystemClock(),
    )
    with pytest.raises(Misset, match="PS256"):
        ours.assertion()


async def test_a_certificate_opens_the_account_and_its_token_is_kept() -> None:
    (private, public), _ = KEYS["PS256"]
    sandbox = start(skus=["MUG"], stock={("MUG", 0): 3})
    sandbox.guard.certificates["cert-1"] = public
    fetched: list[str] = []

    def office(certificate: str) -> NetSuiteBackOffice:
        made = NetSuiteBackOffice(sandbox.url, clock=SystemClock())

        async def fetch(url: str, form: str) -> str:
            fetched.append(url)
            return await made.client.fetch_token(url, form)

        made.client.sign_with(
            Certificate(
                sandbox.keys[0],
                certificate,
                private,
                algorithm="PS256",
                token_url=f"{sandbox.url}{TOKEN}",
                fetch=fetch,
                clock=SystemClock(),
            )
        )
        return made

    good, wrong = office("cert-1"), office("cert-2")
    try:
        places = await asyncio.gather(good.warehouses(), good.warehouses(), good.warehouses())
        assert [place.name for place in places[0]] == ["WH1", "WH2"]
        assert len(fetched) == 1
        with pytest.raises(Misset, match="certificate"):
            await wrong.warehouses()
    finally:
        await good.aclose()
        await wrong.aclose()
        sandbox.stop()
