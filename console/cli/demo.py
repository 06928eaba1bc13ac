"""`trueup demo`: a whole world in a process of its own, and TrueUp in this one."""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from console.cli.ending import Ending, raising_told
from console.cli.options import json_option
from console.cli.trouble import DONE, NO, Trouble

if TYPE_CHECKING:
    from console.settings import Settings
    from console.world.apart import WorldApart

BACK_OFFICES = ("sql", "tryton", "odoo", "netsuite", "cin7_core", "unleashed", "cin7_omni")
SETTLE = 60.0
PATIENT = {
    **dict.fromkeys(("odoo", "netsuite", "unleashed"), 300.0),
    **dict.fromkeys(("tryton", "cin7_core", "cin7_omni"), 600.0),
}
"""Seconds both sides may take to agree; a real Tryton books one or two orders a second, Cin7 Core fifteen a minute."""
BUSY, QUIET = 480.0, 60.0
"""Orders per minute, headless and with the console."""
CALMER = {"tryton": 360.0, "cin7_core": 30.0, "unleashed": 40.0, "cin7_omni": 12.0}
"""Orders per minute, headless, where the back office is a real one on the same machine, or answers few calls."""
FAULTS = ("none", "mild", "storm")
QUIETER = {"cin7_core": 6.0, "unleashed": 20.0, "cin7_omni": 3.0}
"""Orders per minute with the console, where more than that would never be caught up with."""
findings_option = click.option(
    "--findings",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write each re-listing write and each oversold unit here, with what happened before it and our terms.",
)


@click.command()
@click.option("--headless", is_flag=True, help="No console: play, settle, report.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=20.0,
    show_default=True,
    help="How long people act (headless), once levels are agreed for the first time.",
)
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    help="How long both sides may take to agree afterwards; by default 60, 300 with odoo, netsuite and unleashed, 600 with tryton, cin7_core and cin7_omni.",
)
@click.option("--seed", type=int, default=7, show_default=True)
@click.option(
    "--report", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the report here."
)
@click.option("--back-office", type=click.Choice(BACK_OFFICES), default="sql", show_default=True)
@click.option(
    "--orders-per-minute",
    type=click.FloatRange(min=1),
    help="How busy people are; by default 480 headless (tryton: 360, unleashed: 40, cin7_core: 30, cin7_omni: 12) and 60 (unleashed: 20, cin7_core: 6, cin7_omni: 3) with the console.",
)
@click.option("--webhook-faults", type=click.Choice(FAULTS), default="mild", show_default=True)
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the world's files here.",
)
@findings_option
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
    findings: Path | None,
    as_json: bool,
) -> int:
    """Play a shop, a back office and their people against TrueUp.

    Told to end (Ctrl-C, SIGTERM) while it plays or settles headless, it writes the report as far as things got
    and exits with 130 or 143.
    """
    from console.world.apart import WorldApart, WorldTrouble
    from console.world.files import OPENING_SECONDS

    opening = OPENING_SECONDS if headless else 0.0
    # headless, a signal must find somebody at every moment: also between the world's start and the loop's
    with _place(directory) as place, raising_told() if headless else contextlib.nullcontext():
        with raising_told(), _explained(WorldTrouble):
            world = WorldApart.start(
                place,
                back_office=back_office,
                seed=seed,
                orders_per_minute=orders_per_minute
                or (CALMER.get(back_office, BUSY) if headless else QUIETER.get(back_office, QUIET)),
                webhook_faults=webhook_faults,
                opening=opening,
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
            patience = PATIENT.get(back_office, SETTLE) if settle is None else settle
            said, told = asyncio.run(_play(world, settings, opening + seconds, patience))
            if findings is not None:
                put_report(said["findings"], findings)
        finally:
            world.stop()
    put_report(said["report"], file, as_json=as_json)
    return told or verdict(said["report"])


@contextlib.contextmanager
def _explained(trouble: type[Exception]) -> Iterator[None]:
    try:
        yield
    except trouble as ended:
        raise Trouble(str(ended), "Its reason stands above: correct it and start the demo again.") from ended


@contextlib.contextmanager
def _place(directory: Path | None) -> Iterator[Path]:
    if directory is not None:
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="trueup-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


async def _play(
    world: "WorldApart", settings: "Settings", seconds: float, patience: float
) -> tuple[dict[str, Any], int]:
    """What the world says of it, and the exit code of the signal that cut the play short (0 without one)."""
    from console.running import run_engine
    from console.world.apart import WorldTrouble

    stop, ending = asyncio.Event(), Ending()

    async def give_up() -> None:
        await ending.event.wait()
        await asyncio.to_thread(world.give_up)

    async with asyncio.TaskGroup() as group:
        group.create_task(run_engine(settings, stop))
        impatience = group.create_task(give_up())
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.event.wait(), seconds)
            with _explained(WorldTrouble):
                said = await asyncio.to_thread(world.settle, patience)
        finally:
            impatience.cancel()
            stop.set()
    if not said["settled"]:
        told = (
            "it was told to end before both sides agreed"
            if ending.code
            else "both sides did not agree in time"
        )
        sys.stderr.write(f"trueup: {told}\n")
    return said, ending.code


def put_report(report: dict[str, Any], file: Path | None, *, as_json: bool = False) -> None:
    """Write a report to a file, or print it when there is none or when asked."""
    text = orjson.dumps(report, option=orjson.OPT_INDENT_2)
    if file is not None:
        file.write_bytes(text + b"\n")
    if as_json or file is None:
        click.echo(text.decode())


def verdict(report: dict[str, Any]) -> int:
    """Exit code: done when every order arrived once, to the cent, and every cell agrees."""
    orders, stock = report["orders"], report["stock"]
    wrong = (
        orders["lost"]
        + orders["duplicated"]
        + orders["total_mismatch"]
        + orders.get("unbilled", 0)
        + stock["differing"]
        + stock["relisted_units"]
    )
    return NO if wrong else DONE
