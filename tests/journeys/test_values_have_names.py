"""An order with a value the back office has no name for is held until somebody adds the name; nothing is guessed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.cli.root import run
from engine.flows.watch import Watch
from engine.model.ids import OrderId
from engine.orders.values import Kind
from engine.store.queries.failed import failed_page
from engine.store.queries.gaps import open_gaps
from engine.store.verbs.person import redrive
from tests.journeys.between import Between, in_between


@pytest.fixture
async def between(tmp_path: Path) -> AsyncIterator[Between]:
    async with in_between(tmp_path) as made:
        yield made


async def test_an_unnamed_value_holds_the_order_until_its_table_has_it(
    between: Between, capsys: pytest.CaptureFixture[str]
) -> None:
    site = between.site
    site.values = {Kind.PAYMENT: {"another": "1200"}, Kind.TAX: {"State Tax": "US-IL"}}
    order = OrderId(between.order([]))
    await between.ring(order, "orders/create")
    assert await site.back_office.documents([order]) == {}
    (held,) = (await site.store.read(lambda tx: failed_page(tx, filter="", limit=9, now=site.now()))).rows
    assert held.code == "value_unmapped"
    (gap,) = await site.store.read(open_gaps)
    assert (gap.kind, gap.first, gap.times) == ("payments", "#1001", 1)
    assert f"payment gateway “{gap.name}”" in held.cause
    assert "[connections.payments]" in held.remedy

    site.values = {**site.values, Kind.PAYMENT: {gap.name: "1210"}}
    await Watch(site).take_up()
    assert await site.store.read(open_gaps) == ()
    assert await site.store.write(redrive, held.id, operator="ada", now=site.now())
    await between.work()
    assert list(await site.back_office.documents([order])) == [order]

    edited = between.world.config.with_name("edited.toml")
    edited.write_text(f'{between.world.config.read_text()}\n[connections.payments]\n"{gap.name}" = "1210"\n')
    command = ["mapping", "diff", str(edited), "--config", str(between.world.config)]
    assert await asyncio.to_thread(run, command) == 1
    said = capsys.readouterr().out
    assert "sum of account 1210" in said
    assert "1 orders tried, 1 change" in said
