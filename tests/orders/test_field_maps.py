"""No field of an order is lost unseen: each has a line in each map, and one nobody declared is named."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.field_maps import as_markdown, field_map, kinds, nowhere
from adapters.shopify.fields import not_asked, order_fields
from console.cli.demo import BACK_OFFICES
from engine.model.buyer import Address, Buyer
from engine.model.order import Order
from engine.orders.content import READINGS, untold
from engine.orders.coverage import gaps, missing

HOUSE = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", kinds())
def test_every_field_we_ask_for_has_a_line_in_the_map(kind: str) -> None:
    assert missing(field_map(kind), order_fields()) == ()


@pytest.mark.parametrize("kind", kinds())
def test_a_map_names_no_field_that_is_not_asked_for(kind: str) -> None:
    assert sorted(set(field_map(kind)) - set(order_fields())) == []


def test_every_back_office_has_a_map() -> None:
    assert set(BACK_OFFICES) == set(kinds())


@pytest.mark.parametrize("kind", kinds())
def test_the_page_of_a_map_is_current(kind: str) -> None:
    page = HOUSE / "docs" / "field-maps" / f"{kind}.md"
    assert page.read_text(encoding="utf-8") == as_markdown(kind), "run: trueup mapping coverage --write"


@pytest.mark.parametrize("kind", kinds())
def test_what_a_back_office_is_not_told_can_be_seen_in_an_order(kind: str) -> None:
    assert nowhere(kind) <= READINGS.keys()


def test_what_is_not_told_is_found_with_a_sample(order: Order) -> None:
    assert untold(order, nowhere("odoo")) == {"discountApplications.code": "TEN"}
    here, there = Address(city="Graz", street=("1 Ring",)), Address(city="Lyon", street=("1 Ring",))
    full = replace(order, tags=("vip",), buyer=Buyer(billing=here, shipping=there, tax_exempt=True))
    assert untold(full, nowhere("odoo")) == {
        "billingAddress.city": "Graz",
        "discountApplications.code": "TEN",
        "tags": "vip",
        "taxExempt": "true",
    }
    assert untold(full, nowhere("sql")) == {}


@pytest.mark.parametrize("kind", kinds())
def test_a_line_taken_out_of_a_map_is_named_whichever_it_is(kind: str) -> None:
    whole, fields = field_map(kind), order_fields()
    for field in whole:
        assert missing({name: rule for name, rule in whole.items() if name != field}, fields) == (field,)


def test_a_populated_field_that_nobody_declared_is_a_gap_with_a_sample() -> None:
    node = {
        "name": "#1",
        "giftWrap": "gold",
        "empty": None,
        "app": {"name": "x"},
        "lineItems": {"nodes": [{"hue": 3}]},
    }
    found = gaps(node, field_map("sql"), not_asked())
    assert [(gap.field, gap.sample) for gap in found] == [("giftWrap", "gold"), ("lineItems.hue", "3")]
