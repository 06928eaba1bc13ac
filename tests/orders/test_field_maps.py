"""No field of an order is lost unseen: each has a line in each map, and one nobody declared is named."""

import pytest

from adapters.field_maps import field_map, kinds
from adapters.shopify.fields import not_asked, order_fields
from engine.orders.coverage import gaps, missing


@pytest.mark.parametrize("kind", kinds())
def test_every_field_we_ask_for_has_a_line_in_the_map(kind: str) -> None:
    assert missing(field_map(kind), order_fields()) == ()


@pytest.mark.parametrize("kind", kinds())
def test_a_map_names_no_field_that_is_not_asked_for(kind: str) -> None:
    assert sorted(set(field_map(kind)) - set(order_fields())) == []


@pytest.mark.parametrize("field", ["totalTipReceivedSet", "lineItems.sku", "transactions.gateway"])
def test_a_line_taken_out_of_a_map_is_named(field: str) -> None:
    short = {name: rule for name, rule in field_map("sql").items() if name != field}
    assert missing(short, order_fields()) == (field,)


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
