"""An answer of 200 is no success: what became of each record is read, and a lost one is looked up before it is sent."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapters.cin7_omni.client import OmniClient
from adapters.cin7_omni.trouble import Taken, failed
from engine.model.clock import SystemClock
from engine.model.failure import Failure, OutcomeUnknown, Refused
from engine.model.ids import DocumentId, OrderId
from engine.model.sale import DocumentStatus
from tests.accounts import REF, sale
from tests.cin7_omni.conftest import BOWL, MUG, WH1, WH2, budget


async def test_an_order_of_two_branches_of_which_one_is_declined_is_none(account: Any, office: Any) -> None:
    one = office()
    words = "Credit limit reached"
    account.do("faults", mode="refuse_orders", match=BOWL, message=words, count=1)
    with pytest.raises(Refused, match=words):
        await one.create(sale((MUG, 2, WH1), (BOWL, 1, WH2)))
    assert (account.shelf(MUG, WH1), account.shelf(BOWL, WH2)) == ((10, 0), (5, 0))
    made = await one.create(sale((MUG, 2, WH1), (BOWL, 1, WH2)))
    assert made.total == Decimal("12.40")
    assert (account.shelf(MUG, WH1), account.shelf(BOWL, WH2)) == ((10, 2), (5, 1))
    assert made == (await one.documents([REF]))[REF]


async def test_all_parts_of_an_order_are_sent_in_one_call(account: Any, office: Any) -> None:
    await office().create(sale((MUG, 2, WH1), (BOWL, 1, WH2)))
    assert [call for call in account.calls if call[0] == "POST"] == [("POST", "SalesOrders")]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"index": 0, "success": False, "errors": ["Product code 'X' does not exist."]}, Refused),
        ({"index": 0, "success": False, "errors": ["Reference 'a' already exists."]}, Taken),
        ({"index": 0, "success": False}, Refused),
        ({"index": 1, "success": True, "id": 7}, OutcomeUnknown),
        ({}, OutcomeUnknown),
        (7, OutcomeUnknown),
    ],
)
async def test_what_becomes_of_a_record_is_what_it_says_itself(told: Any, kind: type[Failure]) -> None:
    clock = SystemClock()
    answer = httpx.MockTransport(lambda request: httpx.Response(200, json=[told]))
    client = OmniClient(
        "https://omni", user="u", key="k", clock=clock, budget=budget(clock), together=1, transport=answer
    )
    (result,) = await client.post("SalesOrders", [{"reference": "a"}])
    assert isinstance(result, kind)
    await client.aclose()


def test_a_record_that_was_written_is_no_failure() -> None:
    assert failed({"index": 0, "success": True, "id": 7, "errors": []}) is None


async def test_an_order_that_arrived_late_is_found_and_not_doubled(account: Any, office: Any) -> None:
    one = office(answer_seconds=0.5)
    account.do("faults", mode="late_apply", op="change", count=1, seconds=0.3)
    with pytest.raises(OutcomeUnknown):
        await one.create(sale((MUG, 2, WH1)))
    account.do("faults", mode="none")
    assert account.do("late_calls")["made"] == 1
    made = await one.create(sale((MUG, 2, WH1)))
    assert made.total == Decimal("9.90")
    assert account.shelf(MUG, WH1) == (10, 2)


async def test_a_copy_that_staff_made_is_another_document(account: Any, office: Any) -> None:
    one = office()
    made = await one.create(sale((MUG, 2, WH1)))
    copy = DocumentId(account.do("double", document=REF)["document"])
    assert await one.copies([REF]) == {REF: (made.id, copy)}
    await one.cancel(copy)
    assert (await one.documents([REF]))[REF] == made


async def test_a_prefix_that_leaves_no_room_for_a_reference_is_refused_before_anything_is_sent(
    account: Any, office: Any
) -> None:
    with pytest.raises(Refused, match="30 characters"):
        await office(prefix="a-very-long-prefix-of-ours-").create(
            sale((MUG, 1, WH1), ref=OrderId("gid://shopify/Order/5551001234567"))
        )
    assert account.state()["documents"] == []


async def test_a_contact_for_all_orders_is_named_on_them(account: Any, office: Any) -> None:
    from adapters.cin7_omni.selling import Terms

    one = office(terms=Terms(41))
    made = await one.create(sale((MUG, 1, WH1)))
    assert one._orders.row(made.id)["memberId"] == 41
    assert await office(terms=Terms(41)).probe() == ()
    assert [name for name, _, _ in await office(terms=Terms(99)).probe()] == ["contact 99"]
    assert made.status is DocumentStatus.OPEN
