"""What other shops of one back office sold: counted until the back office knows of it, and never twice for long."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from engine.model.ids import LocationId, OrderId, Sku, WarehouseId
from engine.model.stock import OrderCell, ShelfStock
from engine.stock.explain import Behind, kept, terms_of
from engine.stock.memory import Memory
from engine.stock.order_at_cell import OrderAtCell
from engine.stock.sisters import Sister, SisterOrder, lacking, sold_elsewhere
from engine.stock.target import Listing, Shelf, Terms, decide

MUG, BOX, SET = Sku("MUG"), Sku("BOX"), Sku("SET")
NORTH, SOUTH = LocationId("north"), LocationId("south")
WH1, WH2 = WarehouseId("WH1"), WarehouseId("WH2")
ORDER = OrderId("gid://shopify/Order/7")
SISTER = Sister("outlet", {NORTH: (WH1,), SOUTH: (WH2, WH1)}, {SET: {MUG: 2, BOX: 1}})
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def cell(sku: Sku = MUG, at: LocationId = NORTH, committed: int = 0, fulfilled: int = 0, restocked: int = 0):  # type: ignore[no-untyped-def]
    return OrderCell(ORDER, sku, at, committed, fulfilled, None, restocked)


@pytest.mark.parametrize(
    ("cells", "booked", "left"),
    [
        ([cell(committed=3)], {}, {(MUG, NORTH): 3}),
        ([cell(committed=3)], {MUG: 3}, {}),
        ([cell(committed=3)], {MUG: 1}, {(MUG, NORTH): 2}),  # edited, and the document not amended yet
        ([cell(fulfilled=1)], {}, {(MUG, NORTH): 1}),  # sold at a till, and not booked
        ([cell(fulfilled=1, restocked=1)], {}, {}),  # it came back before
        ([cell(committed=1), cell(at=SOUTH, committed=2)], {MUG: 2}, {(MUG, SOUTH): 1}),
        ([cell(SET, committed=1)], {}, {(MUG, NORTH): 2, (BOX, NORTH): 1}),
        ([cell(SET, committed=1)], {MUG: 2, BOX: 1}, {}),  # a document may hold the components
        ([cell()], {}, {}),
    ],
)
def test_what_the_back_office_lacks_of_an_order(
    cells: list[OrderCell], booked: dict[Sku, int], left: dict[tuple[Sku, LocationId], int]
) -> None:
    order = SisterOrder("outlet", ORDER, cells, booked, has_document=bool(booked))
    assert lacking(order, SISTER, {}) == left


def test_what_was_booked_while_the_figures_were_read_is_not_counted_again() -> None:
    shelves = {(MUG, WH1): ShelfStock(9, 3, {ORDER: 2, OrderId("another"): 1})}
    assert lacking(SisterOrder("outlet", ORDER, [cell(committed=3)], {}), SISTER, shelves) == {
        (MUG, NORTH): 1
    }


def test_it_is_taken_off_where_it_will_be_booked() -> None:
    order = SisterOrder("outlet", ORDER, [cell(committed=1), cell(at=SOUTH, committed=2)], {})
    found = sold_elsewhere([order], {"outlet": SISTER}, {"outlet": {NORTH: WH1, SOUTH: WH2}}, {})
    assert found == {(MUG, WH1): {ORDER: 1}, (MUG, WH2): {ORDER: 2}}


def test_the_term_is_explained_by_the_orders_behind_it() -> None:
    listing = Listing(timedelta(seconds=60), NOW)
    target = decide(Memory(1, 9), 9, [], Shelf(9, 0), elsewhere=3, now=NOW, listing=listing)
    assert target.quantity == 6
    behind = Behind(lambda order: f"named {order}", ("event:1", NOW), ("event:1", NOW), "event:1")
    terms = terms_of(kept(target, {}, elsewhere={ORDER: 3}), behind)
    assert sum(term.units for term in terms) == target.quantity
    [term] = [term for term in terms if term.name == "elsewhere"]
    assert [(each.text, each.units) for each in term.sources] == [(f"named {ORDER}", -3)]


@pytest.mark.parametrize("seed", range(20))
def test_two_shops_never_offer_what_both_know_to_be_promised(seed: int) -> None:
    """Whatever is booked, held or shipped: the units offered by a shop and all promises of both are no more than there are."""
    chance = random.Random(seed)
    shelf, orders = 12, dict[int, tuple[str, str]]()  # number: (shop, unbooked, booked or shipped)
    for turn in range(60):
        match chance.choice(("sell", "sell", "book", "ship", "receive")):
            case "sell":
                shop = chance.choice(("a", "b"))
                if offered(shop, shelf, orders) > 0:
                    orders[turn] = shop, "unbooked"
            case "book" | "ship" as act:
                before = "unbooked" if act == "book" else "booked"
                if of := [n for n, (_, state) in orders.items() if state == before]:
                    number = chance.choice(of)
                    if act == "book":
                        orders[number] = orders[number][0], "booked"
                    else:
                        del orders[number]
                        shelf -= 1
            case _:
                shelf += chance.randint(0, 1)
        for shop in ("a", "b"):
            assert offered(shop, shelf, orders) == max(shelf - len(orders), 0)


def offered(shop: str, shelf: int, orders: dict[int, tuple[str, str]]) -> int:
    """What a shop offers once it was written by the rule, with all that our store knows."""
    mine = [state for owner, state in orders.values() if owner == shop]
    theirs = [
        SisterOrder("sister", OrderId(str(n)), [cell(committed=1)], {MUG: 1} if state == "booked" else {})
        for n, (owner, state) in orders.items()
        if owner != shop
    ]
    lacks = sold_elsewhere(theirs, {"sister": SISTER}, {"sister": {NORTH: WH1}}, {})
    reserved = sum(state == "booked" for _, state in orders.values())
    here = [OrderAtCell(committed=1, reserved=int(state == "booked")) for state in mine]
    on_hand = shelf + 100  # any level: what counts is what is written
    target = decide(
        Memory(1, on_hand), on_hand, here, Shelf(shelf, reserved),
        elsewhere=sum(lacks.get((MUG, WH1), {}).values()), now=NOW, listing=Listing(timedelta(0), NOW),
    )  # fmt: skip
    assert isinstance(target.terms, Terms)
    return max(target.quantity - len(mine), 0)
