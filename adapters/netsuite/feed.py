"""What moved since a cursor: items and orders of every transaction changed since, and of availability recalculated.

`lastquantityavailablechange` has the granularity of a day in some accounts and follows only what is available, so it
is asked for the whole day of the cursor and told once; transactions are stamped to the second in the account's zone,
and the cursor stays in that zone.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from adapters.external_ids import ExternalIds
from adapters.moments import LONG_AGO
from adapters.netsuite.client import NetSuiteClient, Row, text, texts
from adapters.netsuite.documents import STAMP
from adapters.netsuite.names import Names
from adapters.netsuite.trouble import WHO
from adapters.overlap import Key, Overlap
from engine.model.ids import OrderId, Sku
from engine.ports import Changes

LONGEST_TRANSACTION = 60.0
"""Seconds between the stamp on a record and the moment a query can see it."""
CHUNK = 200
MOVED = (
    "SELECT 'transaction' AS kind, id, type, status, externalid, 0 AS item, 0 AS location, 0 AS quantityavailable, "
    "TO_CHAR(lastmodifieddate, '{stamp}') AS at FROM transaction "
    "WHERE lastmodifieddate >= TO_DATE({since}, '{stamp}') "
    "UNION ALL SELECT 'shelf', 0, '', '', '', item, location, quantityavailable, "
    "TO_CHAR(lastquantityavailablechange, '{stamp}') "
    "FROM aggregateitemlocation WHERE lastquantityavailablechange >= TO_DATE({day}, '{stamp}')"
)
"""Both kinds in one call, where they fit one page; the others ask by key."""
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
        items = {row["item"] for kind, row in _kinds(fresh) if kind == "shelf"}
        refs = {ref for row in fresh.values() if (ref := self._ids.ref(row.get("externalid", "")))}
        moved = [row["id"] for kind, row in _kinds(fresh) if kind == "transaction"]
        skus = set[Sku]()
        for start in range(0, len(moved), CHUNK):
            named, ours = await self._behind(texts(moved[start : start + CHUNK]))
            skus |= named
            refs |= ours
        skus |= set((await self._names.skus(items)).values())
        newest = max([self._overlap.moment(cursor, WHO), *(_moment(row["at"]) for row in fresh.values())])
        return Changes(frozenset(skus), frozenset(refs), self._overlap.give(newest, frozenset(rows)))

    async def _newest(self) -> datetime:
        rows = await self._client.query(
            "SELECT MAX(TO_CHAR(lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS')) AS at FROM transaction"
        )
        return _moment(rows[0]["at"]) if rows and rows[0].get("at") else LONG_AGO

    async def _rows(self, since: datetime) -> dict[Key, Row]:
        day = since.replace(hour=0, minute=0, second=0)
        question = MOVED.format(stamp=STAMP, since=_said(since), day=_said(day))
        rows, more = await self._client.page(question)
        if not more:
            return {_key(row["kind"], row): row for row in rows}
        return await self._by_key("transaction", TRANSACTIONS, "id", since) | await self._by_key(
            "shelf", SHELVES, "item", day
        )

    async def _by_key(self, kind: str, question: str, key: str, since: datetime) -> dict[Key, Row]:
        """All of one kind, page by page."""
        found: dict[Key, Row] = {}
        last = 0
        while True:
            rows = await self._client.query(question.format(stamp=STAMP, since=_said(since), last=last))
            found |= {_key(kind, row): row for row in rows}
            if len(rows) < 1000:
                return found
            last = int(rows[-1][key]) - (1 if kind == "shelf" else 0)

    async def _behind(self, transactions: str) -> tuple[set[Sku], set[OrderId]]:
        """The articles of transactions, and our orders behind fulfilments and receipts, in one call."""
        rows = await self._client.query(
            "SELECT DISTINCT 'item' AS kind, i.id AS item, i.itemid, i.itemtype, '' AS ref "  # noqa: S608  SuiteQL over REST takes no parameters; ids of theirs, as `texts` writes them
            "FROM transactionline tl JOIN item i ON i.id = tl.item "
            f"WHERE tl.transaction IN {transactions} AND tl.mainline = 'F' AND tl.taxline = 'F' "
            "UNION ALL SELECT DISTINCT 'sale', 0, '', '', t.externalid "
            "FROM PreviousTransactionLineLink l JOIN transaction t ON t.id = l.previousdoc "
            f"WHERE l.nextdoc IN {transactions} AND t.type = 'SalesOrd'"
        )
        for row in rows:
            if row["kind"] == "item":
                self._names.met(row["item"], row["itemid"], row["itemtype"])
        named = {Sku(row["itemid"].strip()) for row in rows if row["kind"] == "item"}
        return named, {ref for row in rows if (ref := self._ids.ref(row.get("ref", "")))}


def _kinds(rows: Mapping[Key, Row]) -> Iterator[tuple[object, Row]]:
    return ((key[0], row) for key, row in rows.items())


def _key(kind: str, row: Row) -> Key:
    """What tells a row from what it said before: shelves have neither id nor status, transactions no figure."""
    if kind == "shelf":
        return kind, row["item"], row["at"], None, row.get("quantityavailable"), row.get("location")
    return kind, row["id"], row["at"], row.get("status"), None, None


def _said(at: datetime) -> str:
    return text(at.strftime("%Y-%m-%d %H:%M:%S"))


def _moment(at: str) -> datetime:
    """A stamp of the account's own zone; only compared with others of it, so the zone we name does not matter."""
    return datetime.fromisoformat(at).replace(tzinfo=UTC)
