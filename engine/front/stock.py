"""Stock, and what people decide about a cell."""

from collections.abc import Mapping
from datetime import datetime

import orjson

from engine.desk import Asked, ConflictRow, RiskPage, StockPage
from engine.front.door import Door
from engine.model.explanation import Explanation
from engine.model.hold import EVERY, Hold
from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.queries.conflicts import conflicts
from engine.store.queries.history import explanations
from engine.store.queries.named_cell import cells_named, owners_of
from engine.store.queries.risk import risk_page
from engine.store.queries.stock import stock_page
from engine.store.verbs.hold import holds

LOOKED_AT_ONCE = 500
"""Cells in one command, so that no transaction of the engine grows long."""
CELLS_AT_ONCE = 5_000
"""Cells named at a time; more are a location or everything, for which there are other ways."""


class StockFront(Door):
    """Implements what `engine.desk` says of stock, risk and conflicts."""

    async def stock(
        self,
        *,
        filter: str = "",
        offset: int = 0,
        limit: int = 200,
        sort: str = "",
        descending: bool = False,
    ) -> StockPage:
        """SKUs that fit the filter, by SKU unless told otherwise."""
        return await self._store.read(
            stock_page,
            filter=filter,
            offset=offset,
            limit=limit,
            now=self._clock.now(),
            sort=sort,
            descending=descending,
        )

    async def explain(self, sku: str, location: str, at: datetime | None = None) -> tuple[Explanation, ...]:
        """Why a cell held what it held at a moment (by default now); one per connection that has it."""
        now = self._clock.now()
        return tuple(await self._store.read(explanations, sku, location, at or now, now))

    async def look_again(self, cells: tuple[tuple[str, str], ...], *, operator: str) -> Asked:
        """Ask the engine to compare these cells and write what the rules want."""
        return await self._ask_cells("look", cells, LOOKED_AT_ONCE, operator)

    async def plan_cells(self, cells: tuple[tuple[str, str], ...], *, operator: str) -> Asked:
        """Ask the engine for a plan of these cells alone."""
        return await self._ask_cells("plan", cells, len(cells), operator)

    async def _ask_cells(
        self, verb: str, cells: tuple[tuple[str, str], ...], at_once: int, operator: str
    ) -> Asked:
        if len(cells) > CELLS_AT_ONCE:
            return Asked(
                0, (f"{len(cells):,} cells are more than the {CELLS_AT_ONCE:,} that are asked for at a time",)
            )
        wanted = [CellKey(Sku(sku), LocationId(location)) for sku, location in cells]
        owners = await self._store.read(owners_of, wanted)
        for connection, keys in owners.items():
            for begin in range(0, len(keys), at_once):
                args = orjson.dumps({"cells": [list(key) for key in keys[begin : begin + at_once]]}).decode()
                await self._put(connection, verb, args, operator)
        known = {key for keys in owners.values() for key in keys}
        unknown = tuple(f"{key.sku} is not known at {key.location}" for key in wanted if key not in known)
        return Asked(len(wanted) - len(unknown), unknown)

    async def risk(self) -> RiskPage:
        """Cells that sell, the soonest empty first."""
        return await self._store.read(risk_page, self._clock.now())

    async def holds(self) -> tuple[Hold, ...]:
        """What operators hold back from sale."""
        return tuple(await self._store.read(holds))

    async def hold(
        self,
        connection: str,
        sku: str,
        location: str,
        *,
        units: int | None,
        minutes: int | None,
        operator: str,
    ) -> str:
        """Ask the engine to hold units back in a cell; why not, or empty."""
        said = {"units": units, "minutes": minutes}
        return await self._ask_cell(connection, sku, location, "hold", said, operator)

    async def let_go(self, connection: str, sku: str, location: str, *, operator: str) -> str:
        """Ask the engine to end what is held back in a cell; why not, or empty."""
        return await self._ask_cell(connection, sku, location, "let go", {}, operator)

    async def conflicts(self) -> tuple[ConflictRow, ...]:
        """Levels that something other than TrueUp changed, the oldest first."""
        return tuple(await self._store.read(conflicts))

    async def decide(
        self,
        connection: str,
        sku: str,
        location: str,
        *,
        units: int,
        real: bool,
        operator: str,
        kind: str = "",
    ) -> str:
        """Ask the engine to note what so many units of a conflict were; why not, or empty."""
        mine = [
            row
            for row in await self._store.read(conflicts)
            if row.sku == sku
            and location.lower() in (row.location.lower(), row.location_name.lower())
            and connection in ("", row.connection)
        ]
        mine = [row for row in mine if row.kind == "fall"] or mine  # a cell's fall is judged before its rise
        if kind and len(mine) == 1 and mine[0].kind != kind:
            return f"Of {sku} at {location} a {mine[0].kind} of {mine[0].units} has to be decided before the {kind}."
        if len(mine) != 1 or units > mine[0].units:
            known = ", ".join(f"a {row.kind} of {row.units} in {row.connection}" for row in mine)
            return f"Of {sku} at {location} waits {known or 'nothing'}, not one change of {units} units."
        said = {"units": units, "real": int(real), "rise": int(mine[0].kind == "rise")}
        return await self._ask_cell(mine[0].connection, sku, location, "decide", said, operator)

    async def _ask_cell(
        self,
        connection: str,
        sku: str,
        location: str,
        verb: str,
        said: Mapping[str, int | None],
        operator: str,
    ) -> str:
        found = await self._store.read(cells_named, connection, sku, location)
        if len(found) != 1:
            what, unknown = ("cells", "No SKU is") if sku == EVERY else (sku, f"{sku} is not")
            many = f"{len(found)} connections have {what} at {location}: name one."
            return many if found else f"{unknown} known at {location}."
        [(owner, key)] = found
        held = await self._store.read(holds, owner)
        if verb == "let go" and not any((one.sku, one.location) == key for one in held):
            what = "everything" if sku == EVERY else f"anything back of {sku}"
            return f"No operator holds {what} at {location}."
        args = orjson.dumps({"sku": key.sku, "location": key.location, **said}).decode()
        await self._put(owner, verb, args, operator)
        return ""
