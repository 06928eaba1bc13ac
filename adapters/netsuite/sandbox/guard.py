"""Who may come in: OAuth 1.0a signatures computed anew, and bearer tokens given for a certificate's assertion."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import jwt
from starlette.requests import Request

OLD = 300.0
"""Seconds a time stamp may be off."""


class Guard:
    """Keys of the sandbox's one integration."""

    def __init__(self, account: str, keys: tuple[str, str, str, str], now: Callable[[], float]) -> None:
        """`keys`: consumer key and secret, token id and secret."""
        self.account, self.keys, self._now = account, keys, now
        self.certificates: dict[str, str] = {}
        """Public keys (PEM) by certificate id."""
        self.client_id = keys[0]
        self._nonces: set[str] = set()
        self._tokens: dict[str, float] = {}

    def may_enter(self, request: Request) -> bool:
        """Whether the Authorization header is good for this request."""
        header = request.headers.get("authorization", "")
        scheme, _, rest = header.partition(" ")
        if scheme.lower() == "bearer":
            return self._tokens.get(rest, 0.0) > self._now()
        return scheme == "OAuth" and self._signed(request.method, str(request.url), rest)

    def exchange(self, form: dict[str, str], audience: str) -> str | None:
        """An access token for a signed assertion; None when it is not good."""
        try:
            key_id = jwt.get_unverified_header(form.get("client_assertion", "")).get("kid", "")
            claims = jwt.decode(
                form["client_assertion"], self.certificates[key_id], ["PS256", "ES256"], audience=audience,
                options={"require": ["iss", "iat", "exp", "aud"]},
            )  # fmt: skip
        except (jwt.PyJWTError, KeyError):
            return None
        if claims["iss"] != self.client_id or claims["exp"] - claims["iat"] > 3600:
            return None
        token = secrets.token_hex(24)
        self._tokens[token] = self._now() + 3600
        return token

    def _signed(self, method: str, url: str, header: str) -> bool:
        given = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}
        consumer, consumer_secret, token, token_secret = self.keys
        fresh = abs(self._now() - float(given.get("oauth_timestamp", "0") or 0)) <= OLD
        nonce = given.get("oauth_nonce", "")
        if (
            given.get("realm") != self.account
            or given.get("oauth_consumer_key") != consumer
            or given.get("oauth_token") != token
            or given.get("oauth_signature_method") != "HMAC-SHA256"
            or not fresh
            or not 6 <= len(nonce) <= 64
            or nonce in self._nonces
        ):
            return False
        expected = signature(method, url, given, consumer_secret, token_secret)
        if not hmac.compare_digest(expected, given.get("oauth_signature", "")):
            return False
        self._nonces.add(nonce)
        return True


def signature(method: str, url: str, oauth: dict[str, str], consumer_secret: str, token_secret: str) -> str:
    """The HMAC-SHA256 signature of a request; realm and signature are not part of what is signed."""
    parts = urlsplit(url)
    signed = [(name, value) for name, value in oauth.items() if name not in ("realm", "oauth_signature")]
    pairs = sorted((_pct(n), _pct(v)) for n, v in [*signed, *parse_qsl(parts.query, keep_blank_values=True)])
    line = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join([method.upper(), _pct(f"{parts.scheme}://{parts.netloc}{parts.path}"), _pct(line)])
    key = f"{_pct(consumer_secret)}&{_pct(token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()


def _pct(text: str) -> str:
    return quote(text, safe="-._~")
