"""Units oversold of 1,000 accepted in a flash sale, kept together by events against a batch on a timer, same buyers."""

from figure import Figure

from console.flash_sale import example, played
from engine.stock.flash import Rush

LAG = 0.5
"""Seconds each way; `change` measures what a change takes."""
SALES, SHARE = 10, 100


def measure() -> list[Figure]:
    """Ten sales of 50 SKUs at 4 locations with 30 units each, 41 orders a second at the opening."""
    ways = {way.name: way for way in played(example(), Rush(41, 1800), LAG, range(1, SALES + 1)).ways}
    live, buffered, *_ = ways.values()
    batch = ways["batch every 15 min"]
    return [
        Figure(
            f"oversold of 1,000, {name}", f"{way.per_thousand:.2f}", f"{batch.per_thousand:.1f} batch of 15 min",
            f"1/{batch.per_thousand / way.per_thousand:.0f}", f"<= 1/{SHARE}",
            way.per_thousand * SHARE <= batch.per_thousand,
        )
        for name, way in (("0.5 s each way", live), ("and a buffer by velocity", buffered))
    ]  # fmt: skip
