"""`trueup shadow` and `trueup golive`: beside another connector, and taking over from it step by step."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from console.cli.options import config_option, json_option, operator_option, put_json, put_table
from console.cli.trouble import DONE, NO, plain
from engine.model.remit import Subject
from engine.model.shadow import ShadowReport

SUBJECTS = click.Choice([one.value for one in Subject])
connection_option = click.option("--connection", help="Which connection, where there are several.")
location_option = click.option(
    "--location",
    default="",
    help="Of stock only this shop location, by its id; without it all of the subject.",
)


@click.group()
def shadow() -> None:
    """Work beside another connector: compare what it writes with what TrueUp would write, and write nothing."""


@shadow.command()
@click.option(
    "--hours", type=click.FloatRange(0.01, 720), default=24.0, show_default=True, help="How far back to look."
)
@click.option(
    "--rows", type=click.IntRange(0, 10_000), default=50, show_default=True, help="Most differences to name."
)
@config_option
@json_option
def report(hours: float, rows: int, config: Path, as_json: bool) -> int:
    """Say how far both sides are as TrueUp would have them, per field and place, and name what is not.

    Agreement is the share of the time, over all cells, orders or products, in which they were as TrueUp would have
    written them. Exit code 1 while anything differs.
    """
    from console.settings import load
    from console.shadow import report as ask

    found = asyncio.run(ask(load(config), hours, rows))
    if as_json:
        put_json(asdict(found))
    else:
        _say(found)
    return NO if found.total else DONE


def _say(found: ShadowReport) -> None:
    if not found.scores:
        click.echo(
            "Nothing was compared yet: set shadow = true for a connection, and let trueup run for a while."
        )
    else:
        click.echo(f"Agreement within the last {found.hours:.1f} hours:")
        put_table(
            ("connection", "subject", "location", "field", "compared", "differ now", "agreement"),
            [
                (
                    s.connection,
                    s.subject,
                    s.location or None,
                    s.field,
                    s.judged,
                    s.differing,
                    f"{s.agreement:.2%}",
                )
                for s in found.scores
            ],
        )
    for connection, why in found.unjudged:
        click.echo(f"{plain(connection)}: {plain(why)}")
    if found.differing:
        put_table(
            ("connection", "subject", "what", "location", "field", "TrueUp", "there", "since"),
            [
                (
                    d.connection, d.subject, d.key, d.location or None, d.field, d.ours, d.theirs,
                    f"{d.since:%Y-%m-%d %H:%M:%S}Z",
                )
                for d in found.differing
            ],
        )  # fmt: skip
    if found.total > len(found.differing):
        click.echo(f"{len(found.differing)} of {found.total} differences; --rows names more.")


@click.group()
def golive() -> None:
    """Take over from another connector, one subject or one location at a time, and give it back."""


@golive.command()
@click.argument("subject", type=SUBJECTS)
@location_option
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]),
    default=None,
    help="Orders placed from then on are TrueUp's; by default from now on.",
)
@click.option("--despite", is_flag=True, help="Take over although something differs there.")
@connection_option
@operator_option
@config_option
def take(
    subject: str,
    location: str,
    since: datetime | None,
    despite: bool,
    connection: str | None,
    operator: str,
    config: Path,
) -> int:
    """Let TrueUp write SUBJECT from now on: stock, orders, fulfilment or products.

    Let the other connector stop writing it first. Refused while the report names differences there.
    """
    from engine.flows.takeover import TAKE

    moment = since.isoformat() if since else None
    args = {"subject": subject, "location": location, "since": moment, "despite": despite}
    return _change(config, connection, TAKE, args, operator)


@golive.command()
@click.argument("subject", type=SUBJECTS)
@location_option
@connection_option
@operator_option
@config_option
def back(subject: str, location: str, connection: str | None, operator: str, config: Path) -> int:
    """Give SUBJECT back to the other connector: TrueUp writes none of it any more, and compares again."""
    from engine.flows.takeover import BACK

    return _change(config, connection, BACK, {"subject": subject, "location": location}, operator)


@golive.command("list")
@config_option
@json_option
def list_(config: Path, as_json: bool) -> int:
    """List what TrueUp writes of connections that another connector serves too."""
    from console.settings import load
    from console.shadow import taken_over

    settings = load(config)
    rows = asyncio.run(taken_over(settings))
    if as_json:
        put_json([asdict(row) for row in rows])
        return DONE
    put_table(
        ("connection", "subject", "location", "since", "by"),
        [
            (
                row.connection,
                row.subject,
                row.location or None,
                f"{row.since:%Y-%m-%d %H:%M:%S}Z",
                row.taken_by,
            )
            for row in rows
        ],
    )
    for one in settings.connections:
        if not one.shadow:
            click.echo(f"{one.name}: TrueUp writes everything; no other connector is configured.")
        elif not any(row.connection == one.name for row in rows):
            click.echo(f"{one.name}: TrueUp writes nothing.")
    return DONE


def _change(config: Path, connection: str | None, verb: str, args: dict[str, Any], operator: str) -> int:
    from console.settings import load
    from console.shadow import change
    from engine.flows.takeover import DONE as SAID

    if args["location"] and args["subject"] != Subject.STOCK:
        raise click.UsageError("--location is for stock; the other subjects are taken over altogether.")
    outcome = asyncio.run(change(load(config), connection, verb, args, operator))
    click.echo(f"{plain(outcome)}{'' if outcome.endswith('.') else '.'}")
    return DONE if outcome.startswith(SAID[verb]) else NO
