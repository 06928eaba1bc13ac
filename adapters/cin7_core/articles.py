"""Stocked products of Cin7 Core as articles: SKU, barcode, price of the first tier, average cost.

`product` tells up to a thousand in a call and takes `ModifiedSince`; deprecated ones only when asked for. Amounts are
in the account's currency, and nothing entered is told as 0, which is no price here. A cost that moves by a receipt may stamp no product; it is seen with the next full reading.
"""

from collections.abc import Sequence
from datetime import datetime

from adapters.cin7_core.client import Cin7CoreClient, Row, stamp
from adapters.cin7_core.places import ACTIVE, STOCKED
from adapters.kept_articles import Stamped
from adapters.moments import LONG_AGO, utc
from adapters.titles import title
from engine.model.ids import Sku
from engine.model.product import OfficeProduct
from engine.products.fields import read

READS = frozenset({"sku", "price", "barcode", "cost"})
EVERY = 60.0
"""Seconds between two looks: one of the 60 calls of a minute."""


class Asking:
    """Asks for products."""

    def __init__(self, client: Cin7CoreClient) -> None:
        self._client = client

    async def products(self, since: datetime | None) -> Sequence[Stamped]:
        """Stocked products stamped since then, or all; one without a SKU is none."""
        asked = {} if since is None else {"ModifiedSince": stamp(since)}
        rows, _ = await self._client.rows(
            "product", "Products", lambda row: row["ID"], IncludeDeprecated="true", **asked
        )
        return [_stamped(row) for row in rows if row.get("Type") == STOCKED and str(row["SKU"]).strip()]


def _stamped(row: Row) -> Stamped:
    sku = Sku(str(row["SKU"]).strip())
    values, invalid = read({
        "sku": sku, "price": row.get("PriceTier1") or None, "barcode": row.get("Barcode"),
        "cost": row.get("AverageCost") or None,
    })  # fmt: skip
    article = OfficeProduct(
        sku, values, invalid, row.get("Status", ACTIVE) != ACTIVE, title(row.get("Name")), str(row["ID"])
    )
    at = row.get("LastModifiedOn")
    return Stamped(article, utc(at) if at else LONG_AGO)
