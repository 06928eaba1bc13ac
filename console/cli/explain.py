"""`trueup explain SKU LOCATION`: why a level is what it is, or was."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from console.cli.options import at_desk, config_option, json_option, put_json
from console.cli.trouble import DONE, NO, Trouble, plain
from engine.model.explanation import CellMoment, Explanation

FORMS = (
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%H:%M:%S",
)
HISTORY = 8
"""Changes that are printed."""


@click.command()
@click.argument("sku")
@click.argument("location")
@click.option(
    "--at",
    type=click.DateTime(FORMS),
    help="As it was then: a date and time, or a time of today; UTC unless it says.",
)
@config_option
@json_option
def explain(sku: str, location: str, at: datetime | None, config: Path, as_json: bool) -> int:
    """Print the terms of a cell's figure, their sum, and what lies behind each; LOCATION is a name or an id.

    Exit code 1 when no figure has been agreed yet, or the terms do not add up to it.
    """
    found = at_desk(config, lambda desk: desk.explain(sku, location, _utc(at)))
    if not found:
        when = " at that time" if at else ""
        raise Trouble(
            f"Nothing is known of {sku!r} at {location!r}{when}.",
            "trueup stock lists the SKUs and locations; the history of a cell begins with its first listing and goes back 30 days.",
        )
    if as_json:
        put_json([_json(one) for one in found])
    else:
        for one in found:
            _say(one)
    return DONE if all(one.figure is not None and one.total == one.figure for one in found) else NO


def _utc(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    if at.year == 1900:  # only a time was given
        at = datetime.combine(datetime.now(UTC).date(), at.time())
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _json(one: Explanation) -> dict[str, object]:
    told = asdict(one) | {"total": one.total}
    told["state"] |= {"terms": orjson.loads(one.state.terms_json)}
    for moment in (told["state"], *told["history"]):
        del moment["terms_json"]
    return told


def _say(one: Explanation) -> None:
    click.echo(f"{plain(one.sku)} at {plain(one.location_name)}  ({plain(one.connection)})")
    if one.figure is None:
        click.echo("No figure has been agreed yet: the first one waits for a complete listing of orders.")
    else:
        click.echo(f"on hand {one.figure}, agreed {_when(one.figure_at)}")
    for term in one.terms:
        click.echo(f"{term.units:+8d}  {term.text}")
        for source in term.sources:
            since = f"  {_when(source.at)}" if source.at else ""
            click.echo(f"{'':10}{source.units:+d}  {plain(source.text)}{since}  {plain(source.ref)}")
    if one.figure is not None:
        verdict = "the figure" if one.total == one.figure else f"NOT the figure {one.figure}: report this"
        click.echo(f"{one.total:8d}  sum, {verdict}")
    if one.write:
        cause = f", because of {plain(one.write.cause)}" if one.write.cause else ""
        click.echo(f"last write {_when(one.write.at)}{cause}, key {plain(one.write.key) or 'not kept'}")
    state = one.state
    click.echo(
        f"in the shop {_figure(state.on_hand)} on hand, {_figure(state.available)} available, "
        f"{_figure(state.committed)} committed; {state.pos} written away and undecided"
    )
    for moment in one.history[:HISTORY]:
        click.echo(f"  {_when(moment.at)}  {moment.kind:9}  {_line(moment)}")


def _line(moment: CellMoment) -> str:
    figures = (
        f"shop {_figure(moment.on_hand)}, target {_figure(moment.target)}, ERP {_figure(moment.erp_on_hand)}"
    )
    return f"{figures}  {plain(moment.cause)} {plain(moment.reference)}".rstrip()


def _figure(value: int | None) -> str:
    return "–" if value is None else str(value)


def _when(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z" if at else "–"
