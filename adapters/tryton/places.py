"""Warehouses and the locations inside them, remembered for a while."""

from dataclasses import dataclass

from adapters.tryton.rpc import Rpc
from engine.model.clock import Clock
from engine.model.failure import Unmapped
from engine.model.ids import WarehouseId
from engine.ports import Place

REMEMBER_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A warehouse with the locations that goods pass through."""

    id: int
    name: WarehouseId
    title: str
    active: bool
    input: int
    output: int
    storage: int
    picking: int


@dataclass(frozen=True, slots=True)
class Atlas:
    """All warehouses, and to which of them every location belongs."""

    warehouses: tuple[Warehouse, ...]
    inside: dict[int, WarehouseId]
    """Location id → warehouse; what belongs to none is left out."""
    customers: frozenset[int]
    """Locations of type customer: what goes there was sold."""

    def named(self, name: WarehouseId) -> Warehouse:
        """The warehouse with this code, or with this id when it has no code."""
        for warehouse in self.warehouses:
            if warehouse.name == name:
                return warehouse
        raise Unmapped(
            f"Tryton has no warehouse {name}",
            "Correct the location map of this connection",
            code="tryton_warehouse",
        )


class Places:
    """Reads the atlas of locations and keeps it for some minutes."""

    def __init__(self, rpc: Rpc, clock: Clock) -> None:
        self._rpc = rpc
        self._clock = clock
        self._atlas: Atlas | None = None
        self._until = 0.0

    async def atlas(self, *, fresh: bool = False) -> Atlas:
        """The atlas, at most a few minutes old."""
        if fresh or self._atlas is None or self._clock.monotonic() >= self._until:
            self._atlas = await self._read()
            self._until = self._clock.monotonic() + REMEMBER_SECONDS
        return self._atlas

    async def listed(self) -> tuple[Place, ...]:
        """Warehouses as the port shows them."""
        atlas = await self.atlas(fresh=True)
        return tuple(Place(w.name, w.title, w.active) for w in atlas.warehouses)

    async def _read(self) -> Atlas:
        rows = await self._rpc.rows(
            "stock.location",
            [],
            [
                *("name", "code", "type", "active", "parent"),
                *("input_location", "output_location", "storage_location", "picking_location"),
            ],
            active_test=False,
        )
        by_id = {row["id"]: row for row in rows}
        warehouses = tuple(
            Warehouse(
                row["id"],
                WarehouseId((row["code"] or "").strip() or str(row["id"])),
                row["name"],
                bool(row["active"]),
                row["input_location"],
                row["output_location"],
                row["storage_location"],
                row["picking_location"] or row["storage_location"],
            )
            for row in rows
            if row["type"] == "warehouse"
        )
        names = {warehouse.id: warehouse.name for warehouse in warehouses}
        inside: dict[int, WarehouseId] = {}
        for row in rows:
            at = row
            while at["id"] not in names and at["parent"] in by_id:
                at = by_id[at["parent"]]
            if at["id"] in names:
                inside[row["id"]] = names[at["id"]]
        return Atlas(warehouses, inside, frozenset(r["id"] for r in rows if r["type"] == "customer"))
