"""What staff enter about articles: prices, barcodes, weights; kept by the vendor-neutral names of the control API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KNOWN = frozenset(
    {
        "price", "compare_at_price", "barcode", "cost", "weight", "origin", "customs_code", "tracked", "supplier",
        "title", "discontinued",
    }
)  # fmt: skip


@dataclass(slots=True)
class Entered:
    """Facts of one article, and when each was entered last."""

    facts: dict[str, Any] = field(default_factory=dict)
    at: dict[str, float] = field(default_factory=dict)

    def changed(self, *names: str) -> float:
        """When one of these was entered last; 0 where none was. Without names: whatever it was."""
        return max((when for name, when in self.at.items() if not names or name in names), default=0.0)


class Articles:
    """Facts of all articles by SKU; weights in grams, amounts as decimal text."""

    def __init__(self) -> None:
        self._entered: dict[str, Entered] = {}
        self.revision = 0
        """How often something was entered."""

    def enter(self, sku: str, facts: Mapping[str, Any], now: float) -> None:
        """Keep these; KeyError for a fact no article has."""
        if strange := set(facts) - KNOWN:
            raise KeyError(sorted(strange)[0])
        one = self._entered.setdefault(sku, Entered())
        one.facts.update(facts)
        one.at.update(dict.fromkeys(facts, now))
        self.revision += 1

    def of(self, sku: str) -> Entered:
        """What was entered of an article; nothing where nothing was."""
        return self._entered.get(sku) or Entered()
