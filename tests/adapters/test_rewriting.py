"""Which lines of an entered document are touched when its order changes."""

from decimal import Decimal

import pytest

from adapters.amending import Promise, promised
from adapters.amounts import Row, RowKind
from adapters.rewriting import Entered, Piece, pieces, rewritten
from engine.model.failure import Refused
from engine.model.ids import Sku, WarehouseId

MUG, HERE, THERE = Sku("MUG"), WarehouseId("WH1"), WarehouseId("WH2")


def goods(units: int, price: str, at: WarehouseId = HERE) -> Row:
    return Row("l1", RowKind.GOODS, MUG, "Mug", units, Decimal(price), at)


def tax(title: str, amount: str) -> Row:
    return Row(f"l1#{title}", RowKind.TAX, None, title, 1, Decimal(amount), None)


def line(number: int, units: int, price: str, **more: object) -> Entered:
    return Entered(number, "MUG", HERE, units, Decimal(price), **more)  # type: ignore[arg-type]


def test_lines_that_say_the_same_in_other_pieces_are_left_alone() -> None:
    """Two rows of one price each are what a re-routing may have made of one line."""
    found = rewritten([line(1, 2, "9.00"), line(2, 1, "9.00")], pieces([("MUG", goods(3, "9.00"))]))
    assert (dict(found.changed), found.gone, found.added) == ({}, (), ())
    assert {number: len(pieces) for number, pieces in found.kept.items()} == {1: 1, 2: 0}


def test_a_line_with_goods_that_left_takes_the_larger_piece() -> None:
    wanted = pieces([("MUG", goods(1, "9.01")), ("MUG", goods(2, "9.00"))])
    found = rewritten([line(1, 2, "8.00"), line(2, 3, "8.00", shipped=2)], wanted)
    assert {number: piece.units for number, piece in found.changed.items()} == {2: 2, 1: 1}


def test_a_line_is_not_cut_below_what_left_nor_priced_in_two_ways() -> None:
    with pytest.raises(Refused):
        rewritten([line(1, 3, "9.00", shipped=2)], pieces([("MUG", goods(1, "9.00"))]))
    odd = pieces([("MUG", goods(1, "9.01")), ("MUG", goods(1, "9.00"))])
    with pytest.raises(Refused, match="have left"):
        rewritten([line(1, 3, "9.00", shipped=2)], odd)


def test_taxes_of_one_item_are_told_apart_by_their_title() -> None:
    entered = [
        Entered(1, "TAX", None, 1, Decimal("2.00"), text="State"),
        Entered(2, "TAX", None, 1, Decimal("1.00"), text="City"),
    ]
    found = rewritten(entered, pieces([("TAX", tax("State", "1.00")), ("TAX", tax("City", "0.50"))]))
    assert {number: piece.price for number, piece in found.changed.items()} == {
        1: Decimal("1.00"),
        2: Decimal("0.50"),
    }
    gone = rewritten(entered, pieces([("TAX", tax("City", "1.00"))]))
    assert (tuple(gone.kept), gone.gone) == ((2,), (1,))


def test_goods_stand_where_the_back_office_plans_them() -> None:
    made = pieces([("MUG", goods(2, "9.01")), ("MUG", goods(1, "9.00"))], {(MUG, HERE): 1, (MUG, THERE): 2})
    assert [(each.place, each.units, each.price) for each in made] == [
        (HERE, 1, Decimal("9.01")),
        (THERE, 1, Decimal("9.01")),
        (THERE, 1, Decimal("9.00")),
    ]
    assert isinstance(made[0], Piece)


@pytest.mark.parametrize(
    ("held", "wanted", "after"),
    [
        ({HERE: (3, 0)}, {HERE: 1}, {HERE: 1}),
        ({HERE: (3, 2)}, {HERE: 1}, {HERE: 2}),
        ({THERE: (3, 0)}, {HERE: 2}, {THERE: 2}),
        ({HERE: (2, 0), THERE: (2, 2)}, {HERE: 3}, {HERE: 1}),
        ({HERE: (2, 0)}, {HERE: 2, THERE: 1}, {THERE: 1}),
        ({THERE: (2, 0)}, {HERE: 3}, {HERE: 1}),
        ({HERE: (1, 1)}, {HERE: 0}, {}),
        ({HERE: (2, 0)}, {HERE: 0}, {HERE: 0}),
    ],
)
def test_units_are_taken_out_and_put_in_with_as_little_moved_as_can_be(
    held: dict[WarehouseId, tuple[int, int]], wanted: dict[WarehouseId, int], after: dict[WarehouseId, int]
) -> None:
    now = {(MUG, place): Promise(*units) for place, units in held.items()}
    found = promised(now, {(MUG, place): units for place, units in wanted.items()})
    assert {place: units for (_, place), units in found.items()} == after


def test_a_sku_the_sale_does_not_name_is_left_alone() -> None:
    """A kit stands in a document as its components."""
    assert promised({(Sku("PART"), HERE): Promise(6)}, {(MUG, HERE): 1}) == {(MUG, HERE): 1}
