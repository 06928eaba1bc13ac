"""However a sale is cut into rows and parts, every cent of it arrives."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.amounts import RowKind, rows, spread
from adapters.parts import join, split
from engine.model.failure import Refused
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.sale import (
    Document,
    DocumentLine,
    DocumentStatus,
    LineKind,
    Payment,
    SalesDocument,
    SalesLine,
)

CENT = Decimal("0.01")


def cents(low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda whole: whole * CENT)


@st.composite
def lines(draw: st.DrawFn) -> SalesLine:
    kind = draw(st.sampled_from([LineKind.GOODS, LineKind.GOODS, LineKind.SHIPPING, LineKind.TIP]))
    quantity = draw(st.integers(0, 130)) if kind is LineKind.GOODS else 1
    price = draw(cents(0, 90_000))
    most = 2 if quantity else 0  # a line removed from an order carries no taxes
    taxes = tuple(draw(st.lists(st.tuples(st.sampled_from(["VAT", "City"]), cents(0, 4_000)), max_size=most)))
    return SalesLine(
        key=f"line-{draw(st.integers(0, 999))}",
        kind=kind,
        sku=Sku("MUG") if kind is LineKind.GOODS else None,
        title="Mug",
        quantity=quantity,
        unit_price=price,
        discount=draw(cents(0, int(price * quantity / CENT))),
        tax=sum((amount for _, amount in taxes), Decimal(0)),
        taxes=taxes,
        warehouse=WarehouseId(draw(st.sampled_from(["A", "B", "C"]))) if kind is LineKind.GOODS else None,
    )


@st.composite
def sales(draw: st.DrawFn) -> SalesDocument:
    sold = tuple(draw(st.lists(lines(), min_size=1, max_size=6)))
    included = draw(st.booleans())
    total = sum(
        (each.quantity * each.unit_price - each.discount + (0 if included else each.tax) for each in sold),
        Decimal(0),
    )
    card = draw(cents(0, int(total / CENT))) if total > 0 else Decimal(0)
    paid = (Payment("1", "SALE", "gift_card", card), Payment("2", "SALE", "cards", total - card))
    return SalesDocument(
        ref=OrderId("gid://shopify/Order/1"), name="#1", placed_at=datetime(2026, 5, 4, tzinfo=UTC), currency="EUR",
        taxes_included=included, lines=sold, total=total, presentment_currency="EUR", presentment_total=total,
        payments=paid, customer="", email="", address=(), note="",
    )  # fmt: skip


@given(cents(-100_000, 100_000), st.integers(1, 500))
def test_an_amount_is_spread_exactly_over_at_most_two_prices(amount: Decimal, quantity: int) -> None:
    pairs = spread(amount, quantity, CENT)
    assert sum(units for units, _ in pairs) == quantity
    assert sum(units * price for units, price in pairs) == amount
    assert max(price for _, price in pairs) - min(price for _, price in pairs) <= CENT


@given(sales())
def test_rows_add_up_to_the_total_and_keep_every_tax_by_name(sale: SalesDocument) -> None:
    made = rows(sale)
    assert sum(row.amount for row in made) == sale.total
    for title in ("VAT", "City"):
        charged = sum(amount for line in sale.lines for name, amount in line.taxes if name == title)
        assert sum(row.amount for row in made if row.kind is RowKind.TAX and row.text == title) == charged
    assert all(row.quantity > 0 for row in made)


def test_a_sale_that_does_not_add_up_is_refused() -> None:
    line = SalesLine(
        "1", LineKind.GOODS, Sku("MUG"), "Mug", 1, Decimal(5), Decimal(0), Decimal(0), (), WarehouseId("A")
    )
    sale = SalesDocument(
        OrderId("1"), "#1", datetime(2026, 5, 4, tzinfo=UTC), "EUR", False, (line,), Decimal("5.01"), "EUR",
        Decimal("5.01"), (), "", "", (), "",
    )  # fmt: skip
    with pytest.raises(Refused, match="do not add up"):
        rows(sale)


@given(sales())
def test_parts_lose_no_line_no_cent_and_no_payment(sale: SalesDocument) -> None:
    parts = split(sale)
    assert sorted(line.key for _, part in parts for line in part.lines) == sorted(
        line.key for line in sale.lines
    )
    assert sum(part.total for _, part in parts) == sale.total
    assert sum(p.amount for _, part in parts for p in part.payments) == sum(p.amount for p in sale.payments)
    for place, part in parts:
        assert {line.warehouse for line in part.lines} <= {place, None}
        assert sum(row.amount for row in rows(part)) == part.total


def part(number: str, status: DocumentStatus, place: str) -> Document:
    line = DocumentLine(Sku("MUG"), WarehouseId(place), 1, int(status is DocumentStatus.SHIPPED), None)
    return Document(DocumentId(number), OrderId("ref"), status, Decimal(5), (line,))


def test_parts_read_back_are_one_document() -> None:
    whole = join([part("1", DocumentStatus.SHIPPED, "A"), part("2", DocumentStatus.OPEN, "B")])
    assert (whole.id, whole.status, whole.total, len(whole.lines)) == (
        "1+2",
        DocumentStatus.OPEN,
        Decimal(10),
        2,
    )
    moved = join([part("1", DocumentStatus.CANCELLED, "A"), part("2", DocumentStatus.SHIPPED, "B")])
    assert (moved.id, moved.status, moved.total) == ("2", DocumentStatus.SHIPPED, Decimal(5))
