"""What the key or the user of a sandbox may not touch, as its control says."""

from typing import Any


class Rights:
    """Names of what is denied: resources, models or permissions, in the words of the vendor."""

    def __init__(self) -> None:
        self.denied: frozenset[str] = frozenset()

    def ask(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Take these away and give all others back: `{"deny": ["SalesOrders"]}`."""
        self.denied = frozenset(ask.get("deny", ()))
        return {"denied": sorted(self.denied)}
