"""What every back office makes of trouble: the failure is named by what it proves, and nothing is doubled.

Before those whose sandbox has no trouble on request (a database, a real server) stands something that has.
"""

from typing import Any

import pytest

from engine.model.failure import Failure, Misset, OutcomeUnknown, RateLimited, Refused, TryLater
from engine.model.sale import DocumentStatus

Bench = Any
PARTS = 6
"""At least as many changing calls as any back office needs to enter an order."""


@pytest.fixture
def trouble(bench: Bench) -> Any:
    """Switches a fault on for the next calls; off again afterwards."""

    def switch(mode: str, **more: Any) -> None:
        bench.trouble(mode=mode, **more)

    yield switch
    switch("none")


async def test_a_wrong_key_pauses_the_flow_until_settings_change(bench: Bench, trouble: Any) -> None:
    office = bench.setting.locked_out()
    with pytest.raises(Misset) as wrong:
        await office.warehouses()
    assert bench.setting.opens_by in f"{wrong.value.cause} {wrong.value.remedy}".lower()
    await office.aclose()


async def test_asked_too_often_waits_as_long_as_told(bench: Bench, trouble: Any) -> None:
    sale = bench.sale((bench.sku, 1, bench.first))
    trouble("429", seconds=7)
    with pytest.raises(RateLimited if bench.setting.counts_calls else TryLater) as busy:
        await bench.office.create(sale)
    if bench.setting.counts_calls:
        assert 1 <= busy.value.after <= 60


@pytest.mark.parametrize("mode", ["5xx", "soft", "conflict", "outage", "hang"])
async def test_a_reading_that_fails_comes_back_by_itself(bench: Bench, trouble: Any, mode: str) -> None:
    trouble(mode, seconds=1)
    with pytest.raises(TryLater):
        await bench.office.stock([bench.sku])


async def test_short_trouble_is_read_over(bench: Bench, trouble: Any) -> None:
    trouble("outage", count=1)
    if not bench.setting.reads_again:
        with pytest.raises(TryLater):
            await bench.office.stock([bench.sku])
    snapshot = await bench.office.stock([bench.sku])
    assert snapshot.shelves[bench.sku, bench.first].on_hand == 10


@pytest.mark.parametrize(
    "mode", ["cut", "apply_then_timeout", "late_apply", "5xx", "soft", "conflict", "hang", "outage"]
)
async def test_an_order_sent_into_trouble_arrives_once(bench: Bench, trouble: Any, mode: str) -> None:
    """The first changing call of each try goes wrong, so often that every call of an entry has its turn."""
    sale = bench.sale((bench.sku, 2, bench.first))
    document = None
    for _ in range(PARTS):
        trouble(mode, op="change", count=1, seconds=0.3 if mode == "late_apply" else 1)
        try:
            document = await bench.office.create(sale)
            break
        except Failure as failure:
            assert isinstance(failure, OutcomeUnknown | TryLater), failure
            assert mode not in ("cut", "apply_then_timeout") or isinstance(failure, OutcomeUnknown)
            assert mode != "conflict" or isinstance(failure, TryLater), "it proves that nothing was made"
        if mode == "late_apply":
            assert await bench.late_calls() == 1
        trouble("none")
        document = (await bench.office.documents([sale.ref])).get(sale.ref)
        if document is not None:
            break
    trouble("none")
    document = await bench.office.create(sale)
    assert (document.status, document.total) == (DocumentStatus.OPEN, sale.total)
    assert [each["ref"] for each in bench.state()["documents"]].count(sale.ref) == 1
    assert (await bench.office.stock([bench.sku])).shelves[bench.sku, bench.first].reserved == 2


async def test_an_order_of_which_a_part_is_declined_leaves_nothing_and_comes_in_whole(bench: Bench) -> None:
    """Where an order takes several records or calls, those that got in are taken back."""
    words = "Customer's credit limit is used up"
    asked = {"mode": "refuse_orders", "match": bench.other, "message": words, "count": 1}
    assert bench.do("faults", **asked).status_code == 200
    sale = bench.sale((bench.sku, 2, bench.first), (bench.other, 1, bench.second))
    with pytest.raises(Refused, match=r"credit limit is used up\."):
        await bench.office.create(sale)
    bench.do("faults", mode="none")
    left = (await bench.office.documents([sale.ref])).get(sale.ref)
    assert left is None or left.status is DocumentStatus.CANCELLED
    shelves = (await bench.office.stock([bench.sku, bench.other])).shelves
    assert (shelves[bench.sku, bench.first].reserved, shelves[bench.other, bench.second].reserved) == (0, 0)
    made = await bench.office.create(sale)
    assert (made.status, made.total) == (DocumentStatus.OPEN, sale.total)
    assert set(await bench.office.copies([sale.ref])) == {sale.ref}
    assert len((await bench.office.copies([sale.ref]))[sale.ref]) == 1
    shelves = (await bench.office.stock([bench.sku, bench.other])).shelves
    assert (shelves[bench.sku, bench.first].reserved, shelves[bench.other, bench.second].reserved) == (2, 1)
