"""Every sale of ours as Cin7 Core has it, kept beside it: one call tells what changed, one more each what it became.

Cin7 Core tells the lines of one sale at a time and finds a sale by one reference at a time; with sixty calls a minute
that is no way to ask for the documents of a hundred orders, or for what a product is promised to. So the list of sales
is read once, then only what was updated since. Sales that may still promise something are read whole.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.cin7_core.client import Cin7CoreClient, Row, stamp
from adapters.cin7_core.places import Places
from adapters.cin7_core.trouble import Gone
from adapters.cin7_core.wire import VOIDED, Sale, sale_of
from adapters.external_ids import ExternalIds
from adapters.joined import Joined
from adapters.moments import LONG_AGO, utc
from engine.model.clock import Clock
from engine.model.ids import OrderId

LONGEST_TRANSACTION = 30.0
"""Seconds a change may take between the stamp on its sale and the moment it can be read."""
FRESH = 2.0
"""Seconds a look may be old where the stock is read after it: what it does not show yet makes stock look too low."""
OVER = frozenset({VOIDED, "COMPLETED", "CREDITED"})
ALL_GONE = "FULFILLED"


@dataclass(slots=True)
class Known:
    """One row of the list, and the sale once it was read."""

    row: Row
    ref: OrderId
    sale: Sale | None = None

    @property
    def updated(self) -> str:
        """When the sale was last changed, in Cin7 Core's words."""
        return str(self.row["Updated"])

    @property
    def may_promise(self) -> bool:
        """It is not over, so it has to be read."""
        return self.row.get("Status") not in OVER and self.row.get("FulFilmentStatus") != ALL_GONE


class Sales:
    """Our sales by their id."""

    def __init__(
        self,
        client: Cin7CoreClient,
        places: Places,
        ids: ExternalIds,
        clock: Clock,
        *,
        since: datetime | None = None,
        overlap: float = LONGEST_TRANSACTION,
    ) -> None:
        """`since`: sales last changed before are none of ours and not read."""
        self._client, self._places, self._ids, self._clock = client, places, ids, clock
        self._known: dict[str, Known] = {}
        self._by_ref: dict[OrderId, list[str]] = {}
        self._from, self._overlap = since, timedelta(seconds=overlap)
        self._newest: datetime | None = None
        self._looks = Joined(self._look, clock)
        self._reading = asyncio.Lock()
        self._ahead: dict[str, Sale] = {}
        """Sales read before the list showed them as they are."""
        self.revision = 0
        """Rises with every change of a sale of ours that was seen."""
        self.told: Callable[[OrderId], None] = lambda ref: None
        """Is told of each."""

    async def look(self, *, at_most_old: float = 0.0) -> int:
        """Be up to date; the revision. A look that is no older than so many seconds will do."""
        return await self._looks.now(at_most_old=at_most_old)

    def changed(self) -> None:
        """We have changed a sale ourselves: no look before this moment shows it."""
        self._looks.forget()

    async def _look(self) -> int:
        await self._places.ready()
        await self._list()
        for known in [one for one in self._known.values() if one.sale is None and one.may_promise]:
            await self._whole(known)
        return self.revision

    def open(self) -> list[tuple[OrderId, Sale]]:
        """Sales that promise something."""
        return [
            (each.ref, each.sale)
            for each in self._known.values()
            if each.sale is not None and not each.sale.voided and not each.sale.shell
        ]

    async def of_refs(
        self, refs: Collection[OrderId], *, at_most_old: float = 0.0
    ) -> Mapping[OrderId, list[Sale]]:
        """Whole sales by reference, oldest first, as of now or a moment ago."""
        await self.look(at_most_old=at_most_old)
        found: dict[OrderId, list[Sale]] = {}
        for ref in dict.fromkeys(refs):
            for number in self._by_ref.get(ref, ()):
                known = self._known[number]
                found.setdefault(ref, []).append(await self._whole(known))
        return {ref: sorted(sales, key=lambda one: one.number) for ref, sales in found.items()}

    async def found(self, ref: OrderId, *, voided: bool = False) -> list[Sale]:
        """Sales that bear a reference, asked of Cin7 Core and read anew, oldest first; voided ones when asked for."""
        rows, _ = await self._client.rows(
            "saleList", "SaleList", lambda row: row["SaleID"], ExternalID=self._ids.of(ref)
        )
        mine = [row for row in rows if row.get("ExternalID") == self._ids.of(ref)]
        sales = [await self.read(row["SaleID"]) for row in mine if voided or row.get("Status") != VOIDED]
        return sorted((one for one in sales if one is not None), key=lambda one: one.number)

    async def read(self, number: str) -> Sale | None:
        """One sale as of now; None when there is none with this id."""
        try:
            body = await self._client.get("sale", ID=number)
        except Gone:
            return None
        await self._places.ready()
        sale = sale_of(body, self._places.home, self._places.services)
        known = self._known.get(number)
        if known is not None and sale.updated == known.updated:
            known.sale = sale
        else:
            self._ahead[number] = sale
        return sale

    async def ref_of(self, number: str) -> OrderId | None:
        """The order a sale was made for; None when there is no such sale of ours."""
        if number in self._known:
            return self._known[number].ref
        sale = await self.read(number)
        return None if sale is None else self._ids.ref(sale.external_id)

    def changed_since(self, at: datetime) -> frozenset[OrderId]:
        """Orders whose sales were updated at or after a moment."""
        return frozenset(each.ref for each in self._known.values() if utc(each.updated) >= at)

    @property
    def newest(self) -> datetime:
        """When the newest change seen was made."""
        assert self._newest is not None, "look comes first"
        return self._newest

    async def _list(self) -> None:
        since = self._from if self._newest is None else self._newest - self._overlap
        asked = {} if since is None else {"UpdatedSince": stamp(since)}
        rows, _ = await self._client.rows("saleList", "SaleList", lambda row: row["SaleID"], **asked)
        for row in rows:
            ref = self._ids.ref(row.get("ExternalID") or "")
            known = self._known.get(row["SaleID"])
            if ref is None or (known is not None and known.updated == row["Updated"]):
                continue
            if known is None:
                self._by_ref.setdefault(ref, []).append(row["SaleID"])
            ahead = self._ahead.pop(row["SaleID"], None)
            same = ahead is not None and ahead.updated == row["Updated"]
            self._known[row["SaleID"]] = Known(row, ref, ahead if same else None)
            self.revision += 1
            self.told(ref)
        stamps = [utc(row["Updated"]) for row in rows]
        self._newest = max([self._newest or self._from or LONG_AGO, *stamps])

    async def _whole(self, known: Known) -> Sale:
        """A listed sale, read once; what it became since it was listed shows at the next look."""
        async with self._reading:
            if known.sale is None:
                body = await self._client.get("sale", ID=known.row["SaleID"])
                known.sale = sale_of(body, self._places.home, self._places.services)
            return known.sale
