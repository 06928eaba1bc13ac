"""What a credit memo gives back, in rows a back office takes: every cent of it, taxes apart, nothing negative."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from adapters.amounts import RowKind
from adapters.posting import CreditRow, credit_rows, key_of, positive, short
from engine.model.entry import CreditLine, EntryKind
from engine.model.sale import LineKind
from tests.accounts import FEE_OFF, entry

AMOUNTS = st.integers(-5_000, 90_000).map(lambda cents: cents * Decimal("0.01"))
ROWS = st.lists(
    st.builds(CreditRow, st.sampled_from(RowKind), st.none(), st.just("row"), AMOUNTS), max_size=6
)


def test_lines_stand_without_their_tax_which_has_rows_of_its_own() -> None:
    gift = CreditLine("g", None, "Voucher", 1, Decimal("5.00"), Decimal(0), LineKind.GIFT_CARD)
    inside = entry(EntryKind.CREDIT, 1, "6.50", *FEE_OFF, gift, taxes_included=True)
    assert [(row.kind, row.amount) for row in credit_rows(inside)] == [
        (RowKind.GOODS, Decimal("2.10")),
        (RowKind.TAX, Decimal("0.40")),
        (RowKind.OTHER, Decimal("-1.00")),
        (RowKind.GIFT_CARD, Decimal("5.00")),
    ]
    on_top = entry(EntryKind.CREDIT, 1, "6.90", *FEE_OFF, gift)
    assert sum(row.amount for row in credit_rows(on_top)) == on_top.amount


def test_a_correction_without_lines_is_one_row() -> None:
    (row,) = credit_rows(entry(EntryKind.CREDIT, 1, "0.70"))
    assert (row.kind, row.amount) == (RowKind.OTHER, Decimal("0.70"))


@given(ROWS)
def test_a_fee_is_taken_off_what_is_given_back_and_no_cent_is_lost(rows: list[CreditRow]) -> None:
    total = sum((row.amount for row in rows), Decimal(0))
    made = positive(rows)
    assert all(row.amount > 0 for row in made)
    assert sum((row.amount for row in made), Decimal(0)) == max(total, Decimal(0))


def test_a_key_is_the_same_after_it_was_short() -> None:
    for kind in EntryKind:
        first = entry(kind, 17, "1.00")
        assert key_of(kind, short(first)) == first.key
        again = entry(kind, 17, "1.00", key=f"{first.key}#2")
        assert (short(again), key_of(kind, short(again))) == ("17-2", again.key)
