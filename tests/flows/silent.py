"""A neighbour that has nothing to say, for engines whose own parts are looked at."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.ports import Capabilities, Tier


class Silent:
    """Every call to it hangs; it tells nothing of its allowance and counts no calls."""

    capabilities = Capabilities("erp", Tier.T0, 0.0, events=False, max_concurrency=4)

    def allowed(self) -> None:
        """Nothing is told."""

    def spent(self) -> Mapping[datetime, int]:
        """Nothing is counted."""
        return {}

    def recall(self, spent: Mapping[datetime, int]) -> None:
        """Nothing is counted."""

    def asked_for(self, name: str) -> None:
        """Somebody called it."""

    def __getattr__(self, name: str) -> Any:
        async def never(*args: object, **kw: object) -> None:
            self.asked_for(name)
            await asyncio.Event().wait()

        return never
