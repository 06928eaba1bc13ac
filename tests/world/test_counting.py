"""The report counts what the sandboxes say, and finds what went wrong."""

from typing import Any

from console.world.counting import cells, orders, report
from console.world.history import History
from console.world.latency import back_office_to_shop, percentiles
from console.world.sales import accepted, oversold, relisted
from console.world.settling import agree, called_off

HERE = "gid://shopify/Location/1"
PLACES = {HERE: "WH1"}


def order(ref: str, units: int = 1, at: float = 100.0, **more: Any) -> dict[str, Any]:
    line = {"id": f"{ref}/1", "sku": "A", "quantity": units, "location": HERE, "fulfilled": 0, "restocked": 0}
    return {
        "id": ref,
        "total": "10.00",
        "placed_at": at,
        "cancelled": False,
        "source": "web",
        "lines": [line],
        **more,
    }


def document(ref: str, at: float = 101.0, **more: Any) -> dict[str, Any]:
    return {"id": "1", "ref": ref, "status": "open", "total": "10.00", "created_at": at, "lines": [], **more}


def write(at: float, before: int, after: int, available: int) -> dict[str, Any]:
    return {"at": at, "sku": "A", "location": HERE, "from": before, "to": after, "available_after": available}


def event(at: float, delta: int, kind: str = "sale") -> dict[str, Any]:
    return {"at": at, "sku": "A", "warehouse": "WH1", "kind": kind, "delta": delta, "ref": None}


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
