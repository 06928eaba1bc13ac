"""Each order written by hand becomes the document worked out beside it, or is held for the reason named there."""

from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import GraphQLSchema, build_schema, graphql_sync

from adapters.field_maps import field_map, kinds
from adapters.shopify.fields import not_asked
from adapters.shopify.operations import operation
from adapters.shopify.order import order_from
from console.cli.root import run
from engine.model.failure import Failure
from engine.model.ids import LocationId, WarehouseId
from engine.model.sale import SalesDocument
from engine.orders.coverage import gaps
from engine.orders.mapping import sales_document
from engine.orders.proof import prove
from engine.orders.step import Book
from engine.orders.steps import next_step
from engine.orders.values import Kind
from tests.orders.amounts import amounts, off
from tests.orders.written import Written, written

PLACES = {
    LocationId("gid://shopify/Location/1"): WarehouseId("WH1"),
    LocationId("gid://shopify/Location/2"): WarehouseId("WH2"),
}
ORDERS = written()
BOOKED = [each for each in ORDERS if each.document is not None]
HELD = [each for each in ORDERS if each.held is not None]
UNEVEN = [each for each in HELD if each.held and each.held["code"] == "order_does_not_add_up"]


def _named(order: Written) -> str:
    return order.name


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((files("adapters.shopify") / "schema" / "admin-2026-10.graphql").read_text("utf-8"))


def test_there_are_enough_of_them_each_with_one_outcome() -> None:
    assert len(ORDERS) >= 40
    assert sorted([*map(_named, BOOKED), *map(_named, HELD)]) == [each.name for each in ORDERS]


@pytest.mark.parametrize("order", ORDERS, ids=_named)
def test_each_is_what_shopify_could_answer_to_our_query(order: Written, schema: GraphQLSchema) -> None:
    reply = graphql_sync(
        schema,
        operation("read_order"),
        {"order": order.node},
        variable_values={"id": order.node["id"]},
        # an allocation names its application by index alone; which kind it is stands in the list of applications
        type_resolver=lambda node, info, kind: node.get("__typename", "DiscountCodeApplication"),
    )
    assert reply.errors is None
    assert reply.data is not None
    assert order_from(reply.data["order"]) == order_from(order.node)
    declared = {field for kind in kinds() for field in field_map(kind)}
    assert gaps(order.node, declared, not_asked()) == ()


@pytest.mark.parametrize("order", BOOKED, ids=_named)
def test_each_becomes_the_document_worked_out_by_hand(order: Written) -> None:
    assert order.document is not None
    read, want = order_from(order.node), order.document
    sale = sales_document(read, PLACES)
    assert [_line(line) for line in sale.lines] == [_wanted(line) for line in want["lines"]]
    assert [[p.kind, p.gateway, p.amount] for p in sale.payments] == [
        [kind, gateway, Decimal(amount)] for kind, gateway, amount in want["payments"]
    ]
    assert _taxes(sale) == {title: Decimal(amount) for title, amount in want.get("taxes", {}).items()}
    assert sale.total == Decimal(want["total"])
    assert sale.presentment_total == Decimal(want.get("presentment_total", want["total"]))
    assert {path: _at(sale, path) for path in want.get("also", {})} == want.get("also", {})
    owed = next_step(read, None, PLACES, {warehouse: location for location, warehouse in PLACES.items()})
    assert owed == (Book() if want.get("owed", True) else None)


def _line(line: Any) -> list[Any]:
    return [line.kind.value, line.sku or "", line.quantity, line.unit_price, line.discount, line.tax,
            line.warehouse or ""]  # fmt: skip


def _wanted(line: list[Any]) -> list[Any]:
    kind, sku, units, price, discount, tax, warehouse = line
    return [kind, sku, units, Decimal(price), Decimal(discount), Decimal(tax), warehouse]


def _taxes(sale: SalesDocument) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in sale.lines:
        for title, amount in line.taxes:
            found[title] = found.get(title, Decimal(0)) + amount
    return found


def _at(sale: SalesDocument, path: str) -> str:
    found: Any = sale
    for step in path.split("."):
        found = found[int(step)] if step.isdecimal() else getattr(found, step)
    return str(found)


@pytest.mark.parametrize("order", HELD, ids=_named)
def test_each_that_may_not_be_booked_is_held_with_the_line_named(order: Written) -> None:
    assert order.held is not None
    with pytest.raises(Failure) as held:
        values = {Kind(kind): table for kind, table in order.values.items()}
        sales_document(order_from(order.node), PLACES, values)
    assert held.value.code == order.held["code"]
    assert order.held["names"] in held.value.cause
    if "first" in order.held:
        first = prove(order_from(order.node)).first
        assert first is not None
        assert first.label == order.held["first"]


@pytest.mark.parametrize("order", [each for each in ORDERS if each not in UNEVEN], ids=_named)
def test_no_amount_of_any_of_them_can_be_a_minor_unit_off(order: Written) -> None:
    assert prove(order_from(order.node)).exact
    missed = [
        (path, by) for path in amounts(order.node) for by in (1, -1) if _exact(off(order.node, path, by))
    ]
    assert missed == []


def _exact(node: dict[str, Any]) -> bool:
    return prove(order_from(node)).exact


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "order.json"


@pytest.mark.parametrize("order", ORDERS, ids=_named)
def test_the_command_proves_each_from_a_file(
    order: Written, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(orjson.dumps({"data": {"order": order.node}}))
    code = run(["order", "proof", "--file", str(file)])
    said = capsys.readouterr().out
    if order in UNEVEN and order.held:
        assert code == 1
        assert f"differs first at {order.held['first']}:" in said
    else:
        assert (code, "adds up to the cent in both currencies" in said) == (0, True)


@pytest.mark.parametrize("order", ORDERS[::9], ids=_named)
def test_the_command_names_a_field_nobody_declared(
    order: Written, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = order.node["lineItems"]
    strange = {**lines, "nodes": [each | {"engravingFont": "Serif"} for each in lines["nodes"]]}
    file.write_bytes(orjson.dumps(order.node | {"lineItems": strange}))
    assert run(["order", "proof", "--file", str(file)]) == 1
    assert (
        "gap: lineItems.engravingFont has no declared destination, for example Serif"
        in capsys.readouterr().out
    )
