"""`trueup plan stock`, `trueup plan products` and `trueup apply PLAN`: what would be written and why, and then exactly that."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from console.cli.options import config_option, json_option, operator_option, put_json, put_table
from console.cli.trouble import DONE, NO, WRONG, Trouble, plain
from engine.model.plan import FieldRow, Plan, PlanRow

if TYPE_CHECKING:
    from console.settings import Settings

SHOWN = 200
"""Rows that are printed; the file and --json hold all."""
HEADS = ("SKU", "location", "before", "after", "cause", "what")


@click.group()
def plan() -> None:
    """Plan what would be written, without writing anything."""


@plan.command()
@click.option(
    "--file", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan to this file as JSON too."
)
@click.option("--connection", help="Which connection, where there are several.")
@operator_option
@config_option
@json_option
def stock(file: Path | None, connection: str | None, operator: str, config: Path, as_json: bool) -> int:
    """Compare every cell of both sides and list those that are not as the rule wants them, with the cause.

    Nothing is written on either side. A running engine does it, else this process. Exit code 0 when the plan is
    made, whatever it holds.
    """
    from console.planning import make_plan
    from console.settings import load

    made = asyncio.run(make_plan(load(config), connection, operator))
    if file is not None:
        _write(file, made)
    if as_json:
        put_json(asdict(made))
    else:
        _say(made, made.rows)
        if made.in_state("planned"):
            click.echo(f"Run it: trueup apply {file or made.id}")
    return DONE


@plan.command()
@click.option(
    "--file", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan to this file as JSON too."
)
@click.option("--connection", help="Which connection, where there are several.")
@operator_option
@config_option
@json_option
def products(file: Path | None, connection: str | None, operator: str, config: Path, as_json: bool) -> int:
    """Compare every adopted product of both sides and list the fields that are not as the rules want them.

    Nothing is written on either side. Running the plan writes the back office's value where it changed, and puts it
    back where the shop was changed. With new_products = "draft" it shows the articles that the shop lacks, too; drafts
    of them are made by `trueup product draft`. Exit code 0 when the plan is made, whatever it holds.
    """
    from console.planning import make_plan
    from console.settings import load

    made = asyncio.run(make_plan(load(config), connection, operator, "products"))
    if file is not None:
        _write(file, made)
    if as_json:
        put_json(asdict(made))
        return DONE
    fields = [row for row in made.fields if row.cause != "draft"]
    lacking = len(made.fields) - len(fields)
    click.echo(
        f"plan {made.id}: {made.compared} products compared, {len(fields)} fields are not as the rules want"
        + (f", {lacking} articles are not in the shop" if lacking else "")
    )
    _fields(made.fields[:SHOWN])
    if any(row.state == "planned" for row in made.fields):
        click.echo(f"Run it: trueup apply {file or made.id}")
    return DONE


@click.command()
@click.argument("of", metavar="PLAN")
@operator_option
@config_option
@json_option
def apply(of: str, operator: str, config: Path, as_json: bool) -> int:
    """Write what a plan says: PLAN is its number, or a file of `plan stock --file` (rows may be deleted from it).

    A row is refused when its level is no longer what the plan saw, or the rule wants another figure by now. Exit
    code 1 when a row was refused; those that are still planned can be run again.
    """
    from console.planning import run_plan, stored_plan
    from console.settings import load

    settings = load(config)
    number, told = _named(of)
    made = asyncio.run(stored_plan(settings, number))
    if made is None:
        raise Trouble(f"There is no plan {number} in this store.", "Make one: trueup plan stock.", code=WRONG)
    if made.subject == "products":
        return _apply_fields(settings, made, told, operator, as_json=as_json)
    wanted = {(row.sku, row.location) for row in made.in_state("planned")}
    if told is not None:
        _check(told, made)
        wanted &= {(row.sku, row.location) for row in told.rows}
    cells = None if told is None else sorted(wanted)
    done = asyncio.run(run_plan(settings, made, cells, operator))
    ran = tuple(row for row in done.rows if (row.sku, row.location) in wanted)
    refused = [row for row in ran if row.state != "applied"]
    if as_json:
        put_json({"plan": done.id, "connection": done.connection, "rows": [asdict(row) for row in ran]})
    else:
        earlier = sum(row.state == "applied" and bool(row.note) for row in ran)
        before = f" ({earlier} already done by an earlier run)" if earlier else ""
        click.echo(f"plan {done.id}: {len(ran) - len(refused)} applied{before}, {len(refused)} refused")
        if refused:
            _table(refused)
    return NO if refused else DONE


def _apply_fields(
    settings: "Settings", made: Plan, told: Plan | None, operator: str, *, as_json: bool
) -> int:
    """Run a plan of products, or the rows that a file still has of it."""
    from console.planning import run_plan

    rows = {(row.sku, row.field): row for row in made.fields}
    wanted = {key for key, row in rows.items() if row.state == "planned"}
    if told is not None:
        if odd := [row for row in told.fields if rows.get((row.sku, row.field)) != row]:
            raise Trouble(
                f"The file is not what plan {made.id} says: {odd[0].field} of {odd[0].sku} differs.",
                "Rows may be deleted from a plan's file, not changed; make another plan.",
                code=WRONG,
            )
        wanted &= {(row.sku, row.field) for row in told.fields}
    pairs = None if told is None else sorted(wanted)
    done = asyncio.run(run_plan(settings, made, pairs, operator))
    ran = tuple(row for row in done.fields if (row.sku, row.field) in wanted)
    refused = tuple(row for row in ran if row.state != "applied")
    if as_json:
        put_json({"plan": done.id, "connection": done.connection, "fields": [asdict(row) for row in ran]})
    else:
        click.echo(f"plan {done.id}: {len(ran) - len(refused)} applied, {len(refused)} refused")
        _fields(refused)
    return NO if refused else DONE


def _fields(rows: Sequence[FieldRow]) -> None:
    if rows:
        put_table(
            ("SKU", "field", "shop", "back office", "rule", "cause", "what"),
            [
                (
                    row.sku,
                    row.field,
                    plain(row.before or "–"),
                    plain(row.after or "–"),
                    row.rule,
                    row.cause,
                    plain(row.note),
                )
                for row in rows
            ],
        )


def _named(of: str) -> tuple[int, Plan | None]:
    """A plan's number, and what its file says if one was named."""
    if of.isdigit():
        return int(of), None
    try:
        told = orjson.loads(Path(of).read_bytes())
        rows = tuple(PlanRow(**row) for row in told.pop("rows"))
        fields = tuple(FieldRow(**row) for row in told.pop("fields", ()))
        made = Plan(**told, rows=rows, fields=fields)
    except OSError as trouble:
        raise Trouble(
            f"The file {of} cannot be read: {trouble.strerror}.",
            "Name a plan by its number, or the file that trueup plan stock --file wrote.",
            code=WRONG,
        ) from trouble
    except (ValueError, TypeError, KeyError, AttributeError) as trouble:
        raise Trouble(
            f"The file {of} is not a plan.", "Write one: trueup plan stock --file FILE.", code=WRONG
        ) from trouble
    return made.id, made


def _check(told: Plan, made: Plan) -> None:
    """Rows may be left out of a file, not changed."""
    known = {(row.sku, row.location): (row.before, row.after) for row in made.rows}
    odd = [row for row in told.rows if known.get((row.sku, row.location)) != (row.before, row.after)]
    if odd or str(told.made_at) != _stamp(made):
        which = f"{odd[0].sku} at {odd[0].location_name}" if odd else "its date"
        raise Trouble(
            f"The file is not what plan {made.id} says: {which} differs.",
            "Rows may be deleted from a plan's file, not changed; make another plan.",
            code=WRONG,
        )


def _write(file: Path, made: Plan) -> None:
    try:
        file.write_bytes(orjson.dumps(asdict(made), option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z))
    except OSError as trouble:
        raise Trouble(
            f"The plan is made, but {file} cannot be written: {trouble.strerror}.",
            f"Run it by its number: trueup apply {made.id}.",
        ) from trouble


def _stamp(made: Plan) -> str:
    return str(orjson.loads(orjson.dumps(made.made_at, option=orjson.OPT_UTC_Z)))


def _say(made: Plan, rows: tuple[PlanRow, ...]) -> None:
    if not made.compared:
        click.echo(f"plan {made.id}: no cell is known yet; the first sweep of trueup run lists them")
        return
    if not rows:
        click.echo(f"plan {made.id}: {made.compared} cells compared, every one is as the rule wants it")
        return
    causes = ", ".join(
        f"{count} {cause}" for cause, count in Counter(row.cause for row in rows).most_common()
    )
    click.echo(f"plan {made.id}: {made.compared} cells compared, {len(rows)} differ: {causes}")
    _table(rows[:SHOWN])
    if len(rows) > SHOWN:
        click.echo(f"… and {len(rows) - SHOWN} more; --json or --file give all.")


def _table(rows: list[PlanRow] | tuple[PlanRow, ...]) -> None:
    put_table(
        HEADS,
        [(row.sku, plain(row.location_name), row.before, row.after, row.cause, row.note) for row in rows],
    )
