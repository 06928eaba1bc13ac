"""Both sides of an order are laid side by side: what differs or has no name comes first, with its line of the mapping."""

from datetime import UTC, datetime
from decimal import Decimal

from engine.desk import GapRow, OrderDetail, OrderLineRow
from engine.desk.orders import BookedLine, OrderUnits
from engine.model.ids import LocationId, WarehouseId
from engine.model.wording import Wording
from engine.orders.atlas import Atlas, mapping_rows
from engine.orders.coverage import How, Rule
from engine.orders.kept_sides import compare_order
from engine.orders.values import Kind

AT = datetime(2026, 3, 1, tzinfo=UTC)
FIELDS = {"email": Rule(How.TO, "create_order :email"), "note": Rule(How.NOWHERE, "it has no notes")}
NAMES = {Kind.PAYMENT: {"card": "1200", "klarna": "1210"}, Kind.TAX: {"VAT": "DE19"}}
BODY = {
    "total": "9.90", "currency": "EUR", "customer": "Ida", "email": "new@x.de", "address": ["Weg 1", "Bonn"], "note": "",
    "payments": [{"gateway": "card", "account": "1100"}, {"gateway": "klarna", "account": "1210"}],
    "lines": [{"kind": "goods", "sku": "A"}, {"kind": "shipping", "title": "Post", "carrier": ""}],
    "tax_codes": {"VAT": "DE19"},
}  # fmt: skip


def detail(document: str = "S-1", total: str = "9.90") -> OrderDetail:
    row = OrderLineRow(
        "main", "o1", "#1", "open", Decimal(total), "EUR", AT, AT, 2, 1, document, "open" if document else "", ""
    )  # fmt: skip
    return OrderDetail(
        row, None, (OrderUnits("A", "Bonn", 1, 1, 0),), (BookedLine("A", "WH1", 1, 1, 0),), (), (), Decimal("9.90"), ()
    )  # fmt: skip


def test_each_field_says_whether_both_sides_agree_and_by_which_rule() -> None:
    words = [Wording("main", "order", "o1", "email", "new@x.de", "old@x")]
    rows = {
        row.field + row.name * row.kind.startswith("pay"): row
        for row in compare_order(detail(), BODY, words, NAMES, [], FIELDS)
    }
    found = {name: (row.shop, row.office, row.result) for name, row in rows.items()}
    assert found["email"] == ("old@x", "new@x.de", "edited")
    assert found["customer"] == ("Ida", "Ida", "same")
    assert found["total"] == ("9.90", "9.90", "same")
    assert found["payment gatewaycard"] == ("card", "1100", "differs")  # the table says something else by now
    assert found["payment gatewayklarna"] == ("klarna", "1210", "named")
    assert found["tax title"] == ("VAT", "DE19", "named")
    assert found["shipping method"] == ("Post", "Post", "same")  # no table: told by Shopify's name
    assert found["units of A"] == ("2", "1", "differs") and found["left of A"] == ("1", "1", "same")
    assert (rows["email"].kind, rows["email"].name) == ("field", "email")
    assert rows["note"].rule == "nowhere: it has no notes"
    assert rows["customer"].rule == "no line in the field map" and rows["customer"].kind == ""


def test_what_differs_comes_first_and_an_order_without_a_document_says_what_it_lacks() -> None:
    rows = compare_order(detail(""), {}, [], NAMES, [("payments", "paypal")], FIELDS)
    assert [(row.field, row.shop, row.result) for row in rows] == [
        ("payment gateway", "paypal", "missing"), ("number", "#1", "waits"),
    ]  # fmt: skip
    worst = [row.result for row in compare_order(detail(total="10.00"), BODY, [], NAMES, [], FIELDS)]
    assert worst[:3] == ["differs"] * 3 and "differs" not in worst[3:]


def test_the_mapping_has_what_is_missing_first_and_says_who_named_what() -> None:
    atlas = Atlas({"main": NAMES}, {"main": {LocationId("L1"): WarehouseId("WH1")}}, lambda: {"main": FIELDS})
    words = [Wording("main", "payments", "klarna", "", "1220", set_by="ana")]
    gaps = [
        GapRow("main", "payments", "paypal", "#2", 3, AT, AT),
        GapRow("main", "payments", "klarna", "#1", 1, AT, AT),
        GapRow("main", "field", "note", "#1: ring", 7, AT, AT),
    ]
    rows = mapping_rows(atlas, words, gaps, {"L1": "Bonn"})
    assert [(row.kind, row.name, row.theirs, row.source, row.times) for row in rows] == [
        ("payments", "paypal", "", "missing", 3),
        ("payments", "card", "1200", "configuration", 0),
        ("payments", "klarna", "1220", "ana", 0),
        ("taxes", "VAT", "DE19", "configuration", 0),
        ("locations", "Bonn", "WH1", "configuration", 0),
        ("field", "email", "to: create_order :email", "field map", 0),
        ("field", "note", "nowhere: it has no notes", "field map", 7),
    ]
