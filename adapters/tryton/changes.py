"""What moved since a cursor: stock moves, our sales and their shipments.

Tryton stamps a row when its transaction starts, so rows appear behind the newest stamp: every poll looks back by the
longest transaction. What a poll has told already is remembered beside the cursor it gave out, so that the overlap is
not told again; after a restart it is told once more, which does no harm.
"""

import uuid
from datetime import UTC, datetime, timedelta

from adapters.tryton.rpc import Domain, Row, Rpc
from engine.model.failure import Misset
from engine.model.ids import OrderId, Sku
from engine.ports import Changes

PAGE = 2000
STAMPS = ("create_date", "write_date")
Telling = frozenset[tuple[object, ...]]


class Feed:
    """Reads changes by the stamps that Tryton keeps on every row."""

    def __init__(self, rpc: Rpc, shop: int, *, overlap_seconds: float) -> None:
        self._rpc = rpc
        self._shop = shop
        self._overlap = timedelta(seconds=overlap_seconds)
        self._life = uuid.uuid4().hex[:8]
        self._count = 0
        self._told: dict[str, Telling] = {}

    async def since(self, cursor: str | None) -> Changes:
        """What moved; see `engine.ports.BackOffice.changes`."""
        if cursor is None:
            newest = await self._newest()
            rows, _ = await self._rows(newest - self._overlap)
            return Changes(frozenset(), frozenset(), self._give(newest, frozenset(rows)))
        seen = _moment(cursor)
        rows, latest = await self._rows(seen - self._overlap)
        told = self._told.get(cursor, frozenset())
        fresh = {key: row for key, row in rows.items() if key not in told}
        if not fresh:
            return Changes(frozenset(), frozenset(), cursor)
        skus = {Sku(row["product."]["code"].strip()) for row in fresh.values() if _code(row)}
        refs = {OrderId(ref) for row in fresh.values() if (ref := self._ref(row))}
        return Changes(
            frozenset(skus), frozenset(refs), self._give(max(seen, latest or seen), frozenset(rows))
        )

    def _give(self, moment: datetime, told: Telling) -> str:
        self._count += 1
        cursor = f"{moment.isoformat()}|{self._life}.{self._count}"
        self._told[cursor] = told
        while len(self._told) > 4:
            del self._told[next(iter(self._told))]
        return cursor

    async def _newest(self) -> datetime:
        newest = datetime(2000, 1, 1, tzinfo=UTC)
        for model in ("stock.move", "sale.sale"):
            for stamp in STAMPS:
                domain = [[stamp, "!=", None]]
                for row in await self._rpc.rows(model, domain, [stamp], limit=1, order=[[stamp, "DESC"]]):
                    newest = max(newest, row[stamp])
        return newest

    async def _rows(self, start: datetime) -> tuple[dict[tuple[object, ...], Row], datetime | None]:
        since: Domain = [
            "OR",
            [["write_date", ">=", start]],
            [["write_date", "=", None], ["create_date", ">=", start]],
        ]
        moves = await self._paged(
            "stock.move",
            [since, ["product.type", "=", "goods"]],
            [
                *STAMPS,
                *("product.code", "state", "internal_quantity", "from_location", "to_location"),
                *("sale.web_shop", "sale.web_id"),
            ],
        )
        sales = await self._paged(
            "sale.sale",
            [since, ["web_shop", "=", self._shop]],
            [*STAMPS, "web_shop", "web_id", "state", "shipment_state"],
        )
        rows: dict[tuple[object, ...], Row] = {}
        newest: datetime | None = None
        for model, found in (("move", moves), ("sale", sales)):
            for row in found:
                stamp = row["write_date"] or row["create_date"]
                newest = stamp if newest is None else max(newest, stamp)
                what = (row.get("internal_quantity"), row.get("from_location"), row.get("shipment_state"))
                rows[model, row["id"], stamp, row["state"], *what] = row
        return rows, newest

    async def _paged(self, model: str, domain: Domain, fields: list[str]) -> list[Row]:
        found: list[Row] = []
        last = 0
        while True:
            page = await self._rpc.rows(model, [domain, ["id", ">", last]], fields, limit=PAGE)
            found += page
            if len(page) < PAGE:
                return found
            last = page[-1]["id"]

    def _ref(self, row: Row) -> str | None:
        sale = row.get("sale.") or row
        ref = sale.get("web_id") if sale.get("web_shop") == self._shop else None
        return str(ref) if ref else None


def _code(row: Row) -> str:
    return str((row.get("product.") or {}).get("code") or "").strip()


def _moment(cursor: str) -> datetime:
    try:
        return datetime.fromisoformat(cursor.partition("|")[0])
    except ValueError as error:
        raise Misset(
            "The remembered place in Tryton's changes is not one of ours",
            "Let TrueUp start its polling anew for this connection",
            code="tryton_cursor",
        ) from error
