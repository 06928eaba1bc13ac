"""The account's pool of calls is never overrun by us, and what is missing is named."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from adapters.netsuite.auth import Token
from adapters.netsuite.back_office import NetSuiteBackOffice
from adapters.netsuite.sandbox import NetSuiteSandbox, start
from adapters.netsuite.sandbox.suiteql import Invalid
from engine.model.clock import SystemClock
from engine.model.failure import Misset, RateLimited
from engine.model.ids import Sku

SKUS = [f"SKU-{number}" for number in range(300)]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[NetSuiteSandbox]:
    running = start(skus=SKUS, stock={(sku, at): 5 for sku in SKUS for at in (0, 1)}, together=2)
    yield running
    running.stop()


@pytest.fixture
async def open_office(sandbox: NetSuiteSandbox) -> AsyncIterator[Any]:
    made: list[NetSuiteBackOffice] = []

    def opened(together: int, account: str = sandbox.account) -> NetSuiteBackOffice:
        signer = Token(account, *sandbox.keys, SystemClock())
        made.append(NetSuiteBackOffice(sandbox.url, clock=SystemClock(), signer=signer, together=together))
        return made[-1]

    yield opened
    for office in made:
        await office.aclose()


async def test_no_more_calls_at_once_than_the_setting_says(open_office: Any) -> None:
    office = open_office(2)
    snapshots = await asyncio.gather(*(office.stock([Sku(sku) for sku in SKUS]) for _ in range(6)))
    assert all(len(snapshot.shelves) == 600 for snapshot in snapshots)


async def test_a_pool_that_others_use_up_asks_us_to_wait(open_office: Any) -> None:
    greedy = open_office(12)
    answers = await asyncio.gather(
        *(greedy.client.query("SELECT id FROM location") for _ in range(40)), return_exceptions=True
    )
    refused = [one for one in answers if isinstance(one, BaseException)]
    assert all(isinstance(one, RateLimited) and one.after > 0 for one in refused)


async def test_a_wrong_account_and_a_missing_permission_are_named(
    sandbox: NetSuiteSandbox, open_office: Any
) -> None:
    with pytest.raises(Misset, match="INVALID_LOGIN"):
        await open_office(1, "7654321").warehouses()
    rights = f"{sandbox.url}/_control/rights"
    await asyncio.to_thread(httpx.post, rights, json={"deny": ["salesOrder"]}, trust_env=False)
    with pytest.raises(Misset, match="salesOrder"):
        await open_office(1).client.read("salesOrder/1")
    await asyncio.to_thread(httpx.post, rights, json={"deny": []}, trust_env=False)


@pytest.mark.parametrize(
    "question",
    [
        "SELECT id FROM location LIMIT 5",
        "SELECT id FROM location OFFSET 5",
        "DELETE FROM location",
        "SELECT id FROM location; SELECT 1",
        "SELECT nothing FROM location",
        "SELECT id FROM nowhere",
    ],
)
def test_questions_netsuite_does_not_read(sandbox: NetSuiteSandbox, question: str) -> None:
    with pytest.raises(Invalid):
        sandbox._sql.ask(question)


def test_rows_are_text_and_what_is_null_is_left_out(sandbox: NetSuiteSandbox) -> None:
    (row,) = sandbox._sql.ask("SELECT id, itemid, externalid, isinactive FROM item WHERE itemid = 'SKU-7'")
    assert row == {"id": "108", "itemid": "SKU-7", "isinactive": "F"}
    assert sandbox._sql.ask("SELECT 'limit; transaction' AS word FROM location WHERE id = 1") == [
        {"word": "limit; transaction"}
    ]
