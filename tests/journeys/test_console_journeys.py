"""Whole journeys of an operator at a real terminal of 80 × 24, with a shop, a back office and an engine that are real too."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from console.assembly import open_desk
from console.settings import load
from console.world.world import World
from engine.desk import Look, NameTrial, Subject
from tests.journeys.daemon import Daemon, to_stderr, until
from tests.terminal import Terminal

TRUEUP = str(Path(sys.executable).with_name("trueup"))
HERE, WAREHOUSE = "gid://shopify/Location/1", "WH1"
SKUS = 6


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Nobody buys by themselves; listings come often, and a dead engine is noticed soon."""
    monkeypatch.setenv("TRUEUP_ENGINE__ORDERS_POLL_SECONDS", "1")
    monkeypatch.setenv("TRUEUP_ENGINE__LISTING_LAG_SECONDS", "1")
    monkeypatch.setenv("TRUEUP_ENGINE__LEASE_SECONDS", "3")
    started = World.start(tmp_path, orders_per_minute=0.0, webhook_faults="none", skus=SKUS)
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture
def console(world: World) -> Iterator[Terminal]:
    """The console with the engine inside it, allowed to act."""
    opened = Terminal(TRUEUP, "--config", str(world.config), "--rw")
    try:
        yield opened
    finally:
        if _lives(opened.pid):
            os.kill(opened.pid, signal.SIGKILL)
            os.waitpid(opened.pid, 0)


def _lives(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


def asked(world: World, ask: Any) -> Any:
    """What the desk says, beside the console."""

    async def answer() -> Any:
        async with open_desk(load(world.config)) as desk:
            return await ask(desk)

    with ThreadPoolExecutor(1) as apart:  # where no loop of another test would be dropped
        return apart.submit(asyncio.run, answer()).result()


def level(world: World, sku: str) -> dict[str, Any]:
    return next(c for c in world.shop.state()["levels"] if (c["sku"], c["location"]) == (sku, HERE))


def all_agreed(console: Terminal) -> None:
    console.until("engine running here", f"{2 * SKUS} of {2 * SKUS} cells agree")


def test_an_oversold_cell_is_found_and_more_of_it_is_held_back(world: World, console: Terminal) -> None:
    all_agreed(console)
    sku = min(
        (c for c in world.shop.state()["levels"] if c["location"] == HERE), key=lambda c: c["available"]
    )["sku"]
    left = level(world, sku)["available"]
    slow = {"mode": "latency", "op": "inventorySetQuantities", "seconds": 1.5, "count": 1}
    assert world.shop.ask("faults", slow) is not None
    assert world.erp.ask("sale", {"sku": sku, "warehouse": WAREHOUSE, "quantity": left}) is not None
    assert world.shop.ask("checkout", {"lines": [{"sku": sku, "quantity": 2}]}) is not None
    console.press("6")
    console.until("6 Risk", f">  X OVER {sku}")
    console.press(":buffer 5 45\r")
    console.until("Asked: hold back 5 for 45 min")
    console.press("\x1b")
    console.until("held back: 5 units until", "H goes on selling")
    console.press("w")
    console.until(f"Why > {sku}", "+ the sum is the figure")
    [hold] = asked(world, lambda desk: desk.holds())
    assert (hold.sku, hold.location, hold.units, hold.everything) == (sku, HERE, 5, False)
    assert console.end() == 0


def test_a_terminal_that_nobody_reads_keeps_the_engine_in_it_from_nothing(
    world: World, console: Terminal
) -> None:
    all_agreed(console)
    cell = max(
        (c for c in world.shop.state()["levels"] if c["location"] == HERE), key=lambda c: c["available"]
    )
    console.press("21" * 400)
    console.stalls()
    one = {"sku": cell["sku"], "quantity": 1}
    assert world.shop.ask("checkout", {"lines": [one]}) is not None
    until(lambda: len(world.erp.state()["documents"]) == 1, "an order is booked while nobody reads")
    assert world.erp.ask("receipt", {**one, "warehouse": WAREHOUSE, "quantity": 4}) is not None
    wanted = cell["available"] + 3
    until(lambda: level(world, cell["sku"])["available"] == wanted, "a receipt is told while nobody reads")
    console.stalls()
    console.press("5")
    console.until("5 Orders", "#1001")
    assert console.end() == 0


def tried(world: World, rounds: int) -> bool:
    """Whether the engine has finished so many wishes, and all that came of them."""
    wish = Look(filter='action:"command done"')
    done = asked(world, lambda desk: desk.trail(wish, people=True)).total
    return done >= rounds and not asked(world, lambda desk: desk.pulse()).queue


def cleared(world: World, console: Terminal, orders: int) -> None:
    all_agreed(console)
    refuse = {"mode": "refuse_orders", "match": "*", "message": "Customer is on credit hold"}
    assert world.erp.ask("faults", refuse) is not None
    sku = world.shop.state()["levels"][0]["sku"]
    more = {"sku": sku, "warehouse": WAREHOUSE, "quantity": orders}
    assert world.erp.ask("receipt", more) is not None
    until(lambda: level(world, sku)["available"] >= orders, "there is enough of it to sell")
    for _ in range(orders):
        assert world.shop.ask("checkout", {"lines": [{"sku": sku, "quantity": 1}]}) is not None
    console.until(f"FAIL {orders} ")
    console.press("4c")
    console.until("4 Failed > causes", f"{orders} ", "Customer is on credit hold")
    console.press("\r")
    console.until(f'"kind:order code:"sql.refused"" {orders} ', "1 cause")
    assert world.erp.ask("faults", {"mode": "none"}) is not None
    rounds, left = 0, orders
    while left:  # what changed since it was marked is left alone: its order was looked at again meanwhile
        console.press("*")
        console.until(f"{left} marked")
        console.press("R")
        if left > 1:
            console.until(f"Retry {left} (", f"Type {left}:")
            console.press(f"{left}\r")
        console.until("Asked to try ")
        rounds += 1
        until(partial(tried, world, rounds), "the engine has tried them")
        left = len(asked(world, lambda desk: desk.failed_chosen()))
        console.until(f"FAIL {left} ")
    console.until("Nothing matches")
    until(lambda: len(world.erp.state()["documents"]) == orders, "each order is booked once")
    assert console.end() == 0


def test_a_dozen_failures_of_one_cause_are_cleared_together(world: World, console: Terminal) -> None:
    cleared(world, console, 12)


@pytest.mark.long
def test_five_hundred_failures_of_one_cause_are_cleared_together(world: World, console: Terminal) -> None:
    cleared(world, console, 500)


def test_a_record_is_compared_its_mapping_opened_its_value_named_and_the_record_tried_again(
    world: World,
) -> None:
    with world.config.open("a", encoding="utf-8") as config:
        config.write('\n[connections.payments]\n"another" = "1200"\n')
    console = Terminal(TRUEUP, "--config", str(world.config), "--rw")
    try:
        all_agreed(console)
        sku = max(world.shop.state()["levels"], key=lambda cell: cell["available"])["sku"]
        assert world.shop.ask("checkout", {"lines": [{"sku": sku, "quantity": 1}]}) is not None
        console.until("FAIL 1 ")
        console.press("7")
        console.until("7 Fields", "shopify_payments", "m Mapping")
        console.press("=")
        console.until("7 Fields > compare order #1001", "x missing", "[connections.payments]")
        console.press("m")
        console.until("7 Fields > mapping", "kind:payments", "x no name, met")
        console.press("4")
        console.until("has a value the back office has no name for")
        console.press("e")
        console.until("4 Failed > edit #1001", "x missing", "names so far 1200")
        console.press("e 1210\r")
        console.until("It begins or ends with a blank")
        console.press("R")
        console.until("Nothing sent.", "It begins or ends with a blank")
        console.press("O")
        console.until("x missing")
        console.press("e1210\r")
        console.until("1 field typed and not sent yet")
        console.press("R")
        console.until("1 edited, tried again")
        until(lambda: len(world.erp.state()["documents"]) == 1, "the order is booked")
        console.press("9")
        console.until("command done")
        console.press("/reworded\r\r")
        console.until("- -> 1210", "V proves")
        console.press("Z")
        console.until("Undo reworded", "Type undo:")
        console.press("undo\r")
        console.until("Asked: the engine takes it back.")
        console.until("1210 -> -", press="g")
        assert console.end() == 0
    finally:
        if _lives(console.pid):
            os.kill(console.pid, signal.SIGKILL)
            os.waitpid(console.pid, 0)
    both = asked(world, lambda desk: desk.compare(Subject("main", "order", "#1001")))
    assert ("shopify_payments", "1210") in {(row.shop, row.office) for row in both.rows}
    trial = asked(world, lambda desk: desk.try_name("main", "payments", "shopify_payments", "1300"))
    assert trial == NameTrial(1, 1, 1, ("1210",))


def test_a_daemon_that_is_killed_is_said_and_so_is_its_return(world: World) -> None:
    to_stderr(world.config)
    with Daemon(world.config) as first:
        first.says("leading")
        console = Terminal(TRUEUP, "--config", str(world.config))
        try:
            console.until("engine running elsewhere", " RO ")
            first.process.kill()
            first.ends()
            console.until("x STOPPED", "No engine is running: figures stand still. Start it with trueup run.")
            with Daemon(world.config) as second:
                console.until("engine running elsewhere", "+ OK", "Nothing waits for a person.")
                assert second.stop() == 0
            assert console.end() == 0
        finally:
            if _lives(console.pid):
                os.kill(console.pid, signal.SIGKILL)
                os.waitpid(console.pid, 0)
