"""Product options of Cin7 Omni as articles: code, barcode, retail price.

`ProductOptions` tells up to 250 in a call and an empty page at the end, and takes a condition on `modifiedDate`. Prices
are in the account's currency, and nothing entered is told as 0, which is no price here. Costs stand in price columns
that each account names by itself, and are not read.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from adapters.cin7_omni.client import OmniClient, Row, moment, stamp, text
from adapters.cin7_omni.places import OFF
from adapters.kept_articles import Stamped
from adapters.moments import LONG_AGO
from engine.model.ids import Sku
from engine.model.product import OfficeProduct
from engine.products.fields import read

READS = frozenset({"sku", "price", "barcode"})
EVERY = 900.0
"""Seconds between two looks: two of the 5,000 calls of a day each."""
WHOLE = timedelta(days=1)
"""Time between two readings of everything: 30,000 options take 121 of those calls."""


class Asking:
    """Asks for product options."""

    def __init__(self, client: OmniClient, charges: Collection[str]) -> None:
        """`charges`: codes of what is sold and never stands on a shelf."""
        self._client, self._charges = client, frozenset(charges)

    async def options(self, since: datetime | None) -> Sequence[Stamped]:
        """Options stamped since then, or all; one without a code is none."""
        where = "" if since is None else f"modifiedDate>={text(stamp(since))}"
        rows, _ = await self._client.rows("ProductOptions", lambda row: row["id"], where=where)
        return [_stamped(row) for row in rows if _code(row) and _code(row) not in self._charges]


def _code(row: Row) -> str:
    return str(row.get("productOptionCode") or row.get("code") or "").strip()


def _stamped(row: Row) -> Stamped:
    sku = Sku(_code(row))
    barcode = row.get("productOptionBarcode") or row.get("barcode")
    values, invalid = read({"sku": sku, "price": row.get("retailPrice") or None, "barcode": barcode})
    article = OfficeProduct(sku, values, invalid, row.get("status") in OFF, "", str(row["id"]))
    return Stamped(article, moment(row.get("modifiedDate")) or LONG_AGO)
