"""`trueup shift`: what happened in the last hours and what is left, for whoever takes over."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.cli.options import config_option, json_option, put_json
from console.cli.trouble import DONE, NO, plain

if TYPE_CHECKING:
    from engine.desk.shift import Shift

WORDS = {
    "succeeded": "records done", "published": "stock levels written", "held": "records held for a person",
    "dead_lettered": "records given up", "uncertain": "outcomes that were unknown at first",
    "quarantined": "records quarantined", "redriven": "records tried again by people", "resolved": "records resolved by people",
    "healed": "changes found without a webhook", "cell failed": "stock levels that could not be written",
    "rise decided": "rises decided", "fall decided": "falls decided", "held back": "holds set", "let go": "holds ended",
    "lease taken": "starts of an engine", "rescued": "records rescued after a stop",
}  # fmt: skip


@click.command()
@click.option("--hours", type=click.FloatRange(min=0.1, max=24 * 31), default=12.0, show_default=True)
@config_option
@json_option
def shift(hours: float, config: Path, as_json: bool) -> int:
    """Print the hand-over of the last hours; exit 1 when something is left for a person."""
    from console.assembly import store_for_an_errand
    from console.settings import load
    from engine.store.queries.shift import shift as handed_over

    async def ask() -> "Shift":
        async with store_for_an_errand(load(config)) as (store, clock):
            now = clock.now()
            return await store.read(handed_over, now - timedelta(hours=hours), now)

    said = asyncio.run(ask())
    if as_json:
        put_json(said)
    else:
        _put(said)
    left = any(row.waiting or row.cells.get("conflict") or row.alarms for row in said.left)
    standing = any(one.over_at is None for one in said.alerts)
    return NO if left or standing else DONE


def _put(said: "Shift") -> None:
    click.echo(f"From {said.since:%Y-%m-%d %H:%M} to {said.as_of:%Y-%m-%d %H:%M} UTC")
    click.echo("\nDone")
    for action, times in said.done.items():
        click.echo(f"  {times:>9,}  {WORDS[action]}")
    if not said.done:
        click.echo("  nothing")
    click.echo("\nAlerts")
    for one in said.alerts:
        state = (
            f"over {one.over_at:%H:%M}"
            if one.over_at
            else f"STANDS, {one.acked_by or 'nobody'} looks after it"
        )
        click.echo(
            f"  {one.opened_at:%m-%d %H:%M}  {plain(one.connection)} {plain(one.text)} ({plain(state)})"
        )
    if not said.alerts:
        click.echo("  none")
    click.echo("\nWhat people did")
    for act in said.acts:
        click.echo(
            f"  {act.at:%m-%d %H:%M}  {plain(act.who)}: {plain(act.what)} {plain(act.about)} {plain(act.detail)[:100]}".rstrip()
        )
    if not said.acts:
        click.echo("  nothing")
    click.echo("\nLeft")
    for row in said.left:
        led = "" if row.led else "; NO ENGINE works on it"
        click.echo(f"  {plain(row.connection)}: changes take {row.lag_seconds:.0f} s to reach the shop{led}")
        for each in row.waiting:
            click.echo(f"    {each.records:>7,}  {plain(each.cause)} {plain(each.remedy)}")
        for name in ("conflict", "failed", "oversold", "at_risk"):
            if many := row.cells.get(name, 0):
                click.echo(f"    {many:>7,}  cells {name.replace('_', ' ')}")
        for alarm in row.alarms:
            click.echo(f"             {plain(alarm.cause)} {plain(alarm.remedy)}")
