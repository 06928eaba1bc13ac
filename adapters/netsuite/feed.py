"""What moved since a cursor: items and orders of every transaction changed since, and of availability recalculated.

`lastquantityavailablechange` has the granularity of a day in some accounts and follows only what is available, so it
is asked for the whole day of the cursor and told once; transactions are stamped to the second in the account's zone,
and the cursor stays in that zone.
"""

from datetime import UTC, datetime, timedelta

from adapters.external_ids import ExternalIds
from adapters.netsuite.client import NetSuiteClient, Row, text, texts
from adapters.netsuite.documents import STAMP
from adapters.netsuite.names import Names
from adapters.netsuite.trouble import WHO
from adapters.overlap import Key, Overlap
from engine.model.ids import OrderId
from engine.ports import Changes

LONGEST_TRANSACTION = 60.0
"""Seconds between the stamp on a record and the moment a query can see it."""
CHUNK = 200
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
TRANSACTIONS = (
    "SELECT id, type, status, externalid, TO_CHAR(lastmodifieddate, '{stamp}') AS at FROM transaction "
    "WHERE lastmodifieddate >= TO_DATE({since}, '{stamp}') AND id > {last} ORDER BY id FETCH FIRST 1000 ROWS ONLY"
)
SHELVES = (
    "SELECT item, location, quantityavailable, TO_CHAR(lastquantityavailablechange, '{stamp}') AS at "
    "FROM aggregateitemlocation WHERE lastquantityavailablechange >= TO_DATE({since}, '{stamp}') "
    "AND item > {last} ORDER BY item, location FETCH FIRST 1000 ROWS ONLY"
)


class Feed:
    """Polls modification dates."""

    def __init__(
        self, client: NetSuiteClient, names: Names, ids: ExternalIds, *, overlap: float = LONGEST_TRANSACTION
    ) -> None:
        self._client, self._names, self._ids = client, names, ids
        self._overlap = Overlap(overlap)

    async def since(self, cursor: str | None) -> Changes:
        """See `engine.ports.BackOffice.changes`."""
        if cursor is None:
            newest = await self._newest()
            seen = await self._rows(newest - timedelta(seconds=LONGEST_TRANSACTION))
            return Changes(frozenset(), frozenset(), self._overlap.give(newest, frozenset(seen)))
        rows = await self._rows(self._overlap.since(cursor, WHO))
        told = self._overlap.told(cursor)
        fresh = {key: row for key, row in rows.items() if key not in told}
        if not fresh:
            return Changes(frozenset(), frozenset(), cursor)
        items = {row["item"] for row in fresh.values() if "item" in row}
        refs = {ref for row in fresh.values() if (ref := self._ids.ref(row.get("externalid", "")))}
        moved = [row["id"] for row in fresh.values() if "id" in row]
        for start in range(0, len(moved), CHUNK):
            part = texts(moved[start : start + CHUNK])
            items |= await self._items_of(part)
            refs |= await self._orders_of(part)
        skus = await self._names.skus(items)
        newest = max([self._overlap.moment(cursor, WHO), *(_moment(row["at"]) for row in fresh.values())])
        return Changes(frozenset(skus.values()), frozenset(refs), self._overlap.give(newest, frozenset(rows)))

    async def _newest(self) -> datetime:
        rows = await self._client.query(
            "SELECT MAX(TO_CHAR(lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS')) AS at FROM transaction"
        )
        return _moment(rows[0]["at"]) if rows and rows[0].get("at") else LONG_AGO

    async def _rows(self, since: datetime) -> dict[Key, Row]:
        found: dict[Key, Row] = {}
        for kind, question, key in (("transaction", TRANSACTIONS, "id"), ("shelf", SHELVES, "item")):
            last = 0
            asked = text(
                (since.replace(hour=0, minute=0, second=0) if kind == "shelf" else since).strftime(
                    "%Y-%m-%d %H:%M:%S"
                )
            )
            while True:
                rows = await self._client.query(question.format(stamp=STAMP, since=asked, last=last))
                for row in rows:
                    what = (row.get("status"), row.get("quantityavailable"), row.get("location"))
                    found[kind, row[key], row["at"], *what] = row
                if len(rows) < 1000:
                    break
                last = int(rows[-1][key]) - (1 if kind == "shelf" else 0)
        return found

    async def _items_of(self, transactions: str) -> set[str]:
        rows = await self._client.query(
            f"SELECT DISTINCT item FROM transactionline WHERE transaction IN {transactions} "  # noqa: S608
            "AND mainline = 'F' AND taxline = 'F'"
        )
        return {row["item"] for row in rows if "item" in row}

    async def _orders_of(self, transactions: str) -> set[OrderId]:
        """Our orders behind fulfilments and receipts."""
        rows = await self._client.query(
            "SELECT DISTINCT t.externalid FROM PreviousTransactionLineLink l JOIN transaction t ON t.id = l.previousdoc "  # noqa: S608
            f"WHERE l.nextdoc IN {transactions} AND t.type = 'SalesOrd'"
        )
        return {ref for row in rows if (ref := self._ids.ref(row.get("externalid", "")))}


def _moment(at: str) -> datetime:
    """A stamp of the account's own zone; only compared with others of it, so the zone we name does not matter."""
    return datetime.fromisoformat(at).replace(tzinfo=UTC)
