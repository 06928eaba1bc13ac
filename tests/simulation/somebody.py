"""What everybody in the simulated world has in common: both sides, the goods, and chance."""

from collections.abc import Callable
from random import Random

from adapters.shopify.sandbox.things import Order
from tests.simulation.erp import WAREHOUSES, Erp, plain
from tests.simulation.shop import LaggingShop
from tests.simulation.stage import Stage
from tests.simulation.truth import Cell, Truth


class Somebody:
    """People of one side; who acts next draws from the same chance."""

    def __init__(
        self, stage: Stage, shop: LaggingShop, erp: Erp, truth: Truth, skus: list[str], chance: Random
    ) -> None:
        self._stage, self._shop, self._erp, self._truth, self._skus = stage, shop, erp, truth, skus
        self._chance = chance

    def _cell(self) -> Cell:
        return self._chance.choice(self._skus), self._chance.randrange(len(WAREHOUSES))

    def _units(self) -> int:
        return self._chance.choice((1, 1, 1, 2, 3))

    def _pick(self, fits: Callable[[Order], bool]) -> Order | None:
        found = [order for order in self._shop.orders.values() if fits(order)]
        return self._chance.choice(found) if found else None

    def _status(self, order: Order) -> str:
        rows = self._erp.rows(
            "SELECT ext_ref, status FROM sales_order WHERE ext_ref = ? OR ext_ref LIKE ?",
            order.gid,
            f"{order.gid}~%",
        )
        return str(rows[0][1]) if rows else ""

    def _order(self, ref: str | None) -> Order | None:
        if ref is None:
            return None
        return self._shop.orders.get(int(plain(ref).rsplit("/", 1)[-1]))
