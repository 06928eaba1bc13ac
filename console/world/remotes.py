"""The two sides of the world behind one small face each: where they are, what they know, how to stop them."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Remote:
    """A sandbox: its control address and the act that ends it."""

    control: str
    stop: Callable[[], None]
    pid: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Its table in the configuration."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Its entries in the secrets file."""
    warehouses: Mapping[str, str] = field(default_factory=dict)
    """Ids TrueUp calls its warehouses by, where they are not the names the staff use."""
    rhythm: Mapping[str, float] = field(default_factory=dict)
    """How often TrueUp may look, where that differs from other worlds."""

    def state(self) -> Json:
        """Its whole truth."""
        answer = httpx.get(f"{self.control}/_control/state", timeout=60, trust_env=False).raise_for_status()
        return dict(answer.json())

    def ask(self, verb: str, body: Json) -> Json | None:
        """Do something there; None when the answer is no."""
        answer = httpx.post(f"{self.control}/_control/{verb}", json=body, timeout=60, trust_env=False)
        return dict(answer.json()) if answer.is_success else None


class Hands:
    """Many acts at once on one remote, for the people of the world."""

    def __init__(self, remote: Remote, client: httpx.AsyncClient) -> None:
        self._control = f"{remote.control}/_control/"
        self._client = client

    async def ask(self, verb: str, body: Json) -> Json | None:
        """Do something there; None when the answer is no or the remote is away."""
        try:
            answer = await self._client.post(self._control + verb, json=body)
        except httpx.HTTPError:
            await asyncio.sleep(0.2)
            return None
        return dict(answer.json()) if answer.is_success else None

    async def state(self) -> Json:
        """Its whole truth; empty when it is away."""
        try:
            answer = await self._client.get(self._control + "state")
        except httpx.HTTPError:
            return {}
        return dict(answer.json())
