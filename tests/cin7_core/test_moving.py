"""Goods leave once, from where they are said to leave from, whatever was left half done before."""

from typing import Any

import pytest

from engine.model.failure import Failure, OutcomeUnknown, Refused
from engine.model.sale import DocumentStatus
from tests.accounts import REF, sale
from tests.cin7_core.conftest import BOWL, MUG, WH1, WH2


@pytest.mark.parametrize("lost", ["sale/fulfilment", "pick", "pack", "ship"])
async def test_a_shipment_whose_answers_are_lost_leaves_once(account: Any, office: Any, lost: str) -> None:
    one = office(answer_seconds=0.5)
    made = await one.create(sale((MUG, 3, WH1)))
    account.do("faults", mode="apply_then_timeout", op=lost, count=1, seconds=1)
    with pytest.raises(Failure):
        await one.ship(made.id, {(MUG, WH1): 2})
    account.do("faults", mode="none")
    await office().ship(made.id, {(MUG, WH1): 2})
    assert account.shelf(MUG, "WH1") == (8, 1)
    document = (await office().documents([REF]))[REF]
    assert [(line.quantity, line.shipped) for line in document.lines] == [(3, 2)]
    told = account.by_hand.get("sale", params={"ID": made.id}).json()["Fulfilments"]
    assert [each["Ship"]["Status"] for each in told if each["Pick"]["Lines"]] == ["AUTHORISED"]


async def test_units_are_picked_from_the_batch_that_expires_first(account: Any, office: Any) -> None:
    made = await office().create(sale((MUG, 5, WH1)))
    await office().ship(made.id, {(MUG, WH1): 5})
    (told,) = account.by_hand.get("sale", params={"ID": made.id}).json()["Fulfilments"]
    assert [(line["Location"], line["BatchSN"], line["Quantity"]) for line in told["Pick"]["Lines"]] == [
        ("WH1", "B2", 3),
        ("WH1: A-01", "B1", 2),
    ]
    assert account.shelf(MUG, "WH1") == (5, 0)


async def test_more_than_is_on_the_shelf_does_not_leave(account: Any, office: Any) -> None:
    made = await office().create(sale((BOWL, 12, WH1)))
    with pytest.raises(Refused, match="Insufficient stock"):
        await office().ship(made.id, {(BOWL, WH1): 12})
    assert account.shelf(BOWL, "WH1") == (9, 12)


async def test_moved_goods_leave_in_parts_and_the_rest_stays_moved(account: Any, office: Any) -> None:
    made = await office().create(sale((MUG, 4, WH1)))
    await office().reroute(made.id, {MUG: WH2})
    assert (account.shelf(MUG, "WH1"), account.shelf(MUG, "WH2")) == ((10, 0), (6, 4))
    await office().ship(made.id, {(MUG, WH2): 1})
    assert (account.shelf(MUG, "WH1"), account.shelf(MUG, "WH2")) == ((10, 0), (5, 3))
    await office().ship(made.id, {(MUG, WH2): 3, (MUG, WH1): 1})
    assert (account.shelf(MUG, "WH1"), account.shelf(MUG, "WH2")) == ((9, 0), (3, 0))
    document = (await office().documents([REF]))[REF]
    assert document.status is DocumentStatus.SHIPPED
    assert {line.warehouse: line.shipped for line in document.lines} == {WH1: 1, WH2: 3}


async def test_goods_moved_away_and_back_leave_no_draft_behind(account: Any, office: Any) -> None:
    made = await office().create(sale((MUG, 4, WH1)))
    await office().reroute(made.id, {MUG: WH2})
    await office().reroute(made.id, {MUG: WH1})
    assert (account.shelf(MUG, "WH1"), account.shelf(MUG, "WH2")) == ((10, 4), (6, 0))
    await office().ship(made.id, {(MUG, WH1): 4})
    (told,) = account.by_hand.get("sale", params={"ID": made.id}).json()["Fulfilments"]
    assert told["Ship"]["Status"] == "AUTHORISED"


async def test_staff_who_ship_moved_goods_are_believed(account: Any, office: Any) -> None:
    made = await office().create(sale((MUG, 4, WH1)))
    await office().reroute(made.id, {MUG: WH2})
    account.do("ship", document=REF)
    document = (await office().documents([REF]))[REF]
    assert document.status is DocumentStatus.SHIPPED
    assert [(line.warehouse, line.quantity, line.shipped) for line in document.lines] == [(WH2, 4, 4)]


async def test_what_somebody_has_picked_is_not_called_off(account: Any, office: Any) -> None:
    made = await office().create(sale((MUG, 2, WH1)))
    task = account.by_hand.post("sale/fulfilment", json={"SaleID": made.id}).json()["Fulfilments"][0][
        "TaskID"
    ]
    picked = {"SKU": "MUG", "Quantity": 2, "Location": "WH1", "BatchSN": "B2"}
    body = {"TaskID": task, "Status": "AUTHORISED", "Lines": [picked]}
    assert account.by_hand.post("sale/fulfilment/pick", json=body).status_code == 200
    with pytest.raises(Refused, match="picked"):
        await office().cancel(made.id)
    document = (await office().documents([REF]))[REF]
    assert [(line.quantity, line.shipped) for line in document.lines] == [(2, 0)], "it has not left yet"
    await office().ship(made.id, {(MUG, WH1): 2})
    assert account.shelf(MUG, "WH1") == (8, 0)


async def test_goods_of_a_voided_sale_leave_once(account: Any, office: Any) -> None:
    made = await office().create(sale((MUG, 2, WH1), (BOWL, 1, WH1)))
    await office().cancel(made.id)
    for _ in range(2):
        await office().ship(made.id, {(MUG, WH1): 2})
    assert (account.shelf(MUG, "WH1"), account.shelf(BOWL, "WH1")) == ((8, 0), (9, 0))
    document = (await office().documents([REF]))[REF]
    assert [(line.sku, line.shipped) for line in document.lines] == [(MUG, 2)]


@pytest.mark.parametrize("lost", range(1, 13))
async def test_goods_of_a_voided_sale_leave_from_two_locations_once(
    account: Any, office: Any, lost: int
) -> None:
    """Whichever of the changing calls loses its answer, the next try finds what it did."""
    made = await office().create(sale((MUG, 2, WH1), (BOWL, 1, WH2)))
    await office().cancel(made.id)
    gone = {(MUG, WH1): 2, (BOWL, WH2): 1}
    one, sent = office(), []
    call = one._client._call

    async def cut(method: str, path: str, asked: Any, body: Any) -> Any:
        said = await call(method, path, asked, body)
        if method != "GET":
            sent.append(path)
            if len(sent) == lost:
                raise OutcomeUnknown("the answer was lost", "look")
        return said

    one._client._call = cut
    with pytest.raises(OutcomeUnknown):
        await one.ship(made.id, gone)
    await office().ship(made.id, gone)
    assert (account.shelf(MUG, "WH1"), account.shelf(BOWL, "WH2")) == ((8, 0), (4, 0))
    document = (await office().documents([REF]))[REF]
    assert {(line.sku, line.shipped) for line in document.lines} == {(MUG, 2), (BOWL, 1)}


async def test_a_return_invoices_once_and_is_credited_to_the_target(account: Any, office: Any) -> None:
    made = await office().create(sale((MUG, 3, WH1)))
    await office().ship(made.id, {(MUG, WH1): 3})
    for target in (1, 1, 2):
        await office().take_back(made.id, {(MUG, WH1): target}, key="refund-1")
    told = account.by_hand.get("sale", params={"ID": made.id}).json()
    assert len(told["Invoices"]) == 1
    assert [each["Restock"][0]["Quantity"] for each in told["CreditNotes"]] == [1, 1]
    assert account.shelf(MUG, "WH1") == (9, 0)
    with pytest.raises(Refused, match="More of MUG"):
        await office().take_back(made.id, {(MUG, WH1): 4}, key="refund-2")
