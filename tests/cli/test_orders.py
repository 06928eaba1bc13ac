"""`trueup order` against a shop and a back office that run, and against files that are no order."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from console.assembly import open_store
from console.cli.root import run
from console.settings import load
from console.world.world import World
from engine.model.clock import SystemClock
from engine.store.verbs.command import take


@dataclass
class Shop:
    """A world with one order in it that no engine has seen."""

    world: World
    order: dict[str, Any]

    def run(self, *words: str, group: str = "order") -> int:
        """The command in a thread of its own: it brings its own event loop and takes the present one away."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(run, [group, *words, "--config", str(self.world.config)]).result()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    world = World.start(
        tmp_path_factory.mktemp("world"), orders_per_minute=0.0, webhook_faults="none", skus=3
    )
    try:
        level = max(world.shop.state()["levels"], key=lambda cell: cell["available"])
        basket = {
            "lines": [{"sku": level["sku"], "quantity": 2}], "discount": {"kind": "order", "percent": "15"},
            "shipping": "4.90", "tax_rate": "0.19", "currency": "EUR", "location": level["location"],
        }  # fmt: skip
        placed = world.shop.ask("checkout", basket)
        assert placed is not None
        yield Shop(world, placed)
    finally:
        world.stop()


@pytest.mark.parametrize("name", ["#1001", "1001", "the id", "the number"])
def test_an_order_is_found_by_name_and_by_id(shop: Shop, name: str, capsys: Any) -> None:
    named = {"the id": shop.order["id"], "the number": shop.order["id"].rsplit("/", 1)[1]}.get(name, name)
    assert shop.run("show", named) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"#1001  {shop.order['id']}  (main)")
    assert "back office: no document" in said


def test_an_order_and_its_buyer_are_shown_side_by_side_with_their_rules(shop: Shop, capsys: Any) -> None:
    assert shop.run("diff", "order", "#1001", "--json", group="mapping") == 0
    rows = {row["field"]: row for row in json.loads(capsys.readouterr().out)["main"]}
    assert (rows["reference"]["shop"], rows["reference"]["result"]) == (shop.order["id"], "only theirs")
    assert shop.run("diff", "customer", "1001", group="mapping") == 0
    assert "only theirs" in capsys.readouterr().out
    assert shop.run("diff", "order", "#9999", group="mapping") == 1
    assert "No shop has an order '#9999'." in capsys.readouterr().err
    assert shop.run("diff", "parcel", "1", group="mapping") == 1
    assert "product|order|customer" in capsys.readouterr().err


def test_the_summands_that_are_printed_make_the_total_in_both_currencies(shop: Shop, capsys: Any) -> None:
    assert shop.run("proof", "#1001", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    for side in ("amount", "amount_presentment"):
        made = sum(Decimal(each[side]) for each in said["summands"] if each["counted"])
        assert made == Decimal(said["sum"][side])
    charged = Decimal(
        next(o for o in shop.world.shop.state()["orders"] if o["id"] == shop.order["id"])["total"]
    )
    assert Decimal(said["sum"]["amount"]) == charged
    assert {each["part"] for each in said["summands"]} == {"lines", "shipping", "taxes"}


def test_an_order_nobody_has_is_said_to_be_so(shop: Shop, capsys: Any) -> None:
    assert shop.run("proof", "#4711") == 1
    assert capsys.readouterr().err.splitlines() == [
        "trueup: No shop has an order '#4711'.",
        "Give the name as Shopify shows it, or the order's id.",
    ]


def test_a_pulled_order_is_put_down_for_the_engine(shop: Shop) -> None:
    assert shop.run("pull", "1001", "--operator", "ann") == 0
    assert shop.run("pull", "--since", "2026-01-01", "--gaps") == 0
    store = open_store(load(shop.world.config), SystemClock())
    try:
        asked = store.read_sync(take, "main", 10)
    finally:
        store.close()
    assert [(each.verb, json.loads(each.args_json)) for each in asked] == [("pull", [shop.order["id"]])] * 2
    assert asked[0].operator == "ann"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "is no JSON"),
        (b"[]", "holds no order"),
        (b'{"lineItems": {"edges": [{}]}}', "edges without nodes"),
        (b'{"id": 1}', "holds no order that can be read"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "nested too deeply"),
    ],
    ids=["cut", "list", "edges", "short", "deep"],
)
def test_a_file_that_is_no_order_is_wrong_usage_with_cause_and_remedy(
    tmp_path: Path, content: bytes, says: str, capsys: Any
) -> None:
    file = tmp_path / "order.json"
    file.write_bytes(content)
    assert run(["order", "proof", "--file", str(file)]) == 2
    cause, remedy = capsys.readouterr().err.splitlines()
    assert says in cause
    assert remedy == "Give the JSON of one order, as the query for orders answers it."


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_wrong_usage(tmp_path: Path, name: str, capsys: Any) -> None:
    assert run(["order", "proof", "--file", str(tmp_path / name)]) == 2
    assert "Name a file that is there" in capsys.readouterr().err
