"""Rules of pricelists, as staff enter them: what a variant, or the product it is a variant of, costs from so many units on."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from adapters.odoo.sandbox.stamps import stamps

Record = dict[str, Any]


class PriceRules:
    """`product.pricelist.item`."""

    def __init__(
        self,
        pricelists: Collection[int],
        product_id: Callable[[str], int],
        template: Callable[[str, int], int],
        now: Callable[[], float],
    ) -> None:
        """`template`: that of a variant."""
        self._pricelists, self._product_id, self._template, self._now = pricelists, product_id, template, now
        self._rules: dict[int, Record] = {}

    def all(self) -> list[Record]:
        """Every rule."""
        return list(self._rules.values())

    def enter(self, asked: Mapping[str, Any]) -> int:
        """A rule for a variant or, with `template`, for its product; its id. KeyError for what is not there."""
        number, product = len(self._rules) + 1, self._product_id(str(asked["sku"]))
        if int(asked["pricelist"]) not in self._pricelists:
            raise KeyError("pricelist")
        whole = bool(asked.get("template"))
        now = self._now()
        self._rules[number] = {
            "id": number, "pricelist_id": int(asked["pricelist"]), "product_tmpl_id": self._template(str(asked["sku"]), product),
            "applied_on": "1_product" if whole else "0_product_variant", "product_id": False if whole else product,
            "min_quantity": float(asked.get("min_quantity", 0)), "date_start": asked.get("date_start", False),
            "date_end": asked.get("date_end", False), "compute_price": str(asked.get("compute_price", "fixed")),
            "fixed_price": float(asked.get("price", 0)), "percent_price": float(asked.get("percent", 0)),
            **stamps(now, now),
        }  # fmt: skip
        return number
