"""`trueup demo`: a whole world and TrueUp in one process."""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from console.cli.engine import ring_on_signals
from console.cli.options import json_option
from console.cli.trouble import DONE, NO

if TYPE_CHECKING:
    from console.settings import Settings
    from console.world import World

BACK_OFFICES = ("sql", "tryton")
SETTLE = {"sql": 60.0, "tryton": 300.0}
"""Seconds both sides may take to agree; a real Tryton books one or two orders a second."""
BUSY, QUIET = {"sql": 480.0, "tryton": 360.0}, 60.0
"""Orders per minute, headless and with the console."""
FAULTS = ("none", "mild", "storm")


@click.command()
@click.option("--headless", is_flag=True, help="No console: play, settle, report.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=20.0,
    show_default=True,
    help="How long people act (headless).",
)
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    help="How long both sides may take to agree afterwards; by default 60 with sql and 300 with tryton.",
)
@click.option("--seed", type=int, default=7, show_default=True)
@click.option(
    "--report", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the report here."
)
@click.option("--back-office", type=click.Choice(BACK_OFFICES), default="sql", show_default=True)
@click.option(
    "--orders-per-minute",
    type=click.FloatRange(min=1),
    help="How busy people are; by default 480 headless (tryton: 360) and 60 with the console.",
)
@click.option("--webhook-faults", type=click.Choice(FAULTS), default="mild", show_default=True)
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the world's files here.",
)
@json_option
def demo(
    headless: bool,
    seconds: float,
    settle: float | None,
    seed: int,
    file: Path | None,
    back_office: str,
    orders_per_minute: float | None,
    webhook_faults: str,
    directory: Path | None,
    as_json: bool,
) -> int:
    """Play a shop, a back office and their people against TrueUp."""
    from console.world import World

    with _place(directory) as place:
        world = World.start(
            place,
            back_office=back_office,
            seed=seed,
            orders_per_minute=orders_per_minute or (BUSY[back_office] if headless else QUIET),
            webhook_faults=webhook_faults,
        )
        try:
            if not headless:
                from console.face import run_console

                world.refuse_orders(1)
                return run_console(world.config, rw=True)
            from console.logs import configure
            from console.settings import load

            settings = load(world.config)
            configure(settings)
            report = asyncio.run(
                _play(world, settings, seconds, SETTLE[back_office] if settle is None else settle)
            )
        finally:
            world.stop()
    if file is not None:
        file.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")
    if as_json or file is None:
        click.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
    return verdict(report)


@contextlib.contextmanager
def _place(directory: Path | None) -> Iterator[Path]:
    if directory is not None:
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="trueup-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


async def _play(world: "World", settings: "Settings", seconds: float, settle: float) -> dict[str, Any]:
    from console.assembly import run_engine

    stop, ended = asyncio.Event(), asyncio.Event()
    ring_on_signals(ended)
    async with asyncio.TaskGroup() as group:
        group.create_task(run_engine(settings, stop))
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), seconds)
            await asyncio.to_thread(world.stop_buyers)
            if not await asyncio.to_thread(world.settle, 0.0 if ended.is_set() else settle):
                sys.stderr.write("trueup: both sides did not agree in time\n")
            report = await asyncio.to_thread(world.report)
        finally:
            stop.set()
    return report


def verdict(report: dict[str, Any]) -> int:
    """Exit code: done when every order arrived once, to the cent, and every cell agrees."""
    orders, stock = report["orders"], report["stock"]
    wrong = (
        orders["lost"]
        + orders["duplicated"]
        + orders["total_mismatch"]
        + stock["differing"]
        + stock["relisted_units"]
    )
    return NO if wrong else DONE
