"""Nobody ships the unit a buyer has carried out of the shop."""

from typing import Any

from console.world.floor import Floor, handed_over

SHELF = ("MUG", "WH1")


def books(on_hand: int, *documents: dict[str, Any], sales: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    shelf = {"sku": "MUG", "warehouse": "WH1", "on_hand": on_hand, "reserved": 0}
    return {"shelves": [shelf], "documents": list(documents), "erp_sales": list(sales)}


def document(number: int, ref: str, units: int, status: str = "open") -> dict[str, Any]:
    line = {"sku": "MUG", "warehouse": "WH1", "quantity": units, "shipped": 0}
    return {"id": str(number), "ref": ref, "status": status, "lines": [line]}


def test_what_was_handed_over_stands_nowhere_until_the_books_know() -> None:
    floor = Floor()
    floor.hand_over("till", SHELF, 2)
    assert floor.standing(books(3))[SHELF] == 1
    assert floor.standing(books(3, document(1, "till", 2)))[SHELF] == 1
    assert floor.ahead
    assert floor.standing(books(1, document(1, "till", 2, "shipped")))[SHELF] == 1
    assert not floor.ahead


def test_staff_ship_the_oldest_that_stands_there_and_nothing_twice() -> None:
    floor = Floor()
    floor.hand_over("till", SHELF, 2)
    counter = {
        "id": "2",
        "ref": None,
        "status": "open",
        "sku": "MUG",
        "warehouse": "WH1",
        "quantity": 1,
        "shipped": 0,
    }
    erp = books(4, document(9, "b", 1), document(1, "till", 2), document(3, "a", 1), sales=(counter,))
    assert floor.ready(erp, ()) == ["2", "3"]
    assert floor.ready(erp, {"a"}) == ["2", "9"]
    assert floor.ready(books(4, document(5, "services", 1) | {"lines": []}), ()) == []


def test_goods_that_left_first_in_the_shop_are_waited_for() -> None:
    line = {"quantity": 1, "fulfilled": 1, "restocked": 0}
    shop = {"orders": [{"id": "till", "cancelled": False, "lines": [line]}]}
    assert handed_over(shop, books(3))
    assert handed_over(shop, books(3, document(1, "till", 1)))
    assert not handed_over(shop, books(2, document(1, "till", 1, "shipped")))
    shop["orders"][0]["lines"] = [line | {"fulfilled": 0}]
    assert not handed_over(shop, books(3))
