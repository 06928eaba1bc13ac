"""A snapshot of stock is never put together from before and after a movement."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from adapters.tryton.places import Places
from adapters.tryton.rpc import Rpc
from adapters.tryton.shelves import Shelves
from engine.model.clock import SystemClock
from engine.model.failure import TryLater
from engine.model.ids import Sku, WarehouseId

PLACES = [
    {"id": 1, "type": "warehouse", "code": "WH1", "parent": None},
    {"id": 2, "type": "storage", "code": "", "parent": 1},
    {"id": 9, "type": "customer", "code": "", "parent": None},
]


class MovingRpc:
    """Answers like a Tryton in which `ship` happens while quantities are being read, so many times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.on_hand = 10
        self.open = 3
        self.done = 0
        self.asked: list[list[str]] = []

    async def model(self, _model: str, _method: str, domain: Any) -> int:
        return self.done if domain[1][2] == "done" else 0

    async def rows(self, model: str, domain: Any, *_: Any, **_context: Any) -> list[dict[str, Any]]:
        if model == "stock.location":
            blank = dict.fromkeys(
                ("input_location", "output_location", "storage_location", "picking_location"), 2
            )
            return [{"name": "x", "active": True, **blank, **place} for place in PLACES]
        skus = domain[0][2]
        if model == "product.product":
            self.asked.append(skus)
            if self.times and "MOVES" in skus:
                self.times, self.on_hand, self.open, self.done = (
                    self.times - 1,
                    self.on_hand - 1,
                    self.open - 1,
                    self.done + 1,
                )
            return [{"code": sku, "quantity": float(self.on_hand)} for sku in skus]
        sale = {"web_shop": 7, "web_id": "gid://shopify/Order/1"}
        move = {"state": "draft", "internal_quantity": float(self.open), "from_location": 2}
        return [
            {"product.": {"code": sku}, **move, "to_location": 9, "sale.": sale} for sku in skus if self.open
        ]


@pytest.fixture
def shelves() -> Callable[[MovingRpc], Shelves]:
    """Shelves read through a stand-in for the connection."""

    def build(stand_in: MovingRpc) -> Shelves:
        rpc = cast(Rpc, stand_in)
        return Shelves(rpc, Places(rpc, SystemClock()), SystemClock(), 7)

    return build


async def test_a_shipment_during_the_reading_is_read_again(shelves: Callable[[MovingRpc], Shelves]) -> None:
    found = await shelves(MovingRpc(2)).snapshot([Sku("MOVES")])
    shelf = found.shelves[Sku("MOVES"), WarehouseId("WH1")]
    assert (shelf.on_hand, shelf.reserved, sum(shelf.reserved_for.values())) == (8, 1, 1)


async def test_only_what_moves_is_read_in_smaller_parts(shelves: Callable[[MovingRpc], Shelves]) -> None:
    rpc = MovingRpc(1)
    await shelves(rpc).snapshot([Sku("A"), Sku("B"), Sku("MOVES")])
    assert rpc.asked == [["A", "B", "MOVES"], ["A"], ["B", "MOVES"]]


async def test_what_never_rests_is_left_for_later(shelves: Callable[[MovingRpc], Shelves]) -> None:
    with pytest.raises(TryLater):
        await shelves(MovingRpc(1000)).snapshot([Sku("MOVES")])
