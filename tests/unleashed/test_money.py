"""Credit notes of money: no goods in them, none twice, payments and refunds left to a person."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from adapters.unleashed.selling import Terms
from engine.model.entry import EntryKind
from engine.model.failure import Failure, Refused
from tests.accounts import FEE_OFF, entry, sale
from tests.unleashed.conftest import MUG, WH1

Opened = Callable[..., Any]


async def test_a_credit_note_of_money_returns_no_goods_and_one_of_goods_no_money(
    account: Any, office: Opened
) -> None:
    one = office(terms=Terms(account.sandbox.customer, credit_notes=True))
    made = await one.create(sale((MUG, 2, WH1)))
    await one.ship(made.id, {(MUG, WH1): 2})
    await one.take_back(made.id, {(MUG, WH1): 1}, key="refund")
    credit = entry(EntryKind.CREDIT, 2, "1.50", *FEE_OFF, taxes_included=True)
    for _ in range(2):
        assert await one.post(made.id, credit) == {credit.key: Decimal("1.5")}
    assert account.shelf(MUG, WH1) == (9, 0)
    [document] = (await one.documents([made.ref])).values()
    assert [(line.sku, line.returned) for line in document.lines] == [(MUG, 1)]
    for kind in (EntryKind.PAYMENT, EntryKind.REFUND):
        with pytest.raises(Refused) as no:
            await one.post(made.id, entry(kind, 1, "1.00"))
        assert no.value.code == "enter_by_hand"


async def test_one_that_a_crash_left_parked_is_completed_and_not_made_again(
    account: Any, office: Opened
) -> None:
    one = office(terms=Terms(account.sandbox.customer, credit_notes=True))
    made = await one.create(sale((MUG, 1, WH1)))
    account.do("faults", mode="outage", op="Complete", count=1)
    credit = entry(EntryKind.CREDIT, 2, "1.00")
    with pytest.raises(Failure):
        await one.post(made.id, credit)
    account.do("faults", mode="none")
    assert await one.post(made.id, credit) == {credit.key: Decimal("1")}
