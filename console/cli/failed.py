"""`trueup failed`: the records that wait for a person."""

from pathlib import Path

import click

from console.cli.options import at_desk, config_option, json_option, operator_option, put_json, put_table
from console.cli.trouble import DONE, NO, Trouble, plain
from engine.desk import Asked, Desk, FailedDetail
from engine.model.ids import WorkId


@click.group()
def failed() -> None:
    """List, show or retry the records that wait for a person."""


@failed.command("list")
@click.option("--filter", "text", default="", help="Only those whose reference or cause contains this.")
@config_option
@json_option
def list_(text: str, config: Path, as_json: bool) -> int:
    """List them, newest first."""
    page = at_desk(config, lambda desk: desk.failed(filter=text))
    if as_json:
        put_json(page)
    elif page.rows:
        put_table(
            ("id", "kind", "reference", "state", "tries", "cause", "remedy"),
            [(row.id, row.kind, row.ref, row.state, row.tries, row.cause, row.remedy) for row in page.rows],
        )
    else:
        click.echo("Nothing waits for a person.")
    return DONE


@failed.command()
@click.argument("work", type=int)
@config_option
@json_option
def show(work: int, config: Path, as_json: bool) -> int:
    """Show one record with its timeline."""
    detail = at_desk(config, lambda desk: desk.failed_detail(WorkId(work)))
    if detail is None:
        raise Trouble(f"No record {work} waits for a person.", "Run: trueup failed list")
    if as_json:
        put_json(detail)
    else:
        _say(detail)
    return DONE


def _say(detail: FailedDetail) -> None:
    row = detail.row
    click.echo(f"{row.kind} {plain(row.ref)}: {row.state} after {row.tries} tries")
    click.echo(f"cause   {plain(row.cause)}")
    click.echo(f"remedy  {plain(row.remedy)}")
    click.echo(f"others with the same cause: {detail.same_cause}")
    for name, body in (("sent", detail.sent), ("got", detail.got)):
        if body:
            click.echo(f"{name}    {plain(body)}")
    for line in detail.timeline:
        click.echo(
            f"{line.at:%Y-%m-%d %H:%M:%S}Z  {plain(line.actor)}  {plain(line.action)}  {plain(line.detail)}"
        )


@failed.command()
@click.argument("works", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@operator_option
@config_option
@json_option
def retry(works: tuple[int, ...], everything: bool, operator: str, config: Path, as_json: bool) -> int:
    """Ask the engine to try records again."""
    if bool(works) == everything:
        raise click.UsageError("Name the records, or give --all.")

    async def ask(desk: Desk) -> Asked:
        chosen = (
            [row.id for row in (await desk.failed()).rows] if everything else [WorkId(work) for work in works]
        )
        return await desk.retry(tuple(chosen), operator=operator)

    asked = at_desk(config, ask)
    if as_json:
        put_json(asked)
    else:
        click.echo(f"{asked.accepted} will be tried again.")
        for why in asked.refused:
            click.echo(f"refused: {plain(why)}")
    return NO if asked.refused else DONE
