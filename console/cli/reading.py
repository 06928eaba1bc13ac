"""`trueup status` and `trueup stock`: what the console shows, printed."""

import asyncio
from dataclasses import asdict
from pathlib import Path

import click

from console.cli.options import at_desk, config_option, json_option, put_json, put_table
from console.cli.trouble import DONE, NO, Trouble, plain
from console.cli.watching import watchable
from engine.desk import Desk, Pulse, StockPage
from engine.model.comparison import Proof

PAGE = 500


@click.command()
@config_option
@json_option
@watchable
def status(config: Path, as_json: bool) -> int:
    """Say whether both sides agree; exit 1 when something waits for a person or a remote fails."""

    async def both(desk: Desk) -> tuple[Pulse, Proof]:
        return await desk.pulse(), await desk.proof()

    from console.products import standing
    from console.settings import load

    pulse, proof = at_desk(config, both)
    adopted, waiting = asyncio.run(standing(load(config)))
    if as_json:
        told = {"adopted": adopted, "fields_waiting": waiting}
        put_json(asdict(pulse) | {"proof": asdict(proof) | {"holds": proof.holds}, "products": told})
    else:
        _say(pulse)
        if adopted:
            click.echo(f"products   {adopted} adopted, {waiting} fields wait for a decision")
        _prove(proof)
    quiet = not (pulse.failed or pulse.uncertain or pulse.conflicts or pulse.alarms or waiting)
    return DONE if quiet and all(each.state != "FAIL" for each in pulse.remotes) else NO


def _say(pulse: Pulse) -> None:
    push = "not measured yet" if pulse.push_p95_ms is None else f"{pulse.push_p95_ms} ms"
    click.echo(f"engine     {plain(pulse.engine)}")
    click.echo(f"orders     {pulse.orders_total} in all, {pulse.orders_last_minute} in the last minute")
    click.echo(f"stock      {pulse.cells} cells, {pulse.cells_waiting} waiting, {pulse.conflicts} conflicts")
    click.echo(f"push p95   {push}")
    click.echo(f"queue      {pulse.queue} waiting, {pulse.failed} failed, {pulse.uncertain} uncertain")
    expected, missed = (sum(getattr(row, name) for row in pulse.topics) for name in ("expected", "missed"))
    if expected:
        click.echo(
            f"webhooks   told {expected - missed} of {expected} changes lately, {missed} found without"
        )
    for each in pulse.remotes:
        click.echo(
            f"{plain(each.connection)} {plain(each.remote)}: {plain(each.state)} {plain(each.detail)}".rstrip()
        )
    for remit in pulse.remits:
        click.echo(f"shadow     {plain(remit)}")
    for cause, remedy in pulse.alarms:
        click.echo(f"x {plain(cause)} {plain(remedy)}")


def _prove(proof: Proof) -> None:
    full = f", all together {proof.last_full:%Y-%m-%d %H:%M:%S}Z" if proof.last_full else ""
    if not proof.cells:
        click.echo("proof      no cell is known yet; the first sweep lists them")
    elif proof.holds:
        click.echo(f"proof      each of {proof.cells} cells compared within {proof.hours:g} h{full}")
    else:
        click.echo(
            f"proof      {proof.uncompared} of {proof.cells} cells NOT compared within {proof.hours:g} h{full}"
        )


@click.command()
@click.argument("sku", default="")
@config_option
@json_option
@watchable
def stock(sku: str, config: Path, as_json: bool) -> int:
    """Print both sides' figures per location, of every SKU or of those that contain SKU.

    SKU may be a filter as on screen 2 of the console: 'available:<0', 'state:failed location:berlin'.
    """
    page = at_desk(config, lambda desk: desk.stock(filter=sku, limit=PAGE))
    if as_json:
        put_json(page)
    elif page.rows:
        _table(page)
        if page.total > len(page.rows):
            click.echo(f"{len(page.rows)} of {page.total} SKUs; name a SKU to see others.")
    if not page.rows:
        raise Trouble(
            f"No SKU contains {sku!r}." if sku else "No stock is known yet.",
            "Check its spelling, and that the engine has run at least once.",
        )
    return DONE


def _table(page: StockPage) -> None:
    names = dict(page.locations)
    rows = [
        (
            row.sku,
            names.get(cell.location, cell.location),
            cell.available,
            cell.on_hand,
            cell.target,
            cell.erp_on_hand,
            cell.erp_reserved,
            cell.state,
        )
        for row in page.rows
        for cell in row.cells
        if cell is not None
    ]
    put_table(
        ("SKU", "location", "available", "on hand", "target", "ERP on hand", "ERP reserved", "state"), rows
    )
