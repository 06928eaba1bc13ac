"""`trueup risk`: which cells are about to sell what is not there."""

from dataclasses import asdict
from pathlib import Path

import click

from console.cli.options import at_desk, config_option, json_option, put_json, put_table
from console.cli.trouble import DONE, NO, plain
from console.cli.watching import watchable
from engine.desk import RiskPage, RiskRow

SORTS = {
    "zero": lambda row: (row.minutes_to_zero is None, row.minutes_to_zero or 0.0),
    "oversell": lambda row: -row.oversell,
    "velocity": lambda row: -row.velocity,
}
HEADS = (
    "RISK", "SKU", "LOCATION", "AVAILABLE", "HELD", "WEB/h", "ERP/h", "MIN TO 0", "OVERSELL", "OPEN", "ADVICE",
)  # fmt: skip
WORDS = {"over": "x over", "risk": "! risk", "soon": "~ soon", "selling": "+ ok"}


@click.command()
@click.argument("text", default="", metavar="[TEXT]")
@click.option(
    "--sort", type=click.Choice(list(SORTS)), default="zero", show_default=True, help="What comes first."
)
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, help="Cells that are printed."
)
@config_option
@json_option
@watchable
def risk(text: str, sort: str, limit: int, config: Path, as_json: bool) -> int:
    """List the cells that sell, with how long each lasts and how likely it sells what is not there.

    TEXT narrows to SKUs, titles and locations that contain it. Velocities are exponentially weighted; OVERSELL is the
    probability that both sides together sell more than there is before the next write of the level is confirmed.
    Exit code 1 when a cell has oversold or is at risk.
    """
    page = at_desk(config, lambda desk: desk.risk())
    rows = [
        row for row in page.rows if text.casefold() in f"{row.sku} {row.title} {row.location_name}".casefold()
    ]
    rows.sort(key=SORTS[sort])
    if as_json:
        told = [asdict(row) | {"velocity": round(row.velocity, 1)} for row in rows]
        put_json({"as_of": page.as_of, "threshold": page.threshold, "more": page.more, "rows": told})
    else:
        _say(page, rows, limit)
    return NO if any(row.state in ("over", "risk") for row in rows) else DONE


def _say(page: RiskPage, rows: list[RiskRow], limit: int) -> None:
    if not rows:
        click.echo(
            "Nothing has been sold of late on either side." if not page.rows else "No selling cell fits."
        )
        return
    put_table(HEADS, [_cells(row) for row in rows[:limit]])
    risky = sum(row.state in ("over", "risk") for row in rows)
    lag = max(row.lag_seconds for row in rows)
    click.echo(
        f"{risky} of {len(rows)} at risk (from {page.threshold * 100:g} %); a change travels {lag:g} s"
    )
    if (left := len(rows) - limit + page.more) > 0:
        click.echo(f"… and {left} more; --limit or --json give more.")


def _cells(row: RiskRow) -> tuple[object, ...]:
    from screens.risk_lines import told

    return (
        WORDS[row.state], row.sku, plain(row.location_name), row.available, row.held_back, row.web_per_hour,
        row.outside_per_hour, row.minutes_to_zero, f"{row.oversell * 100:.1f} %", row.open_orders, told(row),
    )  # fmt: skip
