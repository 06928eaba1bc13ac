"""Vendor lines of products, as staff enter them: whom a variant, or the product it is a variant of, is bought from."""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.odoo.sandbox.stamps import stamps

Record = dict[str, Any]


class Vendors:
    """`product.supplierinfo`."""

    def __init__(
        self,
        product_id: Callable[[str], int],
        template: Callable[[str, int], int],
        partners: list[Record],
        now: Callable[[], float],
    ) -> None:
        """`partners`: all there are; a vendor becomes one."""
        self._product_id, self._template, self._partners, self._now = product_id, template, partners, now
        self._lines: dict[int, Record] = {}

    def all(self) -> list[Record]:
        """Every line."""
        return list(self._lines.values())

    def enter(self, asked: Mapping[str, Any]) -> Record:
        """A line for a variant or, with `template`, for its product; its id. KeyError for what is not there."""
        number, product = len(self._lines) + 1, self._product_id(str(asked["sku"]))
        now = self._now()
        self._lines[number] = {
            "id": number, "partner_id": self._partner(str(asked["vendor"])),
            "product_id": False if asked.get("template") else product,
            "product_tmpl_id": self._template(str(asked["sku"]), product),
            "product_code": str(asked.get("code", "")) or False, "sequence": int(asked.get("sequence", number)),
            "min_qty": float(asked.get("min_qty", 0)), "price": float(asked.get("price", 0)), "currency_id": 1,
            "delay": int(asked.get("delay", 1)), "date_start": asked.get("date_start", False),
            "date_end": asked.get("date_end", False), **stamps(now, now),
        }  # fmt: skip
        return {"id": number}

    def _partner(self, name: str) -> int:
        for known in self._partners:
            if known["name"] == name:
                return int(known["id"])
        number = len(self._partners) + 10
        blank = {"email": False, "street": False, "active": True, "create_date": "", "write_date": ""}
        self._partners.append({"id": number, "name": name, **blank})
        return number
