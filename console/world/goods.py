"""What the demo shop sells, and how much of it there is."""

import random
from dataclasses import dataclass

THINGS = (
    "Mug",
    "Teapot",
    "Bowl",
    "Plate",
    "Carafe",
    "Vase",
    "Tray",
    "Candle",
    "Throw",
    "Apron",
    "Towel",
    "Board",
)
SHADES = ("Sand", "Moss", "Ink", "Clay", "Snow", "Rust", "Slate")


@dataclass(frozen=True, slots=True)
class Article:
    """One SKU of the world."""

    sku: str
    title: str
    price: str


def articles(count: int, chance: random.Random) -> list[Article]:
    """So many different articles with prices that do not divide nicely."""
    found = []
    for number in range(count):
        thing, shade = THINGS[number % len(THINGS)], SHADES[number // len(THINGS) % len(SHADES)]
        price = f"{chance.randint(4, 180)}.{chance.choice(('00', '49', '90', '95', '99'))}"
        found.append(
            Article(f"{thing[:3].upper()}-{shade[:3].upper()}-{number + 1:03d}", f"{shade} {thing}", price)
        )
    return found


def opening_stock(goods: list[Article], places: int, chance: random.Random) -> dict[tuple[str, int], int]:
    """Units per SKU and place: mostly comfortable, some scarce, so that selling out happens."""
    return {
        (article.sku, place): chance.randint(6, 15) if chance.random() < 0.06 else chance.randint(25, 90)
        for article in goods
        for place in range(places)
    }
