"""A shop in a process of its own, as a real one is elsewhere: `python our_shop.py VARIANTS PER_PRODUCT STOCK_SKU`.

Prints its address. Each line of its standard input is a plan, in points a second, that it moves to and answers with
the same; it serves until that input ends.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.shopify.sandbox import SandboxSku, start


def skus(variants: int, per_product: int) -> list[SandboxSku]:
    """Articles of which so many are variants of one product each."""
    return [
        SandboxSku(f"ART-{n:06}", f"Article {n}", "10.00", product=f"P{n // per_product}")
        for n in range(variants)
    ]


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    variants, per_product, stock = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    shop = start(
        seed=5,
        skus=[*skus(variants, per_product), SandboxSku(stock, "Stock", "1.00")],
        locations=["North"],
        stock={},
    )
    say(shop.url)
    for line in sys.stdin:
        shop.move_to_plan(int(line))
        say(line.strip())
    shop.stop()
