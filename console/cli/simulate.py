"""`trueup simulate`: what would happen, played out and not done."""

from dataclasses import asdict
from pathlib import Path

import click

from console.cli.options import at_desk, config_option, json_option, put_json, put_table
from console.cli.trouble import DONE, Trouble, plain

SHOWN = 15


@click.group()
def simulate() -> None:
    """Play out what would happen; nothing is done."""


@simulate.command("flash-sale")
@click.argument("text", default="", metavar="[TEXT]")
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 500),
    default=41.0,
    show_default=True,
    help="Orders a second at the opening, on both sides together.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(0.5, 240),
    default=30.0,
    show_default=True,
    help="How long the rush lasts; it falls off from the opening on.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed brings the same buyers.")
@click.option(
    "--sales",
    type=click.IntRange(1, 50),
    default=1,
    show_default=True,
    help="Play so many sales with the following seeds too, and tell the means.",
)
@click.option(
    "--outside",
    type=click.FloatRange(0, 1),
    default=0.35,
    show_default=True,
    help="Share of the buyers who buy in the back office.",
)
@click.option(
    "--lag",
    type=click.FloatRange(0.01, 3600),
    default=None,
    help="Seconds a change travels each way; as measured without.",
)
@click.option(
    "--example",
    is_flag=True,
    help="Play 50 SKUs at 4 locations with 30 units each instead of what is in store.",
)
@config_option
@json_option
def flash_sale(
    text: str, rate: float, minutes: float, seed: int, sales: int, outside: float, lag: float | None, example: bool,
    config: Path, as_json: bool,
) -> int:  # fmt: skip
    """Play a flash sale of the stock as it stands: which cells oversell, when, by how much, and which buffer helps.

    TEXT narrows to SKUs and titles that contain it. Cells are wanted as fast as they sold of late. The same sale is
    played under jobs on a timer of 15, 5 and 1 minutes, which book orders and set levels without looking at them.
    """
    from console import flash_sale as sale
    from engine.stock.flash import Rush

    if example:
        offers, measured = sale.example(), 1.0
    else:
        offers, measured = at_desk(config, lambda desk: sale.offers_of(desk, text))
    if not offers:
        raise Trouble("Nothing is on sale that fits.", "Run the engine once, or try --example.")
    told = sale.played(offers, Rush(rate, minutes * 60, outside), lag or measured, range(seed, seed + sales))
    if as_json:
        ways = [asdict(way) | {"per_thousand": round(way.per_thousand, 3)} for way in told.ways]
        put_json(asdict(told) | {"ways": ways})
        return DONE
    click.echo(
        f"{told.cells:,} cells with {told.units:,} units, {told.wanted:,.0f} buyers, {sales} played from seed {seed}"
    )
    put_table(
        ("KEPT TOGETHER BY", "ACCEPTED", "OVERSOLD", "PER 1,000", "LOST"),
        [
            (
                way.name,
                f"{way.accepted:,.0f}",
                f"{way.oversold:,.1f}",
                f"{way.per_thousand:.2f}",
                f"{way.lost:,.1f}",
            )
            for way in told.ways
        ],
    )
    if told.hurt:
        click.echo(f"oversold as it is now, with seed {seed}:")
        put_table(
            ("SKU", "LOCATION", "AT", "UNITS", "BUFFER THAT HELPS", "LOST BY IT"),
            [
                (one.sku, plain(one.location), f"{one.first_seconds // 60:.0f}:{one.first_seconds % 60:02.0f}", one.units,
                 one.buffer, one.lost)
                for one in told.hurt[:SHOWN]
            ],
        )  # fmt: skip
        if len(told.hurt) > SHOWN:
            click.echo(f"… and {len(told.hurt) - SHOWN} more; --json gives all.")
    return DONE
