"""Rule × writer × field × order of events: the value that stands at the end, and what is told on the way."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.product import Value
from engine.products.deciding import CLEARABLE, MOST_WRITES, Act, Memory, adopted, decide, ours, wanted_back
from engine.products.fields import MARKETED, SYNCED, at_market, parts
from engine.products.ownership import BACK_OFFICE, STOREFRONT, Policy, Rule

EVERY = (*SYNCED, *(at_market(name, "eu") for name in MARKETED))
OLD, OFFICE, SHOP = Decimal("10.00"), Decimal("12.00"), Decimal("9.00")


def rule(owner: str, policy: Policy, field: str = "price") -> Rule:
    return Rule(frozenset({field}), owner, policy)


class Cell:
    """One field on both sides, looked at after every event as the flow does."""

    def __init__(self, rule: Rule, field: str, office: Value, shop: Value) -> None:
        self.rule, self.field, self.office, self.shop = rule, field, office, shop
        self.memory, self.written = Memory(), 0
        self.told: list[Act] = []
        self.look()

    def look(self) -> None:
        verdict = decide(self.field, self.rule, self.memory, self.office, self.shop)
        self.memory = verdict.after
        self.told.append(verdict.act)
        if verdict.act is Act.WRITE:
            self.shop, self.written = self.office, self.written + 1

    def play(self, *events: str) -> "Cell":
        for event in events:
            match event:
                case "office":
                    self.office = OFFICE
                case "shop":
                    self.shop = SHOP
                case "empty":
                    self.shop = None
                case "restore":
                    self.memory = wanted_back(self.memory)
                case "adopt":
                    self.memory = adopted(self.memory, self.office, self.shop)
            self.look()
        return self


A, B = ("office",), ("shop",)
AB, BA = ("office", "shop"), ("shop", "office")
TABLE = [
    # owner, policy, events, the shop ends with, what was told last
    (BACK_OFFICE, Policy.MIRROR, (), OLD, Act.SAME),
    (BACK_OFFICE, Policy.MIRROR, A, OFFICE, Act.WRITE),
    (BACK_OFFICE, Policy.MIRROR, B, SHOP, Act.CONFLICT),
    (BACK_OFFICE, Policy.MIRROR, AB, SHOP, Act.CONFLICT),
    (BACK_OFFICE, Policy.MIRROR, BA, SHOP, Act.CONFLICT),
    (BACK_OFFICE, Policy.MIRROR, (*B, "restore"), OLD, Act.WRITE),
    (BACK_OFFICE, Policy.MIRROR, (*BA, "restore"), OFFICE, Act.WRITE),
    (BACK_OFFICE, Policy.MIRROR, (*B, "adopt"), SHOP, Act.LEFT),
    (BACK_OFFICE, Policy.MIRROR, (*B, "adopt", *A), OFFICE, Act.WRITE),
    (BACK_OFFICE, Policy.MIRROR, (*AB, "adopt"), SHOP, Act.LEFT),
    (BACK_OFFICE, Policy.MIRROR, ("empty",), None, Act.CONFLICT),
    (BACK_OFFICE, Policy.WRITE_ONCE, (), OLD, Act.SAME),
    (BACK_OFFICE, Policy.WRITE_ONCE, A, OLD, Act.LEFT),
    (BACK_OFFICE, Policy.WRITE_ONCE, B, SHOP, Act.LEFT),
    (BACK_OFFICE, Policy.WRITE_ONCE, AB, SHOP, Act.LEFT),
    (BACK_OFFICE, Policy.WRITE_ONCE, BA, SHOP, Act.LEFT),
    (BACK_OFFICE, Policy.WRITE_ONCE, ("empty", *A), None, Act.LEFT),
    (BACK_OFFICE, Policy.FILL_IF_EMPTY, A, OLD, Act.LEFT),
    (BACK_OFFICE, Policy.FILL_IF_EMPTY, B, SHOP, Act.LEFT),
    (BACK_OFFICE, Policy.FILL_IF_EMPTY, ("empty",), OLD, Act.WRITE),
    (BACK_OFFICE, Policy.FILL_IF_EMPTY, (*A, "empty"), OFFICE, Act.WRITE),
    (BACK_OFFICE, Policy.ALERT_ONLY, A, OLD, Act.ALERT),
    (BACK_OFFICE, Policy.ALERT_ONLY, BA, SHOP, Act.ALERT),
    (BACK_OFFICE, Policy.ALERT_ONLY, (*B, "restore"), SHOP, Act.ALERT),
    (BACK_OFFICE, Policy.IGNORE, AB, SHOP, Act.LEFT),
    *((STOREFRONT, policy, AB, SHOP, Act.ALERT if policy is Policy.ALERT_ONLY else Act.LEFT) for policy in Policy),
    *(("cms", policy, BA, SHOP, Act.ALERT if policy is Policy.ALERT_ONLY else Act.LEFT) for policy in Policy),
]  # fmt: skip


@pytest.mark.parametrize(("owner", "policy", "events", "ends", "told"), TABLE)
def test_final_value_and_event(
    owner: str, policy: Policy, events: tuple[str, ...], ends: Value, told: Act
) -> None:
    for field in EVERY:
        cell = Cell(rule(owner, policy, field), field, OLD, OLD).play(*events)
        assert (cell.shop, cell.told[-1]) == (ends, told), field


EVENTS = ("office", "shop", "empty", "look")


def test_only_the_back_offices_own_rules_write_and_once_is_once() -> None:
    """Every owner and policy, every order of up to four events."""
    for policy, owner in itertools.product(Policy, (BACK_OFFICE, STOREFRONT, "cms")):
        for length in range(5):
            for events in itertools.product(EVENTS, repeat=length):
                cell = Cell(rule(owner, policy), "price", OLD, None).play(*events)
                if owner != BACK_OFFICE or policy in (Policy.ALERT_ONLY, Policy.IGNORE):
                    assert cell.written == 0, (owner, policy, events)
                if policy is Policy.WRITE_ONCE:
                    assert cell.written <= 1, (owner, events)


def test_first_sight_of_an_adopted_variant_takes_what_the_back_office_has_and_never_empties() -> None:
    mirror = rule(BACK_OFFICE, Policy.MIRROR)
    assert Cell(mirror, "price", OLD, SHOP).shop == OLD
    assert Cell(mirror, "barcode", None, "4006381333931").shop == "4006381333931"


@pytest.mark.parametrize("field", EVERY)
def test_a_value_taken_out_of_the_back_office_goes_only_where_the_shop_can_do_without(field: str) -> None:
    cell = Cell(rule(BACK_OFFICE, Policy.MIRROR, field), field, OLD, OLD)
    cell.office = None
    cell.look()
    gone = parts(field)[0] in CLEARABLE or field == "price@eu"
    assert cell.shop == (None if gone else OLD)


def test_a_lost_answer_is_no_move_of_the_shop() -> None:
    before = Memory(OLD, OLD, known=True)
    mirror = rule(BACK_OFFICE, Policy.MIRROR)
    assert decide("price", mirror, before, SHOP, OFFICE).act is Act.CONFLICT
    assert decide("price", mirror, ours(before, OFFICE, OFFICE), SHOP, OFFICE).act is Act.WRITE
    assert ours(before, OFFICE, SHOP) == before


def test_no_endless_fight() -> None:
    """Another app empties what is filled, or feeds prices back to the back office: a person is asked."""
    cell = Cell(rule(BACK_OFFICE, Policy.FILL_IF_EMPTY), "barcode", "4006381333931", None)
    for _ in range(50):
        cell.play("empty")
    assert cell.written == MOST_WRITES and cell.told[-1] is Act.FIGHT
    cell.play("restore")
    assert cell.told[-1] is Act.WRITE
    feeding = Cell(rule(BACK_OFFICE, Policy.MIRROR), "price", OLD, OLD)
    for cents in range(50):
        feeding.office = OLD + cents
        feeding.look()
    assert feeding.written == MOST_WRITES and feeding.told[-1] is Act.FIGHT


@given(st.lists(st.sampled_from(("office", "shop", "empty", "look", "adopt")), max_size=12))
def test_nothing_of_the_shop_is_overwritten_in_silence(events: list[str]) -> None:
    """With mirror, what somebody put into the shop stands until a person decides or gave it up before."""
    cell = Cell(rule(BACK_OFFICE, Policy.MIRROR), "price", OLD, OLD)
    agreed = cell.shop
    for event in events:
        before, writes = cell.shop, cell.written
        cell.play(event)
        edited = {"shop": SHOP, "empty": None}.get(event, before)
        if cell.written > writes:
            assert edited == agreed, "overwritten although the shop had moved"
        elif edited not in (agreed, cell.office) and event != "adopt":
            assert cell.told[-1] is Act.CONFLICT
        if cell.written > writes or event == "adopt" or cell.shop == cell.office:
            agreed = cell.shop
