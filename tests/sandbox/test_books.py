"""The books behind the vendors' sandboxes add up whatever is done to them."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sandbox.books import Books, NotPossible, OrderRefused
from adapters.sandbox.staff import Staff

OPENING = {("MUG", "A"): 5, ("MUG", "B"): 3, ("CAP", "A"): 2}


def books() -> Books:
    return Books({"MUG": "Mug", "CAP": "Cap"}, ["A", "B"], OPENING, now=lambda: 1000.0)


ACT = st.tuples(
    st.sampled_from(
        ["order", "cancel", "ship", "return", "reroute", "amend", "receipt", "transfer", "arrive"]
    ),
    st.sampled_from(["MUG", "CAP"]),
    st.sampled_from(["A", "B"]),
    st.integers(1, 4),
    st.integers(1, 6),
)


def act(here: Books, what: tuple[str, str, str, int, int]) -> None:
    verb, sku, place, units, number = what
    other = "B" if place == "A" else "A"
    order = here.orders.get(number)
    if verb == "order":
        draft = here.draft(f"ref-{len(here.orders)}", "#1", {})
        here.confirm(draft, [(sku, place, units)], total=Decimal(1), currency="EUR")
    elif verb == "receipt":
        here.enter(sku, place, "receipt", units)
    elif verb == "transfer":
        here.transfer(sku, place, other, units)
    elif verb == "arrive":
        here.arrive(everything=True)
    elif order is not None:
        match verb:
            case "cancel":
                here.cancel(order)
            case "ship":
                here.ship(order, sku, place, units)
            case "return":
                here.take_back(order, sku, place, units)
            case "reroute":
                here.reroute(order, sku, place, other, units)
            case "amend":
                here.amend(order, [(sku, place, units)], total=Decimal(2))


@settings(max_examples=200, deadline=None)
@given(st.lists(ACT, max_size=40))
def test_the_log_explains_every_shelf_and_reservations_are_what_open_orders_hold(
    acts: list[tuple[str, str, str, int, int]],
) -> None:
    here = books()
    for what in acts:
        before = (repr(here.shelves), repr(here.orders), len(here.log))
        try:
            act(here, what)
        except NotPossible:
            assert (repr(here.shelves), repr(here.orders), len(here.log)) == before or what[0] == "order"
    for shelf, counts in here.shelves.items():
        moved = [line for line in here.log if (line.sku, line.warehouse) == shelf]
        assert counts.on_hand == OPENING.get(shelf, 0) + sum(line.on_hand_delta for line in moved)
        assert counts.on_hand - counts.reserved == OPENING.get(shelf, 0) + sum(line.delta for line in moved)
        held = [
            o.allotments[shelf] for o in here.orders.values() if o.status == "open" and shelf in o.allotments
        ]
        assert counts.reserved == sum(each.quantity - each.shipped for each in held)
        assert counts.on_hand >= 0


def test_refused_orders_promise_nothing_and_are_named() -> None:
    here = books()
    here.refuse_orders("MUG", "credit hold", 1)
    draft = here.draft("ref-1", "#1", {})
    with pytest.raises(OrderRefused, match="credit hold"):
        here.confirm(draft, [("MUG", "A", 1)], total=Decimal(1), currency="EUR")
    state = Staff(here).state()
    assert state["refusals"] == [{"ref": "ref-1", "message": "credit hold"}]
    assert (state["documents"], len(state["drafts"])) == ([], 1)
    here.confirm(draft, [("MUG", "A", 1)], total=Decimal(1), currency="EUR")
    assert here.free("MUG", "A") == 4


def test_staff_ship_only_what_is_all_there() -> None:
    here = books()
    for units in (9, 2):
        here.confirm(
            here.draft(f"ref-{units}", "#", {}), [("MUG", "A", units)], total=Decimal(1), currency="EUR"
        )
    shipped = Staff(here).ship_any({"limit": 10})["shipped"]
    assert [one["ref"] for one in shipped] == ["ref-2"]
