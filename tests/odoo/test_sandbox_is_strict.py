"""What Odoo refuses, the sandbox refuses in Odoo's words."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from adapters.odoo.sandbox import OdooSandbox, start

STOCK = {("MUG", 0): 5, ("MUG", 1): 2}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[OdooSandbox]:
    running = start(skus=["MUG"], stock=STOCK, currency="EUR")
    yield running
    running.stop()


@pytest.fixture
def ask(sandbox: OdooSandbox) -> Iterator[Any]:
    headers = {"authorization": f"bearer {sandbox.key}"}
    with httpx.Client(base_url=sandbox.url, headers=headers, trust_env=False) as client:
        yield lambda model, method, **body: client.post(f"/json/2/{model}/{method}", json=body)


def test_entries_are_drafts_that_are_posted_once_and_then_stay(ask: Any) -> None:
    partner = ask("res.partner", "create", vals_list=[{"name": "Ada"}]).json()[0]
    pay = {
        "payment_type": "inbound",
        "partner_type": "customer",
        "partner_id": partner,
        "amount": 5.0,
        "journal_id": 1,
    }
    for wrong in (
        {"amount": -1.0},
        {"journal_id": 3},
        {"journal_id": 99},
        {"payment_type": "sideways"},
        {"ref": "x"},
    ):
        assert ask("account.payment", "create", vals_list=[pay | wrong]).status_code == 422, wrong
    number = ask("account.payment", "create", vals_list=[pay | {"memo": "x"}]).json()[0]
    assert ask("account.payment", "action_post", ids=[number]).json() is True
    assert ask("account.payment", "action_post", ids=[number]).status_code == 422
    assert ask("account.payment", "unlink", ids=[number]).status_code == 422
    note = {"move_type": "out_refund", "partner_id": partner}
    empty = ask("account.move", "create", vals_list=[note]).json()[0]
    assert ask("account.move", "action_post", ids=[empty]).status_code == 422
    assert ask("account.move", "unlink", ids=[empty]).json() is True
    line = [0, 0, {"name": "Tea", "quantity": 1, "price_unit": -2.0, "tax_ids": [[6, 0, []]]}]
    below = ask("account.move", "create", vals_list=[note | {"invoice_line_ids": [line]}]).json()[0]
    assert ask("account.move", "action_post", ids=[below]).status_code == 422


def quotation(ask: Any, units: int = 1, **more: Any) -> int:
    partner = ask("res.partner", "create", vals_list=[{"name": "Ada"}]).json()[0]
    line = [0, 0, {"product_id": 1, "product_uom_qty": units, "price_unit": 2.5}]
    vals = {"partner_id": partner, "client_order_ref": "ref", "warehouse_id": 1, "order_line": [line], **more}
    return int(ask("sale.order", "create", vals_list=[vals]).json()[0])


@pytest.mark.parametrize(
    ("model", "method", "body", "status"),
    [
        ("sale.ordre", "search_read", {}, 404),
        ("sale.order", "confirm_everything", {}, 404),
        ("sale.order", "search_read", {"fields": ["no_such_field"]}, 422),
        ("sale.order", "search_read", {"domain": [["no_such_field", "=", 1]]}, 422),
        ("sale.order", "search_read", {"domain": [["id", "resembles", 1]]}, 422),
        ("sale.order", "search_read", {"ids": [1]}, 422),
        ("sale.order", "create", {"vals_list": [{"partner_id": 10, "colour": "red"}]}, 422),
        ("sale.order", "create", {"vals_list": [{"client_order_ref": "x"}]}, 422),
        ("sale.order", "create", {"vals_list": [{"partner_id": 10, "warehouse_id": 99}]}, 422),
    ],
)
def test_what_cannot_be_read_is_refused(ask: Any, model: str, method: str, body: Any, status: int) -> None:
    answer = ask(model, method, **body)
    assert answer.status_code == status
    assert answer.json()["name"]


def test_a_wrong_key_and_a_right_that_is_missing(sandbox: OdooSandbox, ask: Any) -> None:
    with httpx.Client(base_url=sandbox.url, trust_env=False) as client:
        wrong = client.post("/json/2/res.partner/search_read", json={}, headers={"authorization": "bearer x"})
        assert (wrong.status_code, wrong.json()["message"]) == (401, "Invalid apikey")
        client.post("/_control/rights", json={"deny": ["stock.quant"]})
        assert ask("stock.quant", "search_read", domain=[], fields=["quantity"]).status_code == 403
        client.post("/_control/rights", json={"deny": []})


def test_states_move_only_as_odoo_lets_them(ask: Any) -> None:
    order = quotation(ask)
    assert ask("sale.order", "action_confirm", ids=[order]).json() is True
    assert ask("sale.order", "action_confirm", ids=[order]).status_code == 422
    assert ask("sale.order", "unlink", ids=[order]).status_code == 422
    window = ask("sale.order", "action_cancel", ids=[order]).json()
    assert window["res_model"] == "sale.order.cancel"
    assert (
        ask("sale.order", "action_cancel", ids=[order], context={"disable_cancel_warning": True}).json()
        is True
    )
    assert ask("sale.order", "unlink", ids=[order]).json() is True


def test_a_partial_delivery_asks_in_a_window_unless_told_not_to(ask: Any) -> None:
    order = quotation(ask, units=3)
    ask("sale.order", "action_confirm", ids=[order])
    fields = ["picking_id", "product_uom_qty", "state", "sale_line_id"]
    domain = [["sale_line_id.order_id", "=", order]]
    (move,) = ask("stock.move", "search_read", domain=domain, fields=fields).json()
    assert (move["product_uom_qty"], move["state"]) == (3.0, "assigned")
    ask("stock.move", "write", ids=[move["id"]], vals={"quantity": 2, "picked": True})
    picking = move["picking_id"][0]
    window = ask("stock.picking", "button_validate", ids=[picking]).json()
    assert window["res_model"] == "stock.backorder.confirmation"
    assert (
        ask("stock.picking", "button_validate", ids=[picking], context={"skip_backorder": True}).json()
        is True
    )
    moves = ask(
        "stock.move", "search_read", domain=domain, fields=["state", "quantity", "product_uom_qty"]
    ).json()
    assert sorted((each["state"], each["product_uom_qty"]) for each in moves) == [
        ("assigned", 1.0),
        ("done", 2.0),
    ]


def test_nothing_is_false_and_links_are_pairs(ask: Any) -> None:
    order = quotation(ask, client_order_ref=False)
    (row,) = ask(
        "sale.order",
        "search_read",
        domain=[["id", "=", order]],
        fields=["client_order_ref", "currency_id", "state"],
    ).json()
    assert row["client_order_ref"] is False
    assert row["currency_id"] == [1, "EUR"]
    assert row["state"] == "draft"


def test_a_confirmed_line_can_be_lowered_to_what_left_and_not_removed(sandbox: OdooSandbox, ask: Any) -> None:
    order = quotation(ask, 3)
    ask("sale.order", "action_confirm", ids=[order])
    [line] = ask("sale.order.line", "search", domain=[["order_id", "=", order]]).json()
    [move] = ask(
        "stock.move",
        "search_read",
        domain=[["sale_line_id", "=", line]],
        fields=["picking_id", "product_uom_qty"],
    ).json()
    ask("stock.move", "write", ids=[move["id"]], vals={"quantity": 2, "picked": True})
    context = {"skip_backorder": True}
    ask("stock.picking", "button_validate", ids=[move["picking_id"][0]], context=context)

    def write(*commands: Any) -> Any:
        return ask("sale.order", "write", ids=[order], vals={"order_line": list(commands)})

    removed = write([2, line, 0])
    assert (removed.status_code, "can't remove one of its lines" in removed.text) == (422, True)
    fewer = write([1, line, {"product_uom_qty": 1}])
    assert (fewer.status_code, "below the delivered quantity" in fewer.text) == (422, True)
    assert write([1, line, {"product_uom_qty": 2}]).json() is True
    moves = ask("stock.move", "search_read", domain=[["sale_line_id", "=", line]], fields=["state"]).json()
    assert [each["state"] for each in moves] == ["done"]
    [head] = ask("sale.order", "search_read", domain=[["id", "=", order]], fields=["amount_total"]).json()
    assert head["amount_total"] == 5.0
