"""What is really so: goods on the floor, and who still has a right to them."""

from collections.abc import Iterable
from datetime import datetime

from engine.model.ids import LocationId, OrderId, WarehouseId
from tests.stock.world.back_office import BackOffice, Paper
from tests.stock.world.places import LOCATION_OF, LOCATIONS
from tests.stock.world.shop import Sale, Shop


class Truth:
    """Goods on the floor per location. Both systems only hear of what happens here."""

    def __init__(self, shop: Shop, erp: BackOffice, goods: dict[LocationId, int]) -> None:
        self.shop, self.erp, self.goods = shop, erp, dict(goods)
        self.lost: dict[OrderId, int] = {}
        """Units of an order that left, and that its buyer was refunded as if they had not."""

    def paper(self, sale: Sale) -> Paper | None:
        """The document of a sale."""
        return self.erp.ours.get(sale.id)

    def untold_shop(self, sale: Sale) -> int:
        """Units the back office shipped and the shop still holds open."""
        paper = self.paper(sale)
        return max(0, paper.shipped() - sale.fulfilled() - self.lost.get(sale.id, 0)) if paper else 0

    def told_elsewhere(self, sale: Sale, location: LocationId) -> bool:
        """The back office shipped units of another location, and the shop still waits for them there."""
        paper = self.paper(sale)
        return paper is not None and any(
            sale.open[other] and paper.shipped(other) > sale.fulfilled(other)
            for other in LOCATIONS
            if other != location
        )

    def untold_erp(self, sale: Sale, location: LocationId | None = None) -> int:
        """Units that left in the shop and not in the back office, from one location or in all."""
        paper = self.paper(sale)
        shipped = paper.shipped() if paper else 0
        every = max(0, sale.fulfilled() - shipped)
        if location is None:
            return every
        here = paper.shipped(location) if paper else 0
        return min(every, max(0, sale.fulfilled(location) - here))

    def demand(self, sale: Sale, location: LocationId) -> int:
        """Units of a sale that still have to leave from here; what either side cancelled is owed no more."""
        paper = self.paper(sale)
        if paper is None:
            return sale.open[location]
        told = self.untold_erp(sale)
        elsewhere = told - self.untold_erp(sale, location)
        spare = sum(paper.open(other) for other in LOCATIONS if other != location)
        here = paper.open(location) - self.untold_erp(sale, location) - max(0, elsewhere - spare)
        dead = paper.open() - told - (sum(sale.open.values()) - self.untold_shop(sale))
        return max(0, here - max(0, dead))

    def sellable(self, location: LocationId, sales: Iterable[Sale] | None = None) -> int:
        """Units nobody has a right to yet; when sales are named, no others are counted."""
        ours = sum(self.demand(sale, location) for sale in (self.shop.sales if sales is None else sales))
        return self.goods[location] - ours - sum(paper.open(location) for paper in self.erp.own)

    # ---- goods that move, booked in one of the two systems

    def staff_fulfil(self, sale: Sale, location: LocationId, units: int, now: datetime) -> bool:
        """Staff press fulfil: mere paperwork for what the back office shipped before.

        Not while the shop waits elsewhere for units that the back office shipped there: whose units are whose nobody
        could tell then, a limit that docs/architecture.md states.
        """
        if self.told_elsewhere(sale, location):
            return False
        moved = units - min(units, self.untold_shop(sale))
        if self.goods[location] < moved:
            return False
        self.goods[location] -= moved
        self.shop.fulfil(sale, location, units, now)
        return True

    def erp_ships(
        self, paper: Paper, sale: Sale | None, warehouse: WarehouseId, units: int, now: datetime
    ) -> bool:
        """The warehouse ships; it knows of what the shop fulfilled from the same place."""
        location = LOCATION_OF[warehouse]
        known = self.untold_erp(sale, location) if sale else 0
        if sale and self.untold_erp(sale) > known:
            return False
        moved = units - min(units, known)
        if self.goods[location] < moved:
            return False
        self.goods[location] -= moved
        self.erp.ship(paper, warehouse, paper.line(warehouse).shipped + units, now)
        return True

    def release(self, sale: Sale, units: int, now: datetime) -> tuple[LocationId | None, int]:
        """Open units are cancelled; where and how many of them had left already."""
        where = next((location for location in LOCATIONS if sale.open[location]), None)
        self.shop.release(sale, units, now)
        lost = max(0, self.untold_shop(sale) - sum(sale.open.values()))
        self.lost[sale.id] = self.lost.get(sale.id, 0) + lost
        return where, lost
