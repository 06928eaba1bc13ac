"""Which variants of Odoo belong to one product of the shop, and what tells them apart.

Variants (`product.product`) of one template with several values of an attribute are one product. The article to whose
product the others belong is the first of them that is not archived and has a reference of its own. What tells them apart
are the values in `product_template_variant_value_ids`, which leaves out attributes with a single value (Odoo 17 to 19).
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from adapters.odoo.client import OdooClient, Row, of
from adapters.titles import title
from engine.model.failure import Misset

VALUES = "product_template_variant_value_ids"
ATTRIBUTES = "product.template.attribute.value"
Belongs = tuple[str, Mapping[str, str]]
"""Reference of the article to whose product a variant belongs, empty for that one itself; value by attribute."""


class Families:
    """Reads them; nothing where nobody needs to know."""

    def __init__(self, client: OdooClient, *, wanted: bool) -> None:
        self._client, self._wanted = client, wanted

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of a variant that are needed."""
        return (VALUES,) if self._wanted else ()

    async def of(self, products: Sequence[Row]) -> Mapping[int, Belongs]:
        """By product; those that stand alone are missing."""
        some = [row for row in products if self._wanted and row[VALUES]]
        if not some:
            return {}
        numbers = sorted({number for row in some for number in row[VALUES]})
        rows = await self._client.rows(
            ATTRIBUTES,
            [["id", "in", numbers]],
            ["name", "attribute_id"],
            archived=True,
        )
        named = {row["id"]: (title(row["attribute_id"][1]), title(row["name"])) for row in rows}
        first = await self._firsts({each for row in some if (each := of(row["product_tmpl_id"]))})
        found: dict[int, Belongs] = {}
        for row in some:
            lead = first.get(of(row["product_tmpl_id"]) or 0, "")
            own = str(row["default_code"]).strip()
            options = dict(named[number] for number in row[VALUES] if number in named)
            found[row["id"]] = "" if lead == own else lead, options
        return found

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """What may not be read of that."""
        try:
            if self._wanted:
                await self._client.count(ATTRIBUTES, [["id", "=", 0]])
        except Misset as wrong:
            return ((ATTRIBUTES, wrong.cause, wrong.remedy),)
        return ()

    async def _firsts(self, templates: set[int]) -> Mapping[int, str]:
        """By template, the reference of its first variant on sale that no other variant bears."""
        rows = await self._client.rows(
            "product.product",
            [["product_tmpl_id", "in", sorted(templates)], ["default_code", "!=", False]],
            ["default_code", "product_tmpl_id"],
        )
        codes = Counter(str(row["default_code"]).strip() for row in rows)
        found: dict[int, str] = {}
        for row in rows:
            code, template = str(row["default_code"]).strip(), of(row["product_tmpl_id"])
            if template and code and codes[code] == 1:
                found.setdefault(template, code)
        return found
