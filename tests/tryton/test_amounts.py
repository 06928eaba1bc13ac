"""What a Shopify order becomes in Tryton, without a Tryton."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.amounts import rows, sold_as
from adapters.tryton.drafts import PRICE_STEP, allotted
from engine.model.failure import Refused
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, SalesDocument, SalesLine

CENT = Decimal("0.01")
money = st.decimals("0", "500", places=2, allow_nan=False)


@st.composite
def documents(draw: st.DrawFn) -> SalesDocument:
    """Orders that add up, with taxes on top or inside."""
    included = draw(st.booleans())
    lines = []
    total = Decimal(0)
    for number in range(draw(st.integers(1, 5))):
        quantity, price = draw(st.integers(1, 400)), draw(money)
        discount = (draw(st.integers(0, 100)) * quantity * price / 100).quantize(CENT)
        net = quantity * price - discount
        tax = (net * draw(st.integers(0, 25)) / 100).quantize(CENT)
        lines.append(
            SalesLine(
                str(number),
                LineKind.GOODS,
                Sku(f"S-{number}"),
                "Goods",
                quantity,
                price,
                discount,
                tax,
                (("VAT", tax),) if tax else (),
                WarehouseId("WH1"),
            )
        )
        total += net if included else net + tax
    return document(*lines, total=total, included=included)


def document(*lines: SalesLine, total: Decimal, included: bool = False) -> SalesDocument:
    """A document in euros."""
    return SalesDocument(
        OrderId("gid://shopify/Order/1"),
        "#1",
        datetime(2026, 5, 4, tzinfo=UTC),
        "EUR",
        included,
        tuple(lines),
        total,
        "EUR",
        total,
        (),
        "",
        "",
        (),
        "",
    )


@given(documents())
def test_the_rounded_lines_always_add_up_to_the_order(sale: SalesDocument) -> None:
    made = rows(sale, PRICE_STEP)
    booked = sum((row.quantity * row.unit_price).quantize(CENT, ROUND_HALF_EVEN) for row in made)
    assert booked == sale.total
    assert all(row.unit_price == row.unit_price.quantize(Decimal("0.0001")) for row in made)


@given(documents())
def test_every_unit_of_goods_is_allotted(sale: SalesDocument) -> None:
    units = allotted(rows(sale, PRICE_STEP))
    assert sum(units[WarehouseId("WH1")].values()) == sum(line.quantity for line in sale.lines)


def test_a_document_that_does_not_add_up_is_not_entered() -> None:
    line = SalesLine("1", LineKind.SHIPPING, None, "Mail", 1, Decimal(5), Decimal(0), Decimal(0), (), None)
    with pytest.raises(Refused, match="add up to"):
        rows(document(line, total=Decimal("5.01")), PRICE_STEP)


def test_tax_stands_on_a_line_of_its_own_with_the_shops_name_for_it() -> None:
    taxes = (("State", Decimal("0.40")), ("City", Decimal("0.10")))
    line = SalesLine(
        "1",
        LineKind.GOODS,
        Sku("A"),
        "A",
        2,
        Decimal("3"),
        Decimal(1),
        Decimal("0.50"),
        taxes,
        WarehouseId("WH1"),
    )
    made = rows(document(line, total=Decimal("5.50")), PRICE_STEP)
    assert [(sold_as(row), row.text, row.unit_price) for row in made] == [
        ("A", "A (2 × 3 less 1)", Decimal("2.5000")),
        ("TAX", "State", Decimal("0.40")),
        ("TAX", "City", Decimal("0.10")),
    ]


def test_what_does_not_ship_is_sold_as_a_service_so_that_no_goods_wait_for_it() -> None:
    line = SalesLine(
        "1", LineKind.GOODS, Sku("E-BOOK"), "Book", 1, Decimal(5), Decimal(0), Decimal(0), (), None
    )  # fmt: skip
    [row] = rows(document(line, total=Decimal(5)), PRICE_STEP)
    assert (sold_as(row), allotted([row])) == ("OTHER", {})
