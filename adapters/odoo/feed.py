"""What moved since a cursor: stock moves and our sales orders, by Odoo's write dates.

Quants are no feed: Odoo deletes and merges them, so a product that sold out would never show up.
"""

from datetime import datetime, timedelta

from adapters.moments import LONG_AGO
from adapters.odoo.client import Domain, OdooClient, Row, moment, of, stamp
from adapters.odoo.documents import Documents
from adapters.odoo.places import Places
from adapters.odoo.trouble import WHO
from adapters.overlap import Key, Overlap
from engine.model.ids import OrderId
from engine.ports import Changes

LONGEST_TRANSACTION = 30.0
"""Seconds a posting may take between the stamp on its rows and its commit."""
SECOND = timedelta(seconds=1)


class Feed:
    """Polls write dates."""

    def __init__(
        self,
        client: OdooClient,
        places: Places,
        documents: Documents,
        *,
        overlap: float = LONGEST_TRANSACTION,
    ) -> None:
        self._client = client
        self._places = places
        self._documents = documents
        self._overlap = Overlap(overlap)

    async def since(self, cursor: str | None) -> Changes:
        """See `engine.ports.BackOffice.changes`."""
        if cursor is None:
            newest = await self._newest()
            moves, orders = await self._rows(newest - timedelta(seconds=LONGEST_TRANSACTION))
            return Changes(frozenset(), frozenset(), self._overlap.give(newest, _keys(moves, orders)))
        moves, orders = await self._rows(self._overlap.since(cursor, WHO))
        told = self._overlap.told(cursor)
        moves = [row for row in moves if _key("move", row) not in told] if told else moves
        fresh = [row for row in orders if _key("order", row) not in told]
        if not moves and not fresh:
            return Changes(frozenset(), frozenset(), cursor)
        codes = await self._places.codes({of(row["product_id"]) or 0 for row in moves})
        refs = await self._documents.refs_of_lines(
            [line for row in moves if (line := of(row["sale_line_id"]))]
        )
        named = {OrderId(row["client_order_ref"]) for row in fresh if row["client_order_ref"]}
        stamps = [moment(row["write_date"]) for row in (*moves, *fresh)]
        newest = max([self._overlap.moment(cursor, WHO), *stamps])
        return Changes(
            frozenset(codes.values()),
            frozenset(refs.values()) | named,
            self._overlap.give(newest, told | _keys(moves, fresh)),
        )

    async def _newest(self) -> datetime:
        newest = LONG_AGO
        for model in ("stock.move", "sale.order"):
            rows = await self._client.rows(model, [], ["write_date"], order="write_date desc", limit=1)
            newest = max([newest, *(moment(row["write_date"]) for row in rows)])
        return newest

    async def _rows(self, start: datetime) -> tuple[list[Row], list[Row]]:
        since: Domain = [["write_date", ">=", stamp(start - SECOND)]]
        moves = await self._client.rows(
            "stock.move", since, ["write_date", "product_id", "sale_line_id", "state", "product_uom_qty"]
        )
        mine: Domain = [*since, ["client_order_ref", "!=", False]]
        orders = await self._client.rows("sale.order", mine, ["write_date", "client_order_ref", "state"])
        return moves, orders


def _key(kind: str, row: Row) -> Key:
    return (kind, row["id"], row["write_date"], row["state"], row.get("product_uom_qty"))


def _keys(moves: list[Row], orders: list[Row]) -> frozenset[Key]:
    return frozenset([_key("move", row) for row in moves] + [_key("order", row) for row in orders])
