"""`trueup sandbox`: one sandbox, or a whole world in its own process, and the report on it."""

import logging
import os
import random
import signal
import sys
import tempfile
import threading
from pathlib import Path

import click
import httpx
import orjson

from console.cli.demo import BACK_OFFICES, FAULTS, findings_option, put_report, verdict
from console.cli.ending import raising_told, ready_until_told
from console.cli.trouble import Trouble

directory_option = click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The world's directory.",
)
seed_option = click.option("--seed", type=int, default=7, show_default=True)


class Kinds(click.Group):
    """`sandbox shopify|sql|tryton` beside `sandbox up` and `sandbox report`."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The sub-command, or the sandbox of that kind."""
        found = super().get_command(ctx, cmd_name)
        return one(cmd_name) if found is None and cmd_name in ("shopify", *BACK_OFFICES) else found

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them."""
        return ["shopify", *BACK_OFFICES, "up", "report"]


@click.group(cls=Kinds)
def sandbox() -> None:
    """Run sandboxes: one of them, or a shop, a back office and their people."""


def one(kind: str) -> click.Command:
    """The command that runs one sandbox of a kind."""

    @click.command(kind, help=f"Run a {kind} sandbox until SIGINT or SIGTERM: then it ends with 0.")
    @click.option(
        "--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: any free port."
    )
    @seed_option
    def run(port: int, seed: int) -> None:
        from console.world import sides
        from console.world.goods import articles, opening_stock

        chance = random.Random(seed)  # noqa: S311 - a reproducible world, not a secret
        goods = articles(60, chance)
        stock = opening_stock(goods, 2, chance)
        with (
            raising_told(),
            tempfile.TemporaryDirectory(prefix="trueup-sandbox-", ignore_cleanup_errors=True) as name,
        ):
            if kind == "shopify":
                running = sides.shop(goods, ("Lyon", "Porto"), stock, seed=seed, port=port)
            else:
                wanted = sides.Wanted(Path(name), goods, ("WH1", "WH2"), stock, seed, port=port)
                running = sides.BACK_OFFICES[kind](wanted)
            try:
                click.echo(
                    orjson.dumps({"control": running.control, **running.settings, **running.secrets}).decode()
                )
                ready_until_told()
            finally:
                running.stop()

    return run


@sandbox.command()
@directory_option
@seed_option
@click.option("--back-office", type=click.Choice(BACK_OFFICES), default="sql", show_default=True)
@click.option("--orders-per-minute", type=click.FloatRange(min=1), default=120.0, show_default=True)
@click.option("--webhook-faults", type=click.Choice(FAULTS), default="none", show_default=True)
@click.option("--skus", type=click.IntRange(min=1), default=60, show_default=True)
@click.option("--locations", type=click.IntRange(1, 50), default=2, show_default=True)
@click.option(
    "--opening",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Seconds until people come, for TrueUp to agree on every cell before anything moves.",
)
@click.option("--attached", is_flag=True, hidden=True, help="End when standard input is closed.")
def up(
    directory: Path,
    seed: int,
    back_office: str,
    orders_per_minute: float,
    webhook_faults: str,
    skus: int,
    locations: int,
    opening: float,
    attached: bool,
) -> None:
    """Run a shop, a back office and their people; DIR/config.toml is for `trueup run --config`.

    SIGINT, SIGTERM or SIGHUP: stop them all and end with 0.
    """
    from console.world import World
    from console.world.control import Control

    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(
            f"The folder {directory} cannot be made: {error.strerror}.", "Name another one with --dir."
        ) from error
    if (
        attached
    ):  # whoever plays with the world makes its sandboxes fail: what their servers say of it is no news
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    with raising_told():
        world = World.start(
            directory,
            back_office=back_office,
            seed=seed,
            orders_per_minute=orders_per_minute,
            webhook_faults=webhook_faults,
            skus=skus,
            locations=locations,
            opening=opening,
        )
        try:
            with Control(world):
                if attached:
                    threading.Thread(target=_end_with_input, daemon=True).start()
                ready_until_told()
        finally:
            world.stop()


def _end_with_input() -> None:
    """Whoever started us has ended, or wants us to."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


@sandbox.command()
@directory_option
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Seconds both sides may take to agree.",
)
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report here instead of printing it.",
)
@findings_option
@click.option("--json", "as_json", is_flag=True, help="Print the report even when it goes to a file.")
def report(directory: Path, settle: float, file: Path | None, findings: Path | None, as_json: bool) -> int:
    """Stop the people, wait until both sides are quiet, and write the report."""
    from console.world.apart import settled
    from console.world.files import read_world

    control = (read_world(directory) or {}).get("control")
    if not control:
        raise Trouble(f"No world runs in {directory}.", f"Run: trueup sandbox up --dir {directory}")
    try:
        said = settled(control, settle)
    except httpx.HTTPError as error:
        raise Trouble(
            f"The world in {directory} does not answer.", "Start it again: trueup sandbox up"
        ) from error
    put_report(said["report"], file, as_json=as_json)
    if findings is not None:
        put_report(said["findings"], findings)
    if not said["settled"]:
        click.echo("trueup: both sides did not agree in time", err=True)
    return verdict(said["report"])
