"""The sandbox refuses what a strict ERP refuses, whoever asks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from adapters.sql.back_office import SqlBackOffice
from adapters.sql.driver import open_database
from adapters.sql.sandbox import SqlSandbox, start
from engine.model.failure import Refused
from engine.model.ids import Sku, WarehouseId
from engine.model.sale import SalesDocument

Sale = Callable[..., SalesDocument]
Staff = Any
MUG, WH1 = Sku("MUG"), WarehouseId("WH1")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"total": "10.01"}, "do not add up"),
        ({"sku": "NOBODY"}, "unknown product"),
        ({"warehouse": "WH9"}, "unknown or closed warehouse"),
        ({"price": "9.999"}, "NOT NULL"),
        ({"quantity": -1}, "CHECK"),
    ],
)
async def test_a_wrong_document_is_refused_whole(
    office: SqlBackOffice, staff: Staff, sale: Sale, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        await office.create(sale("gid://1", **changes))
    truth = staff.get("state").json()
    assert truth["documents"] == []
    assert [each["ref"] for each in truth["refusals"]] == ["gid://1"]


async def test_no_more_leaves_than_is_on_the_shelf(office: SqlBackOffice, staff: Staff, sale: Sale) -> None:
    made = await office.create(sale("gid://1", quantity=7))
    with pytest.raises(Refused, match="not that many units are on the shelf"):
        await office.ship(made.id, {(MUG, WH1): 7})
    assert staff.post("ship", json={"document": "gid://1"}).status_code == 409
    assert staff.post("receipt", json={"sku": "MUG", "warehouse": "WH1", "quantity": 2}).status_code == 200
    await office.ship(made.id, {(MUG, WH1): 7})
    assert {"sku": "MUG", "warehouse": "WH1", "on_hand": 0, "reserved": 0} in staff.get("state").json()[
        "shelves"
    ]


async def test_no_more_ships_than_was_ordered_and_no_more_returns_than_shipped(
    office: SqlBackOffice, sale: Sale
) -> None:
    made = await office.create(sale("gid://1", quantity=2))
    with pytest.raises(Refused):
        await office.ship(made.id, {(MUG, WH1): 3})
    await office.ship(made.id, {(MUG, WH1): 1})
    with pytest.raises(Refused, match="more units would come back"):
        await office.take_back(made.id, {(MUG, WH1): 2}, key="r1")


@pytest.mark.parametrize("column", ["reserved", "on_hand"])
def test_a_shelf_never_goes_below_nothing(sandbox: SqlSandbox, column: str) -> None:
    engine = open_database(sandbox.database_url, writes=True, connections=1)
    with pytest.raises(IntegrityError, match="never less than nothing"), engine.begin() as tx:
        tx.execute(text(f"UPDATE shelf SET {column} = -1 WHERE sku = 'MUG'"))
    engine.dispose()


@pytest.mark.parametrize(
    ("verb", "ask", "status"),
    [
        ("sale", {"sku": "MUG", "warehouse": "WH1", "quantity": 6}, 409),
        ("sale", {"sku": "NOBODY", "warehouse": "WH1", "quantity": 1}, 409),
        ("sale", {"sku": "MUG", "warehouse": "WH1", "quantity": 0}, 409),
        ("receipt", {"sku": "NOBODY", "warehouse": "WH1", "quantity": 1}, 409),
        ("receipt", {"sku": "MUG", "warehouse": "WH1", "quantity": -1}, 400),
        ("receipt", {"sku": "MUG"}, 400),
        ("adjust", {"sku": "MUG", "warehouse": "WH1", "delta": -6}, 409),
        ("transfer", {"sku": "MUG", "from": "WH1", "to": "WH9", "quantity": 1}, 409),
        ("transfer", {"sku": "MUG", "from": "WH1", "to": "WH2", "quantity": 6}, 409),
        ("ship", {"document": "gid://nobody"}, 409),
        ("faults", {"mode": "meteor"}, 400),
    ],
)
def test_the_staff_is_refused_too(staff: Staff, verb: str, ask: dict[str, Any], status: int) -> None:
    before = staff.get("state").json()["shelves"]
    assert staff.post(verb, json=ask).status_code == status
    assert staff.get("state").json()["shelves"] == before


async def test_the_oldest_documents_that_can_ship_ship_first(
    office: SqlBackOffice, staff: Staff, sale: Sale
) -> None:
    await office.create(sale("gid://too-many", quantity=9))
    await office.create(sale("gid://first", quantity=4))
    assert staff.post("sale", json={"sku": "CUP", "warehouse": "WH1", "quantity": 1}).status_code == 200
    await office.create(sale("gid://no-longer", quantity=4))
    shipped = staff.post("ship_any", json={"limit": 10}).json()["shipped"]
    assert [each["ref"] for each in shipped] == ["gid://first", None]


async def test_every_event_says_what_it_changed_for_sale(
    office: SqlBackOffice, staff: Staff, sale: Sale
) -> None:
    made = await office.create(sale("gid://1", quantity=2))
    staff.post("sale", json={"sku": "MUG", "warehouse": "WH1", "quantity": 1})
    staff.post("receipt", json={"sku": "MUG", "warehouse": "WH1", "quantity": 5})
    await office.ship(made.id, {(MUG, WH1): 1})
    events = staff.get("state").json()["events"]
    assert [(event["kind"], event["delta"], event["on_hand_delta"]) for event in events] == [
        ("order", -2, 0),
        ("sale", -1, 0),
        ("receipt", 5, 5),
        ("ship", 0, -1),
    ]
    assert all(
        event["at"] > 1.7e9 and event["sku"] == "MUG" and event["warehouse"] == "WH1" for event in events
    )


def test_a_sandbox_started_again_carries_on(tmp_path: Path) -> None:
    for expected in (5, 6):
        running = start(tmp_path, seed=1, skus=["MUG"], stock={("MUG", 0): 5})
        with httpx.Client(base_url=f"{running.url}/_control/", trust_env=False) as staff:
            assert staff.get("state").json()["shelves"][0]["on_hand"] == expected
            staff.post("receipt", json={"sku": "MUG", "warehouse": "WH1", "quantity": 1})
        running.stop()
