"""Rule sets: one answer for every case, and what is refused before the first product is looked at."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.failure import Refused
from engine.model.ids import ItemId, Sku
from engine.model.product import ProductId, ShopVariant, VariantId
from engine.products.checking import findings
from engine.products.fields import FACTS, FIELDS, SYNCED, Invalid, canonical, kept, shown
from engine.products.guard import AllowedWrite, allow, scope_of, writable
from engine.products.ownership import BACK_OFFICE, STOREFRONT, Ownership, Policy, Rule, Scope, ownership
from tests.products.made import rule_sets, variant

PRICE = frozenset({"price"})


def test_the_default_lets_the_back_office_write_its_own_fields_and_no_other() -> None:
    rules, scope = ownership(), Scope("main")
    assert {name for name in FIELDS if writable(rules, name, scope)} == set(SYNCED) - {*FACTS}
    for name in ("title", "description", "images", "seo", "collections", "tags", "status", "template"):
        assert rules.rule_for(name, scope).owner == STOREFRONT


def test_the_narrowest_rule_counts_wherever_it_stands() -> None:
    wide = Rule(PRICE, STOREFRONT, shops=frozenset({"main"}))
    narrow = Rule(
        PRICE, BACK_OFFICE, Policy.FILL_IF_EMPTY, shops=frozenset({"main"}), tags=frozenset({"Sale"})
    )
    for rules in ([wide, narrow], [narrow, wide]):
        assert findings(rules) == ()
        whole = ownership(rules)
        assert whole.rule_for("price", Scope("main", tags=frozenset({"sale"}))) is narrow
        assert whole.rule_for("price", Scope("main")) is wide
        assert whole.rule_for("price", Scope("outlet")).owner == BACK_OFFICE


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([Rule(frozenset({"colour"}), STOREFRONT)], "'colour'"),
        ([Rule(PRICE, STOREFRONT), Rule(PRICE, BACK_OFFICE)], "two owners"),
        ([Rule(PRICE, BACK_OFFICE), Rule(PRICE, BACK_OFFICE, Policy.WRITE_ONCE)], "two policies"),
        ([Rule(PRICE, STOREFRONT, tags=frozenset({"a"})), Rule(PRICE, "cms", product_types=frozenset({"Mug"}))], "two owners"),
        ([Rule(frozenset({"description"}), BACK_OFFICE)], "no operation of TrueUp writes"),
        ([Rule(frozenset({"quantities"}), STOREFRONT)], "gives quantities"),
        ([Rule(frozenset({"weight"}), STOREFRONT, markets=frozenset({"EU"}))], "same in every market"),
    ],
)  # fmt: skip
def test_what_is_refused(rules: list[Rule], said: str) -> None:
    found = findings(rules)
    assert any(said in finding.cause for finding in found), found
    assert all(finding.cause.endswith(".") and finding.remedy.endswith(".") for finding in found)


def test_disjoint_conditions_are_not_two_owners() -> None:
    mugs, cups = (frozenset({name}) for name in ("Mug", "Cup"))
    assert (
        findings([Rule(PRICE, STOREFRONT, product_types=mugs), Rule(PRICE, "pim", product_types=cups)]) == ()
    )


def test_a_mirrored_field_that_cannot_be_read_is_named() -> None:
    asked = Rule(frozenset({"price", "cost"}), BACK_OFFICE, shops=frozenset({"main"}))
    assert ["cost" in finding.cause for finding in findings([asked], {"price"}, "main")] == [True]
    assert findings([asked], {"price"}, "outlet") == ()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(rule_sets(), st.data())
def test_a_rule_set_that_passes_has_one_answer_for_every_case(rules: list[Rule], data: st.DataObject) -> None:
    if findings(rules):
        return
    there = data.draw(st.permutations(rules))
    one = data.draw(st.builds(
        Scope, st.sampled_from(["main", "outlet"]), st.sampled_from(["", "Mug", "cup"]),
        st.frozensets(st.sampled_from(["sale", "NEW", "old"])), st.sampled_from(["", "EU", "us"]),
    ))  # fmt: skip
    for name in FIELDS:
        first, second = (ownership(each).rule_for(name, one) for each in (rules, there))
        assert (first.owner, first.policy) == (second.owner, second.policy)


@given(rule_sets(), st.sets(st.sampled_from(sorted(FIELDS)), min_size=1), st.sampled_from(["main", "outlet"]))
def test_nothing_passes_the_guard_that_the_rules_do_not_allow(
    rules: list[Rule], names: set[str], shop: str
) -> None:
    whole, there = ownership(rules), variant("MUG", tags={"sale"}, product_type="Mug")
    owned = {name for name in names if writable(whole, name, scope_of(shop, there))}
    if owned == names:
        assert allow(whole, shop, there, dict.fromkeys(names)).values.keys() == names
    else:
        with pytest.raises(Refused, match="not the back office's to write"):
            allow(whole, shop, there, dict.fromkeys(names))


def test_only_the_guard_makes_a_write_and_nobody_changes_it() -> None:
    with pytest.raises(TypeError):
        AllowedWrite(VariantId("v"), ProductId("p"), ItemId("i"), {"title": "Mine now"})
    write = allow(Ownership(), "main", variant("MUG"), {"price": Decimal(1)})
    with pytest.raises(TypeError):
        write.values["title"] = "Mine now"  # type: ignore[index]


@pytest.mark.parametrize(
    ("field", "raw", "value", "text"),
    [
        ("price", "10", Decimal("10.00"), "10.00"),
        ("price", Decimal("10.500"), Decimal("10.50"), "10.50"),
        ("weight", "0.1250", Decimal("0.125"), "0.125"),
        ("cost", "12.3456", Decimal("12.35"), "12.35"),
        ("price", "1E+3", Decimal("1000.00"), "1000.00"),
        ("cost", " ", None, ""),
        ("weight", 250, Decimal("250.00"), "250.00"),
        ("origin", "de", "DE", "DE"),
        ("customs_code", "6912.00.00", "69120000", "69120000"),
        ("tracked", "t", True, "yes"),
        ("barcode", " 4006381333931 ", "4006381333931", "4006381333931"),
        ("purchase_price", "0.03750", Decimal("0.0375"), "0.0375"),
        ("landed_cost", Decimal("5.00"), Decimal(5), "5"),
        ("lead_days", "021", 21, "21"),
        ("minimum_order", Decimal("12.0"), 12, "12"),
    ],
)
def test_one_form_for_a_value_of_either_side(field: str, raw: object, value: object, text: str) -> None:
    found = canonical(field, raw)
    assert found == value and shown(found) == text and kept(field, text) == found


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        ("price", "-1"), ("price", "9.999"), ("price", "NaN"), ("price", 1.1), ("price", "ten"), ("price", "1e13"), ("origin", "Germany"),
        ("customs_code", "12"), ("barcode", "a\x1b[31m"), ("barcode", "9" * 300), ("tracked", "maybe"), ("lead_days", "2.5"), ("minimum_order", "-1"),
        ("purchase_price", "0.0123456789"), ("purchase_price", 0.5),
    ],
)  # fmt: skip
def test_what_a_field_cannot_hold_is_said(field: str, raw: object) -> None:
    with pytest.raises(Invalid, match=field):
        canonical(field, raw)


def test_a_rule_speaks_of_a_field_where_it_does_not_ignore_it() -> None:
    here = ownership([Rule(frozenset({"landed_cost"}), BACK_OFFICE, shops=frozenset({"main"}))])
    assert here.speaks_of(FACTS, "main") and not here.speaks_of(FACTS, "outlet")
    assert not here.speaks_of({"lead_days"}, "main") and not ownership().speaks_of(FACTS, "main")


def test_a_shop_variant_is_the_case_its_product_is() -> None:
    there: ShopVariant = variant("MUG", tags={"Sale"}, product_type="Mug")
    assert scope_of("main", there) == Scope("main", "Mug", frozenset({"Sale"}))
    assert there.sku == Sku("MUG")
