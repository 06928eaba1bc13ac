"""The report counts what the sandboxes say, and finds what went wrong."""

import json
from datetime import UTC, datetime
from typing import Any

from console.world.counting import cells, orders, report
from console.world.findings import findings
from console.world.history import History
from console.world.latency import back_office_to_shop, percentiles
from console.world.sales import accepted, oversold, relisted
from console.world.settling import agree, called_off
from engine.store.rows import Effect

HERE = "gid://shopify/Location/1"
A, WH1 = "A", "WH1"
PLACES = {HERE: WH1}


def act(kind: str, at: float, units: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "at": at,
        "kind": kind,
        "sku": "A",
        "units": units,
        "location": HERE,
        "to": None,
        "restock": True,
        **more,
    }


def order(
    ref: str, units: int = 1, at: float = 100.0, acts: tuple[dict[str, Any], ...] = (), **more: Any
) -> dict[str, Any]:
    line = {
        "id": f"{ref}/1",
        "sku": "A",
        "quantity": units,
        "current_quantity": units,
        "location": HERE,
        "fulfilled": 0,
        "restocked": 0,
    }
    return {
        "id": ref,
        "total": "10.00",
        "standing_total": "10.00",
        "placed_at": at,
        "cancelled": False,
        "source": "web",
        "lines": [line],
        "acts": [act("promised", at, units), *acts],
        **more,
    }


def document(ref: str, at: float = 101.0, **more: Any) -> dict[str, Any]:
    return {"id": "1", "ref": ref, "status": "open", "total": "10.00", "created_at": at, "lines": [], **more}


def write(at: float, before: int, after: int, available: int) -> dict[str, Any]:
    return {"at": at, "sku": "A", "location": HERE, "from": before, "to": after, "available_after": available}


def event(
    at: float, delta: int, kind: str = "sale", *, ref: str | None = None, left: int = 0
) -> dict[str, Any]:
    moved = {"delta": delta, "on_hand_delta": -left}
    return {"at": at, "sku": "A", "warehouse": "WH1", "kind": kind, "ref": ref, **moved}


def shop(**more: Any) -> dict[str, Any]:
    level = {"sku": "A", "location": HERE, "on_hand": 5, "available": 5, "committed": 0, "active": True}
    hooks = {"sent": 4, "duplicated": 1, "dropped": 1, "ack_ms": [2.0, 4.0]}
    api = {"calls": 9, "cost_points": 20, "throttled": 0}
    return {"levels": [level], "orders": [], "writes": [], "webhooks": hooks, "api": api, **more}


def erp(on_hand: int = 5, reserved: int = 0, **more: Any) -> dict[str, Any]:
    shelf = {"sku": "A", "warehouse": "WH1", "on_hand": on_hand, "reserved": reserved}
    return {"shelves": [shelf], "documents": [], "events": [], "refusals": [], **more}


def test_every_order_is_accounted_for() -> None:
    placed = [order("1"), order("2"), order("3"), order("4", cancelled=True), order("5")]
    booked = [document("1"), document("2"), document("2"), document("5", total="9.99")]
    assert orders(shop(orders=placed), erp(documents=booked)) == {
        "placed": 5,
        "in_back_office": 3,
        "lost": 1,
        "duplicated": 1,
        "total_mismatch": 1,
        "held": 0,
    }


def test_what_has_left_is_billed_for_what_it_is_worth_where_bills_are_ours() -> None:
    gone = [document(ref, status="shipped") for ref in ("1", "2", "3")]
    bills = [{"ref": "1", "amount": "6.00"}, {"ref": "1", "amount": "4.00"}, {"ref": "2", "amount": "9.99"}]
    booked = erp(documents=[*gone, document("4")], bills=bills)
    placed = [order(ref) for ref in ("1", "2", "3", "4")]
    assert "unbilled" not in orders(shop(orders=placed), erp(documents=gone))
    assert orders(shop(orders=placed), booked)["unbilled"] == 2


def test_a_document_must_say_what_the_order_is_worth_after_an_edit() -> None:
    edited = order("1", standing_total="7.50")
    assert orders(shop(orders=[edited]), erp(documents=[document("1")]))["total_mismatch"] == 1
    assert orders(shop(orders=[edited]), erp(documents=[document("1", total="7.50")]))["total_mismatch"] == 0


def test_an_order_of_which_nothing_is_left_needs_no_document() -> None:
    emptied = order("1", standing_total="0.00")
    assert orders(shop(orders=[emptied]), erp())["lost"] == 1
    emptied["lines"][0]["current_quantity"] = 0
    assert orders(shop(orders=[emptied]), erp())["lost"] == 0


def test_an_order_the_back_office_refused_is_held_not_lost() -> None:
    found = orders(shop(orders=[order("1")]), erp(refusals=[{"ref": "1", "message": "no"}]))
    assert (found["lost"], found["held"]) == (0, 1)


def test_a_cell_is_equal_when_both_sides_would_sell_as_much() -> None:
    assert cells(shop(), erp(on_hand=7, reserved=2), PLACES) == {"cells": 1, "equal": 1, "differing": 0}
    assert cells(shop(), erp(on_hand=7), PLACES)["differing"] == 1


def test_raising_a_figure_over_what_an_unbooked_order_was_promised_is_relisting() -> None:
    sold = order("1", units=2, at=100.0)
    history = History(shop(orders=[sold], writes=[write(105.0, 3, 5, 5)]), erp(on_hand=5), PLACES)
    assert relisted(history) == 2


def test_raising_a_figure_after_a_receipt_is_not() -> None:
    received = erp(on_hand=8, events=[event(104.0, 3, "receipt")])
    assert relisted(History(shop(writes=[write(105.0, 5, 8, 8)]), received, PLACES)) == 0


def test_a_sale_in_the_back_office_within_the_look_back_is_nobodys_fault() -> None:
    sold = [event(100.0, 3, "receipt"), event(104.9, -3)]
    assert relisted(History(shop(writes=[write(105.0, 5, 8, 8)]), erp(on_hand=5, events=sold), PLACES)) == 0
    early = [event(100.0, 3, "receipt"), event(101.0, -3)]
    assert relisted(History(shop(writes=[write(105.0, 5, 8, 8)]), erp(on_hand=5, events=early), PLACES)) == 3


def test_whether_the_back_office_has_heard_of_an_order_changes_nothing_about_what_is_free() -> None:
    booked = [event(110.0, -2, "order", ref="1"), event(120.0, 0, "ship", ref="1", left=2)]
    history = History(shop(orders=[order("1", units=2)]), erp(on_hand=3, events=booked), PLACES)
    moments = (99.0, 105.0, 115.0, 125.0)
    assert [history.free((A, WH1), at) for at in moments] == [5, 3, 3, 3]


def test_a_called_off_order_is_free_again_from_that_moment_unless_it_has_left() -> None:
    off = order("1", units=2, acts=(act("taken_out", 105.0, 2),))
    history = History(shop(orders=[off]), erp(on_hand=5), PLACES)
    assert [history.free((A, WH1), at) for at in (104.9, 105.0)] == [3, 5]
    left = [event(102.0, -2, "order", ref="1"), event(103.0, 0, "ship", ref="1", left=2)]
    history = History(shop(orders=[off]), erp(on_hand=3, events=left), PLACES)
    assert [history.free((A, WH1), at) for at in (99.0, 104.9, 105.0)] == [5, 3, 3]


def test_returned_goods_are_free_when_they_are_back_on_the_shelf() -> None:
    sold = order("1", acts=(act("fulfilled", 100.0), act("returned", 105.0)), source="pos")
    history = History(shop(orders=[sold]), erp(on_hand=5), PLACES)
    assert [history.free((A, WH1), at) for at in (104.9, 105.0)] == [4, 5]
    lost = order("1", acts=(act("fulfilled", 100.0), act("returned", 105.0, restock=False)))
    assert History(shop(orders=[lost]), erp(on_hand=5), PLACES).free((A, WH1), 105.0) == 4


def test_units_moved_to_another_location_are_promised_there() -> None:
    there = "gid://shopify/Location/2"
    moved = order("1", acts=(act("moved", 105.0, to=there),))
    history = History(shop(orders=[moved]), erp(on_hand=5), {**PLACES, there: "WH2"})
    assert [history.taken((A, place), 105.0) for place in (WH1, "WH2")] == [0, 1]


def test_raising_a_figure_by_units_of_a_cancelled_order_is_not_relisting() -> None:
    off = order("1", units=2, acts=(act("taken_out", 104.0, 2),))
    history = History(shop(orders=[off], writes=[write(105.0, 3, 5, 5)]), erp(on_hand=5), PLACES)
    assert relisted(history) == 0


def test_a_finding_tells_what_happened_on_the_shelf_and_the_terms_of_our_write() -> None:
    sold = order("1", units=2, at=100.0)
    history = History(shop(orders=[sold], writes=[write(105.0, 3, 5, 5)]), erp(on_hand=5), PLACES)
    row = {
        "sku": "A",
        "location": HERE,
        "on_hand": 3,
        "target": 5,
        "base": 3,
        "ver": 1,
        "terms": '{"named": 0}',
    }
    at = datetime.fromtimestamp(104.9, UTC)
    sent = Effect(
        1, "main", None, "shop", "set_on_hand", "", "", "", json.dumps([row]), "applied", None, "", at, at
    )
    (found,) = findings(history, [sent], PLACES)["relisted"]
    assert (found["units"], found["free"]) == (2, 3)
    assert [(line["seconds_before"], line["free"]) for line in found["before"]] == [
        (5.0, 3),
        (0.1, 3),
        (0.0, 3),
    ]
    assert found["before"][1]["what"]["we sent"]["terms"] == {"named": 0}


def test_an_oversold_unit_is_told_with_its_channel() -> None:
    placed = [order("1", units=5, at=100.0), order("2", units=1, at=101.0, source="pos")]
    history = History(shop(orders=placed), erp(on_hand=5), PLACES)
    (found,) = findings(history, [], PLACES)["oversold"]
    assert (found["units"], found["promise"]) == (1, "1 by till as 2")
    assert [line["what"] for line in found["before"]] == ["web: 5 promised to 1", "till: 1 promised to 2"]


def test_units_beyond_what_existed_are_counted_once() -> None:
    placed = [order("1", units=3, at=100.0), order("2", units=3, at=101.0)]
    history = History(shop(orders=placed), erp(on_hand=5), PLACES)
    assert (accepted(history), oversold(history)) == (6, 1)


def test_latency_runs_from_the_change_to_our_next_write() -> None:
    history = History(shop(writes=[write(101.5, 5, 4, 4)]), erp(events=[event(101.0, -1)]), PLACES)
    assert back_office_to_shop(history) == [500.0]
    assert percentiles([]) == {"p50": 0, "p95": 0, "p99": 0}


def test_a_world_does_not_agree_while_the_shop_was_not_told_of_a_shipment() -> None:
    theirs = erp(documents=[document("1", status="shipped")])
    assert not agree(shop(orders=[order("1")]), theirs, PLACES)


def test_the_report_has_every_figure_the_scripts_rely_on() -> None:
    found = report(shop(), erp(), places=PLACES, seed=7, seconds=20)
    assert list(found) == ["seed", "seconds", "orders", "stock", "webhooks", "latency_ms", "api"]
    assert list(found["stock"]) == [
        "cells",
        "equal",
        "differing",
        "relisted_units",
        "oversold_units",
        "accepted_units",
    ]
    assert found["webhooks"] == {"sent": 4, "duplicated": 1, "dropped": 1, "healed": 1}
    assert found["latency_ms"]["webhook_ack"] == {"p50": 4, "p95": 4, "p99": 4}


def test_no_dropped_message_counts_as_healed_while_something_is_missing() -> None:
    assert (
        report(shop(orders=[order("1")]), erp(), places=PLACES, seed=7, seconds=20)["webhooks"]["healed"] == 0
    )


def test_staff_wait_with_shipping_while_a_cancellation_is_on_its_way() -> None:
    ours = shop(orders=[order("1", cancelled=True)])
    assert called_off(ours, erp(documents=[document("1")]))
    assert not called_off(ours, erp(documents=[document("1", status="cancelled")]))
