"""Stocked products of Unleashed as articles: code, barcode, default sell price, average landed price as cost.

`Products` tells up to a thousand in a call and takes `modifiedSince`; obsolete ones only when asked for. Amounts are in
the account's currency, and 0 is no price here. Not confirmed with a live account: that a landed price that moves by a receipt stamps its
product; if it does not, it is seen with the next full reading.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from adapters.kept_articles import Stamped
from adapters.moments import LONG_AGO
from adapters.titles import title
from adapters.unleashed.client import Row, UnleashedClient, moment, since
from engine.model.ids import Sku
from engine.model.product import OfficeProduct
from engine.products.fields import read

READS = frozenset({"sku", "price", "barcode", "cost"})
EVERY = 300.0
"""Seconds between two looks: one of the calls of a month each."""


class Asking:
    """Asks for products."""

    def __init__(self, client: UnleashedClient) -> None:
        self._client = client

    async def products(self, begin: datetime | None) -> Sequence[Stamped]:
        """Stocked products stamped since then, or all; one without a code is none."""
        asked: dict[str, Any] = {} if begin is None else {"modifiedSince": since(begin)}
        rows, _ = await self._client.rows("Products", lambda row: row["Guid"], includeObsolete=True, **asked)
        return [
            _stamped(row)
            for row in rows
            if not row.get("NeverDiminishing") and str(row["ProductCode"]).strip()
        ]


def _stamped(row: Row) -> Stamped:
    sku = Sku(str(row["ProductCode"]).strip())
    values, invalid = read({
        "sku": sku, "price": row.get("DefaultSellPrice") or None, "barcode": row.get("Barcode"),
        "cost": row.get("AverageLandPrice") or None,
    })  # fmt: skip
    article = OfficeProduct(
        sku,
        values,
        invalid,
        bool(row.get("Obsolete")),
        title(row.get("ProductDescription")),
        str(row["Guid"]),
    )
    return Stamped(article, moment(row.get("LastModifiedOn")) or LONG_AGO)
