"""`trueup failed`: the records that wait for a person."""

from collections.abc import Callable
from pathlib import Path

import click

from console.cli.options import at_desk, config_option, json_option, operator_option, put_json, put_table
from console.cli.trouble import DONE, NO, Trouble, new_file, plain
from console.cli.watching import watchable
from engine.desk import Asked, Change, Chosen, Desk, EditForm, FailedDetail
from engine.model.ids import WorkId


@click.group()
def failed() -> None:
    """List, show, retry, edit, park, resolve, assign or export the records that wait for a person."""


@failed.command("list")
@click.option("--filter", "text", default="", help="Only those that fit, as in the console.")
@config_option
@json_option
@watchable
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

    return _told(at_desk(config, ask), "will be tried again", as_json=as_json)


def _told(asked: Asked, done: str, *, as_json: bool) -> int:
    if as_json:
        put_json(asked)
    else:
        click.echo(f"{asked.accepted} {done}.")
        for why in asked.refused:
            click.echo(f"refused: {plain(why)}")
    return NO if asked.refused else DONE


def _verb(name: str, help: str, done: str, word: str | None, *, needed: bool = False) -> None:
    """One verb about some records, with what it has to be told."""

    def act(works: tuple[int, ...], operator: str, config: Path, as_json: bool, said: str = "") -> int:
        if needed and not said.strip():
            raise click.UsageError(f"Say why: trueup failed {name} ID… --{word} TEXT.")

        async def ask(desk: Desk) -> Asked:
            chosen = tuple(Chosen(WorkId(work), 0) for work in works)
            return await desk.act(name, chosen, value=said, operator=operator, stale="force")

        return _told(at_desk(config, ask), done, as_json=as_json)

    decorated: Callable[..., int] = operator_option(config_option(json_option(act)))
    if word is not None:
        decorated = click.option(f"--{word}", "said", default="", help="What is noted.")(decorated)
    decorated = click.argument("works", type=int, nargs=-1, required=True)(decorated)
    failed.command(name, help=help)(decorated)


_verb(
    "park",
    "Set records aside with a reason; they go on being counted.",
    "will be set aside",
    "reason",
    needed=True,
)
_verb("unpark", "Take parked records up again.", "will be taken up again", None)
_verb(
    "resolve",
    "Close records with a reason: dealt with elsewhere, nothing left to do.",
    "will be closed",
    "reason",
    needed=True,
)
_verb("assign", "Make records somebody's; without --to nobody's.", "will be assigned", "to")
_verb("tag", "Give records tags, separated by blanks; without --tags none.", "will be tagged", "tags")


@failed.command()
@click.argument("work", type=int)
@click.option(
    "--set",
    "edits",
    multiple=True,
    metavar="FIELD=TEXT",
    help="customer, email, address (lines joined by ' / ') or note of its document, or the Shopify name of a value that its failure names.",
)
@click.option("--original", "backs", multiple=True, metavar="FIELD", help="Tell again what Shopify says.")
@click.option(
    "--stale",
    type=click.Choice(["skip", "newest", "force"]),
    default="skip",
    show_default=True,
    help="When Shopify says something else by the time it is sent: ask, send Shopify's, or send the words all the same.",
)
@operator_option
@config_option
@json_option
def edit(
    work: int,
    edits: tuple[str, ...],
    backs: tuple[str, ...],
    stale: str,
    operator: str,
    config: Path,
    as_json: bool,
) -> int:
    """Tell the back office something else of a record, and try it again; without --set show what can be edited.

    Goods, money and dates are not edited. A name given to a value counts for all orders of the connection, before the
    configuration. trueup audit undo takes an edit back.
    """

    async def ask(desk: Desk) -> EditForm:
        form = await desk.editable(WorkId(work))
        if form is None:
            raise Trouble(f"No record {work} waits for a person.", "Run: trueup failed list")
        changes = _changes(form, edits, backs)
        asked = (
            await desk.edit(form.connection, form.chosen, changes, stale=stale, operator=operator)
            if changes
            else 0
        )
        if isinstance(asked, str):
            raise Trouble(f"Nothing was edited: {asked}", "Correct it and try again.")
        return form

    form = at_desk(config, ask)
    if as_json:
        put_json(form)
    elif edits or backs:
        click.echo("Asked: what was edited is told from now on, and the record is tried again.")
    else:
        put_table(
            ("field", "Shopify", "told so far", "edited by"),
            [(one.field or one.name, one.shop, one.told, one.by) for one in form.fields],
        )
    return DONE


def _changes(form: EditForm, edits: tuple[str, ...], backs: tuple[str, ...]) -> list[Change]:
    known = {one.field or one.name: one for one in form.fields}
    wanted: dict[str, str | None] = {name: text for name, _, text in (each.partition("=") for each in edits)}
    wanted |= dict.fromkeys(backs)
    for name in wanted:
        if name not in known:
            raise Trouble(
                f"Nothing called {name!r} of this record can be edited.",
                f"Give one of: {', '.join(known) or 'none'}.",
            )
    return [
        Change(one.kind, one.name, one.field, said, one.shop if one.kind == "order" else "")
        for name, said in wanted.items()
        for one in (known[name],)
    ]


@failed.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--filter", "text", default="", help="Only those that fit, as in the console.")
@config_option
def export(file: Path, text: str, config: Path) -> int:
    """Write them to a new FILE, .csv or .json; no cell of it is taken for a formula."""
    from dataclasses import asdict

    from screens.export import as_csv, as_json

    page = at_desk(config, lambda desk: desk.failed(filter=text, limit=100_000))
    rows = [asdict(row) for row in page.rows]
    made = as_json(rows) if file.suffix.casefold() == ".json" else as_csv(rows)
    with new_file(file), file.open("x", encoding="utf-8", newline="") as out:
        out.write(made)
    left = f" of {page.total}" if page.total > len(rows) else ""
    click.echo(f"{len(rows)}{left} records written to {file}.")
    return DONE
