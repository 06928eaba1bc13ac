"""The whole mapping of every connection: names of values, warehouses of locations, fields of an order."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from engine.desk.gaps import GapRow
from engine.desk.mapping import CONFIGURED, FIELD_MAP, MISSING, MappingRow
from engine.model.ids import LocationId, WarehouseId
from engine.model.wording import ORDER, Wording
from engine.orders.coverage import FieldMap
from engine.orders.rewording import named
from engine.orders.values import Kind, ValueMaps

FIELD = "field"
LOCATION = "locations"


@dataclass(frozen=True, slots=True)
class Atlas:
    """What the configuration says, by connection."""

    names: Mapping[str, ValueMaps] = field(default_factory=dict)
    warehouses: Mapping[str, Mapping[LocationId, WarehouseId]] = field(default_factory=dict)
    """Where orders of a location are booked."""
    fields: Callable[[], Mapping[str, FieldMap]] = dict
    """Field maps; read when they are asked for."""

    def in_force(self, words: Collection[Wording]) -> dict[str, ValueMaps]:
        """The tables with the names that people gave."""
        return {
            name: named(tables, [one for one in words if one.connection == name])
            for name, tables in self.names.items()
        }


def mapping_rows(
    atlas: Atlas, words: Collection[Wording], gaps: Collection[GapRow], places: Mapping[str, str]
) -> tuple[MappingRow, ...]:
    """What is missing first, then names, locations, and the fields of an order. `places`: names of locations by id."""
    by = {(one.connection, one.kind, one.name): one.set_by for one in words if one.kind != ORDER}
    known = {
        (name, str(kind), shown): theirs
        for name, tables in atlas.in_force(words).items()
        for kind, table in tables.items()
        for shown, theirs in table.items()
    }
    rows = [
        MappingRow(gap.connection, gap.kind, gap.name, "", MISSING, gap.times)
        for gap in gaps
        if gap.kind in set(Kind) and (gap.connection, gap.kind, gap.name) not in known
    ]
    rows += [
        MappingRow(*key, theirs, by.get(key, CONFIGURED) or CONFIGURED)
        for key, theirs in sorted(known.items())
    ]
    rows += [
        MappingRow(name, LOCATION, places.get(place, place), warehouse, CONFIGURED)
        for name, table in atlas.warehouses.items()
        for place, warehouse in table.items()
    ]
    untold = {(gap.connection, gap.name): gap.times for gap in gaps if gap.kind == FIELD}
    rows += [
        MappingRow(
            name, FIELD, shown, rule.said, FIELD_MAP,
            untold.get((name, shown), 0),
        )
        for name, declared in atlas.fields().items()
        for shown, rule in declared.items()
    ]  # fmt: skip
    return tuple(rows)
