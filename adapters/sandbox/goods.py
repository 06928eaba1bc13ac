"""What a sandbox starts with: articles with names, and how many of each stand where."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from adapters.sandbox.books import Books


class Named(Protocol):
    """Anything with a SKU and a title."""

    @property
    def sku(self) -> str:
        """The stock-keeping unit."""
        ...

    @property
    def title(self) -> str:
        """What people call it."""
        ...


def books_of(
    skus: Sequence[str | Named],
    warehouses: Sequence[str],
    stock: Mapping[tuple[str, int], int] | None,
    *,
    below_zero: bool = False,
) -> Books:
    """Books with these goods; `stock` maps (SKU, index of the warehouse) to units."""
    products = {
        each if isinstance(each, str) else each.sku: each if isinstance(each, str) else each.title
        for each in skus
    }
    shelves = {(sku, warehouses[at]): units for (sku, at), units in (stock or {}).items()}
    return Books(products, warehouses, shelves, below_zero=below_zero)
