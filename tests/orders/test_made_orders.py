"""Several hundred made-up orders become the document their facts say, and no amount of them can be wrong unseen."""

from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from adapters.shopify.order import order_from
from console.cli.root import run
from engine.model.failure import Failure
from engine.model.ids import LocationId, WarehouseId
from engine.orders.mapping import sales_document
from engine.orders.proof import prove
from engine.orders.standing import standing
from engine.orders.summands import summands, total_of
from tests.orders.amounts import Steps, amounts, off
from tests.orders.made.order import CASES, HERE, THERE, Made, made

PLACES = {LocationId(HERE): WarehouseId("WH1"), LocationId(THERE): WarehouseId("WH2")}
ORDERS = [made(number) for number in range(len(CASES))]
CHECKED = 3
"""Amounts corrupted per order in a normal run, drawn anew for each; all of them in the long one."""


def test_there_are_enough_orders_and_every_case_is_among_them() -> None:
    assert len(ORDERS) >= 500
    words = " ".join(order.name for order in ORDERS)
    for case in ("buy x get y", "compound", "cancelled", "edited", "cash rounded", "JPY", "KWD", "terms"):
        assert case in words


def test_each_is_exact_and_becomes_the_document_its_facts_say() -> None:
    for order in ORDERS:
        read = order_from(order.node)
        proof = prove(read)
        assert proof.exact, (order.name, proof.first)
        sale = sales_document(read, PLACES)
        lines = [
            (
                line.kind.value,
                line.sku,
                line.quantity,
                line.unit_price,
                line.discount,
                line.tax,
                line.warehouse,
            )
            for line in sale.lines
        ]
        assert sorted(map(_plain, lines), key=str) == sorted(map(_plain, order.lines), key=str), order.name
        assert [(p.kind, p.gateway, p.amount) for p in sale.payments] == order.payments, order.name
        assert sale.total == order.total == total_of(summands(standing(read)))[0], order.name


def _plain(line: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(each.normalize() + 0 if isinstance(each, Decimal) else each for each in line)


def test_an_amount_that_is_one_minor_unit_off_is_always_caught() -> None:
    for order in ORDERS:
        chance = Random(order.name)
        found = list(amounts(order.node))
        for path in chance.sample(found, min(CHECKED, len(found))):
            assert _caught(order, path, chance.choice((1, -1))), (order.name, path)


@pytest.mark.long
@pytest.mark.parametrize("by", [1, -1])
def test_no_amount_of_any_order_can_be_off(by: int) -> None:
    missed = [(o.name, path) for o in ORDERS for path in amounts(o.node) if not _caught(o, path, by)]
    assert missed == []


def test_the_command_proves_each_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "order.json"
    for order in ORDERS[::9]:
        file.write_bytes(orjson.dumps({"data": {"order": order.node}}))
        assert run(["order", "proof", "--file", str(file)]) == 0, order.name
        assert "adds up to the cent" in capsys.readouterr().out


@pytest.mark.long
def test_the_command_proves_all_of_them_and_finds_a_field_nobody_declared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "order.json"
    for order in ORDERS:
        file.write_bytes(orjson.dumps(order.node))
        assert run(["order", "proof", "--file", str(file)]) == 0, order.name
        file.write_bytes(orjson.dumps(order.node | {"giftWrap": "gold"}))
        capsys.readouterr()
        assert run(["order", "proof", "--file", str(file)]) == 1, order.name
        assert "gap: giftWrap has no declared destination" in capsys.readouterr().out


def test_the_command_names_a_field_nobody_declared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "order.json"
    file.write_bytes(orjson.dumps(ORDERS[0].node | {"giftWrap": "gold"}))
    assert run(["order", "proof", "--file", str(file)]) == 1
    assert "gap: giftWrap has no declared destination, for example gold" in capsys.readouterr().out


def _caught(order: Made, path: Steps, by: int) -> bool:
    try:
        sales_document(order_from(off(order.node, path, by)), PLACES)
    except Failure:
        return True
    return False
