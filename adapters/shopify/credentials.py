"""The access token: given in the settings, or granted for a day against client id and secret and renewed in time."""

import asyncio
from urllib.parse import urlencode

import httpx
import orjson

from adapters.http import build, send, silent, status_failure
from engine.model.clock import Clock
from engine.model.failure import Misset
from engine.model.hidden import conceal

RENEW_BEFORE = 600.0
"""Seconds before expiry at which a new token is asked for."""


class Credentials:
    """Hands out a token that is valid now."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        *,
        token: str | None,
        client_id: str | None,
        client_secret: str | None,
        clock: Clock,
    ) -> None:
        self._http, self._url, self._clock = http, url, clock
        self._fixed = token or None
        self._id, self._secret = client_id, client_secret
        self._granted = ""
        self._until = float("-inf")
        self._lock = asyncio.Lock()

    @property
    def renewable(self) -> bool:
        """True when a refused token can be replaced by a new one."""
        return self._fixed is None

    async def token(self) -> str:
        """The token to send now."""
        if self._fixed is not None:
            return self._fixed
        async with self._lock:
            if self._clock.monotonic() >= self._until:
                await self._grant()
            return self._granted

    def refused(self, token: str) -> None:
        """The shop did not accept this token: forget it, unless it has been replaced meanwhile."""
        if token == self._granted:
            self._until = float("-inf")

    async def _grant(self) -> None:
        if not self._id or not self._secret:
            raise Misset(
                "No access token and no client id and secret are set for the shop",
                "Enter one of the two in the secrets",
                code="no_credentials",
            )
        form = {"grant_type": "client_credentials", "client_id": self._id, "client_secret": self._secret}
        request = build(
            self._http,
            "POST",
            f"{self._url}/admin/oauth/access_token",
            who="The shop",
            content=urlencode(form).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        )
        reply = await send(self._http, request, who="The shop", write=False, reply_limit=1_000_000)
        if reply.status_code in (400, 401, 403):
            raise Misset(
                "The shop does not grant a token for this client id and secret",
                "Check both, and that the app is installed in this shop",
                code=_reason(reply.text),
                log=f"HTTP {reply.status_code}",
            )
        if (failure := status_failure(reply, "The shop", write=False, now=self._clock.now())) is not None:
            raise failure
        try:
            grant = orjson.loads(reply.content)
            token, lifetime = str(grant["access_token"]), float(grant.get("expires_in") or 3600.0)
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as odd:
            raise silent("The shop", write=False, log="unreadable token grant") from odd
        conceal(token, passing=True)
        self._granted = token
        self._until = self._clock.monotonic() + max(lifetime - RENEW_BEFORE, lifetime / 2)


def _reason(page: str) -> str:
    known = ("application_cannot_be_found", "shop_not_permitted", "app_not_installed", "invalid_client")
    return next((reason for reason in known if reason in page), "grant_refused")
