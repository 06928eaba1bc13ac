"""Variants of one product: which of them share a template, and the attribute values that tell them apart.

Whether a variant is created by an attribute line of one value or of several, `product_template_variant_value_ids` names
those of lines with several only (Odoo 17 to 19).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Record = dict[str, Any]
FIRST = 1000
"""Number a template has beside that of its first variant."""


class Families:
    """Templates and their attribute values."""

    def __init__(self, product_id: Callable[[str], int]) -> None:
        self._product_id = product_id
        self._of: dict[str, tuple[str, Mapping[str, str]]] = {}
        """First variant of the template and attribute values, by internal reference."""

    def enter(self, asked: Mapping[str, Any]) -> Record:
        """Staff make variants of one product: `variants` has by internal reference the values by attribute."""
        variants: Mapping[str, Mapping[str, str]] = asked["variants"]
        first = min(variants, key=self._product_id)
        for code, values in variants.items():
            self._product_id(code)
            self._of[code] = first, {name: str(value) for name, value in values.items()}
        return {"template": self.template(first, self._product_id(first))}

    def template(self, code: str, product: int) -> int:
        """The template of a variant."""
        first = self._of.get(code, ("", {}))[0]
        return FIRST + (self._product_id(first) if first else product)

    def values_of(self, code: str) -> list[int]:
        """Ids of the attribute values that tell a variant from the others."""
        first, values = self._of.get(code, ("", {}))
        several = {name for name in values if len({each.get(name) for each in self._siblings(first)}) > 1}
        return [
            number
            for number, (of, name, value) in enumerate(self._all(), 1)
            if of == first and name in several and values[name] == value
        ]

    def attribute_values(self) -> list[Record]:
        """`product.template.attribute.value`."""
        names = [name for name, _ in self._named()]
        return [
            {"id": number, "name": value, "attribute_id": names.index(name) + 1}
            for number, (_, name, value) in enumerate(self._all(), 1)
        ]

    def attributes(self) -> list[Record]:
        """`product.attribute`."""
        return [{"id": number, "name": name} for number, (name, _) in enumerate(self._named(), 1)]

    def templates(
        self, products: Sequence[Record], stamps: Callable[[Sequence[str]], Mapping[str, str]]
    ) -> list[Record]:
        """What variants share: a price is written here, and the variant's own write date does not move."""
        members: dict[int, list[Record]] = {}
        for row in products:
            members.setdefault(row["product_tmpl_id"], []).append(row)
        return [
            {
                "id": number, "name": rows[0]["name"], "active": any(row["active"] for row in rows),
                "list_price": rows[0]["lst_price"], **stamps([row["default_code"] for row in rows]),
            }
            for number, rows in members.items()
        ]  # fmt: skip

    def _siblings(self, first: str) -> list[Mapping[str, str]]:
        return [values for of, values in self._of.values() if of == first]

    def _all(self) -> list[tuple[str, str, str]]:
        """Every value of every template, in the order in which they were entered."""
        found = {
            (first, name, value): None
            for first, values in self._of.values()
            for name, value in values.items()
        }
        return list(found)

    def _named(self) -> list[tuple[str, None]]:
        return list({name: None for _, name, _ in self._all()}.items())
