"""Who we are to NetSuite: token-based authentication (OAuth 1.0a), or OAuth 2.0 with a certificate.

Token-based: HMAC-SHA256 is the only signature NetSuite takes; the JSON body is not signed. Certificate: a JWT signed
by PS256 or ES256 is exchanged for an access token that lives an hour; the key's id is the certificate's id in NetSuite.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlencode

import jwt
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_AUTH_HEADER, Client

from engine.model.clock import Clock
from engine.model.failure import Misset
from engine.model.hidden import conceal

LIFE = 3000.0
"""Seconds a token is used before the next is fetched; NetSuite gives it an hour."""
GRANT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Signer(Protocol):
    """Makes the Authorization header of a request."""

    async def header(self, method: str, url: str) -> str:
        """The header's value; Misset when our keys cannot be used."""
        ...

    def refused(self) -> None:
        """The remote did not take the last header: a token that was kept is thrown away."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """Token-based authentication."""

    account: str
    consumer_key: str
    consumer_secret: str
    token_id: str
    token_secret: str
    clock: Clock

    async def header(self, method: str, url: str) -> str:
        """An OAuth 1.0a header with a fresh nonce."""
        client = Client(
            self.consumer_key,
            client_secret=self.consumer_secret,
            resource_owner_key=self.token_id,
            resource_owner_secret=self.token_secret,
            realm=self.account.upper().replace("-", "_"),
            signature_method=SIGNATURE_HMAC_SHA256,
            signature_type=SIGNATURE_TYPE_AUTH_HEADER,
            nonce=secrets.token_hex(16),
            timestamp=str(int(self.clock.now().timestamp())),
        )
        _, headers, _ = client.sign(url, http_method=method)
        return str(headers["Authorization"])

    def refused(self) -> None:
        """Nothing is kept."""


class Certificate:
    """OAuth 2.0 machine to machine."""

    def __init__(
        self,
        client_id: str,
        certificate_id: str,
        private_key: str,
        *,
        algorithm: Literal["PS256", "ES256"],
        token_url: str,
        fetch: Callable[[str, str], Awaitable[str]],
        clock: Clock,
    ) -> None:
        """`fetch` posts a form to the token address and gives the access token, or raises Failure."""
        self._client_id, self._certificate_id, self._private_key = client_id, certificate_id, private_key
        self._algorithm, self._token_url, self._fetch, self._clock = algorithm, token_url, fetch, clock
        self._token: tuple[str, float] | None = None
        self._turn = asyncio.Lock()

    async def header(self, method: str, url: str) -> str:
        """A bearer header; the token is fetched when there is none or it is old."""
        async with self._turn:
            now = self._clock.monotonic()
            if self._token is None or self._token[1] <= now:
                form = {
                    "grant_type": "client_credentials",
                    "client_assertion_type": GRANT,
                    "client_assertion": self.assertion(),
                }
                self._token = (await self._fetch(self._token_url, urlencode(form)), now + LIFE)
                conceal(self._token[0], passing=True)
            return f"Bearer {self._token[0]}"

    def refused(self) -> None:
        """Fetch a new token before the next call."""
        self._token = None

    def assertion(self) -> str:
        """The signed JWT; Misset when the key does not fit the algorithm."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._client_id,
            "scope": ["rest_webservices"],
            "aud": self._token_url,
            "iat": now,
            "exp": now + 3600,
        }
        try:
            return jwt.encode(
                claims,
                self._private_key,
                self._algorithm,
                headers={"kid": self._certificate_id, "typ": "JWT"},
            )
        except (ValueError, TypeError, jwt.PyJWTError) as odd:
            raise Misset(
                f"The private key for NetSuite cannot sign by {self._algorithm}.",
                "Give the PEM text of an RSA key for PS256 or of a P-256 key for ES256 as back_office_private_key.",
                code="netsuite_key",
                log=type(odd).__name__,
            ) from odd
