"""Every currency Shopify sells in has its decimals, and they are those of ISO 4217."""

from dataclasses import replace
from decimal import Decimal
from importlib.resources import files

import pytest
from graphql import GraphQLEnumType, build_schema

from engine.model.failure import Unmapped
from engine.model.ids import LocationId, WarehouseId
from engine.model.money import exact, exponent
from engine.model.order import Order
from engine.orders.mapping import sales_document
from tests.orders.currency_table import FILE, text


def test_the_table_is_what_the_list_says() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run: make currencies"


def test_every_currency_of_shopify_has_its_decimals() -> None:
    schema = build_schema((files("adapters.shopify") / "schema" / "admin-2026-10.graphql").read_text("utf-8"))
    codes = schema.type_map["CurrencyCode"]
    assert isinstance(codes, GraphQLEnumType)
    assert len(codes.values) > 150
    found = {code: exponent(code) for code in codes.values}
    assert set(found.values()) == {0, 2, 3}
    assert {found[code] for code in ("JPY", "KRW", "ISK", "CLP", "VND", "UGX", "XAF", "BYR")} == {0}
    assert {found[code] for code in ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")} == {3}


def test_an_order_in_a_currency_nobody_knows_is_held(order: Order) -> None:
    with pytest.raises(ValueError, match="ZZZ"):
        exponent("ZZZ")
    strange = replace(order, presentment_currency="ZZZ")
    with pytest.raises(Unmapped, match="ZZZ") as held:
        sales_document(strange, {LocationId("gid://shopify/Location/1"): WarehouseId("WH1")})
    assert held.value.code == "currency_unknown"


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("35.3", "EUR", "35.30"), ("35.300", "EUR", "35.30"), ("35.305", "EUR", "35.305"), ("1E+2", "JPY", "100"),
        ("5.5", "JPY", "5.5"), ("0", "BHD", "0.000"), ("-0.5", "???", "-0.50"), ("1e30", "EUR", f"1{'0' * 30}.00"),
    ],
)  # fmt: skip
def test_an_amount_is_written_with_the_decimals_of_its_currency_and_never_rounded(
    amount: str, currency: str, written: str
) -> None:
    assert str(exact(Decimal(amount), currency)) == written
