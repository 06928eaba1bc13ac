"""What Tryton was asked while several records are prepared together: the same question is asked once."""

from collections.abc import Sequence
from typing import Any

from adapters.tryton.rpc import Domain, Row, Rpc


class Looks:
    """Reads of one batch; thrown away with it, so that nothing is taken for true for longer."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._told: dict[str, Any] = {}

    @property
    def company(self) -> int:
        """See `Rpc.company`."""
        return self._rpc.company

    async def rows(self, model: str, domain: Domain, fields: Sequence[str]) -> list[Row]:
        """See `Rpc.rows`."""
        key = repr((model, domain, fields))
        if key not in self._told:
            self._told[key] = await self._rpc.rows(model, domain, fields)
        found: list[Row] = self._told[key]
        return found

    async def model(self, model: str, method: str, *params: Any, **context: Any) -> Any:
        """See `Rpc.model`; only methods that change nothing."""
        key = repr((model, method, params, sorted(context.items())))
        if key not in self._told:
            self._told[key] = await self._rpc.model(model, method, *params, **context)
        return self._told[key]
