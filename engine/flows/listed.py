"""What a listing of all levels has shown so far: the item of each SKU, where it is stocked, and SKUs of several items."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from engine.model.ids import ItemId, LocationId, Sku
from engine.model.stock import CellKey, ShopLevel, item_name


@dataclass
class Listed:
    """One listing; of several items with the same SKU the first one shown stands for it."""

    items: dict[Sku, ItemId] = field(default_factory=dict)
    tracked: set[Sku] = field(default_factory=set)
    active: set[CellKey] = field(default_factory=set)
    names: dict[Sku, dict[ItemId, str]] = field(default_factory=dict)

    def take(self, levels: Sequence[ShopLevel]) -> list[ShopLevel]:
        """One page; the levels of it that count."""
        counted = []
        for level in levels:
            self.names.setdefault(level.sku, {})[level.item] = item_name(level.item, level.title)
            if self.items.setdefault(level.sku, level.item) != level.item:
                continue
            counted.append(level)
            if level.tracked:
                self.tracked.add(level.sku)
            if level.active:
                self.active.add(CellKey(level.sku, level.location))
        return counted

    @property
    def twice(self) -> dict[Sku, tuple[str, ...]]:
        """SKUs of several items, with those items."""
        return {
            sku: tuple(name for _, name in sorted(names.items()))
            for sku, names in self.names.items()
            if len(names) > 1
        }

    def unstocked(
        self, known: Collection[Sku], locations: Collection[LocationId]
    ) -> Iterator[tuple[CellKey, ItemId]]:
        """Tracked items that the back office knows, wherever the shop does not stock them."""
        for sku in self.tracked:
            for cell in (CellKey(sku, at) for at in locations) if sku in known else ():
                if cell not in self.active:
                    yield cell, self.items[sku]
