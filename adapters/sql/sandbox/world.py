"""The staff of the sandbox: what people in the ERP do all day, as plain SQL against the same tables."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from adapters.sql.sandbox.statements import MARKET_FIELDS, PRODUCT_FIELDS

Json = dict[str, Any]


class NotPossible(Exception):
    """The ERP says no: too little stock, or a document in another state."""


class World:
    """Acts on the sandbox's database; every verb is one transaction."""

    def __init__(self, writes: Engine, reads: Engine, *, transit_seconds: float) -> None:
        self._writes = writes
        self._reads = reads
        self._transit_seconds = transit_seconds

    def fill(
        self,
        products: Sequence[tuple[str, str]],
        warehouses: Sequence[str],
        stock: Mapping[tuple[str, str], int],
    ) -> None:
        """Products, warehouses and the stock they begin with; no change is logged for these."""
        with self._writes.begin() as tx:
            _many(tx, "INSERT INTO product (sku, title) VALUES (:a, :b)", products)
            _many(tx, "INSERT INTO article (sku, title) VALUES (:a, :b)", products)
            _many(
                tx,
                "INSERT INTO warehouse (code, name) VALUES (:a, :b)",
                [(w, f"Warehouse {w}") for w in warehouses],
            )
            shelves = [(sku, warehouse, units) for (sku, warehouse), units in stock.items()]
            _many(tx, "INSERT INTO shelf (sku, warehouse, on_hand) VALUES (:a, :b, :c)", shelves)

    def sale(self, sku: str, warehouse: str, quantity: int) -> Json:
        """A counter sale: takes only what is free, reserves it, ships later."""
        with self._writes.begin() as tx:
            free = tx.execute(
                text("SELECT on_hand - reserved FROM shelf WHERE sku = :sku AND warehouse = :warehouse"),
                {"sku": sku, "warehouse": warehouse},
            ).scalar()
            if quantity < 1 or (free or 0) < quantity:
                raise NotPossible(f"only {free or 0} free")
            made = tx.execute(
                text(
                    "INSERT INTO sales_order (name, total, total_minor) VALUES ('counter', '0', 0) RETURNING id"
                )
            ).scalar_one()
            tx.execute(
                text(
                    "INSERT INTO sales_line (document, position, line_key, kind, sku, title, quantity,"
                    " unit_price_minor, discount_minor, tax_minor, warehouse)"
                    " VALUES (:document, 1, '1', 'goods', :sku, '', :quantity, 0, 0, 0, :warehouse)"
                ),
                {"document": made, "sku": sku, "quantity": quantity, "warehouse": warehouse},
            )
            tx.execute(text("UPDATE sales_order SET status = 'open' WHERE id = :id"), {"id": made})
            return {"document": str(made)}

    def parcel(self, document: str, number: str, carrier: str, warehouse: str | None) -> Json:
        """A carrier takes a parcel of a document: its number is written down, and the change is told."""
        with self._writes.begin() as tx:
            made = _find(tx, document)
            told = {"document": made, "number": number, "carrier": carrier, "warehouse": warehouse}
            tx.execute(
                text(
                    "INSERT INTO parcel (document, number, carrier, warehouse)"
                    " VALUES (:document, :number, :carrier, :warehouse)"
                ),
                told,
            )
            tx.execute(
                text(
                    "INSERT INTO movement (kind, delta, on_hand_delta, document, ref)"
                    " SELECT 'parcel', 0, 0, id, ext_ref FROM sales_order WHERE id = :document"
                ),
                told,
            )
        return {}

    def enter(self, sku: str, warehouse: str, kind: str, units: int) -> Json:
        """Goods received, counted or lost."""
        with self._writes.begin() as tx:
            _enter(tx, sku, warehouse, kind, units)
        return {}

    def article(self, sku: str, facts: Mapping[str, Any]) -> Json:
        """Keep the facts of an article; with another `sku` among them it is renamed, and its goods with it."""
        known = {*PRODUCT_FIELDS, *(name.replace("@", "_") for name in MARKET_FIELDS)}
        unknown = set(facts) - {*known, "title", "discontinued", "sku", "variant_of", "options"}
        if unknown or not facts:
            raise NotPossible(f"an article has no {sorted(unknown)}")
        plain = {name: int(value) if isinstance(value, bool) else value for name, value in facts.items()}
        renamed, values = facts.get("sku", sku), {"old": sku, **plain}
        columns = ", ".join(f"{name} = :{name}" for name in facts)
        with self._writes.begin() as tx:
            if renamed != sku:
                made = "INSERT INTO product (sku, title) SELECT :sku, title FROM product WHERE sku = :old"
                tx.execute(text(made), values)
                tx.execute(text("UPDATE shelf SET sku = :sku WHERE sku = :old"), values)
                tx.execute(text("UPDATE product SET stocked = 0 WHERE sku = :old"), values)
            changed = text(f"UPDATE article SET {columns} WHERE sku = :old")  # noqa: S608  names of our own columns
            if not tx.execute(changed, values).rowcount:
                raise NotPossible(f"no article {sku}")
        return {}

    def priced(self, prices: Mapping[str, str]) -> Json:
        """A new price list, entered in one go."""
        with self._writes.begin() as tx:
            rows = [{"sku": sku, "price": price} for sku, price in prices.items()]
            tx.execute(text("UPDATE article SET price = :price WHERE sku = :sku"), rows)
        return {"prices": len(prices)}

    def stocked(self, sku: str, yes: bool) -> Json:
        """Take a product into the catalogue of stocked goods, or out of it."""
        change = text("UPDATE product SET stocked = :yes WHERE sku = :sku")
        with self._writes.begin() as tx:
            if not tx.execute(change, {"yes": int(yes), "sku": sku}).rowcount:
                raise NotPossible(f"no product {sku}")
        return {}

    def switched(self, warehouse: str, on: bool) -> Json:
        """Open a warehouse, or close it with what is in it."""
        change = text("UPDATE warehouse SET active = :yes WHERE code = :code")
        with self._writes.begin() as tx:
            if not tx.execute(change, {"yes": int(on), "code": warehouse}).rowcount:
                raise NotPossible(f"no warehouse {warehouse}")
        return {}

    def transfer(self, sku: str, origin: str, warehouse: str, quantity: int) -> Json:
        """Free goods leave one warehouse now and reach the other after a while."""
        with self._writes.begin() as tx:
            free = tx.execute(
                text("SELECT on_hand - reserved FROM shelf WHERE sku = :sku AND warehouse = :warehouse"),
                {"sku": sku, "warehouse": origin},
            ).scalar()
            known = tx.execute(
                text("SELECT 1 FROM warehouse WHERE code = :code"), {"code": warehouse}
            ).scalar()
            if quantity < 1 or (free or 0) < quantity or not known or origin == warehouse:
                raise NotPossible(f"only {free or 0} free, or no such warehouse")
            _enter(tx, sku, origin, "transfer_out", -quantity)
            tx.execute(
                text(
                    "INSERT INTO transit (sku, origin, warehouse, units, due_at)"
                    " VALUES (:sku, :origin, :warehouse, :units, :due)"
                ),
                {
                    "sku": sku,
                    "origin": origin,
                    "warehouse": warehouse,
                    "units": quantity,
                    "due": time.time() + self._transit_seconds,
                },
            )
        return {}

    def transfer_in(self, *, everything: bool) -> Json:
        """Goods under way arrive: those that are due, or all."""
        due = "SELECT id, sku, warehouse, units FROM transit WHERE arrived = 0 AND due_at <= :now"
        values = {"now": 1e18 if everything else time.time()}
        with self._reads.connect() as tx:
            if tx.execute(text(due), values).first() is None:
                return {"arrived": 0}
        with self._writes.begin() as tx:
            rows = tx.execute(text(due), values).all()
            for row in rows:
                _enter(tx, row.sku, row.warehouse, "transfer_in", row.units)
                tx.execute(text("UPDATE transit SET arrived = 1 WHERE id = :id"), {"id": row.id})
        return {"arrived": len(rows)}

    def ship(self, document: str) -> Json:
        """Ship all that is left of one document, named by its id or its external reference."""
        with self._writes.begin() as tx:
            found = _find(tx, document)
            if not _ship(tx, found):
                raise NotPossible(f"document {document} has nothing to ship")
            return {"document": str(found)}

    def ship_any(self, limit: int) -> Json:
        """Ship the oldest open documents whose goods are all there."""
        with self._writes.begin() as tx:
            ready = tx.execute(
                text(
                    "SELECT id, ext_ref FROM sales_order WHERE status = 'open'"
                    " AND EXISTS (SELECT 1 FROM allotment WHERE document = sales_order.id)"
                    " AND NOT EXISTS (SELECT 1 FROM allotment AS a JOIN shelf AS s"
                    " ON s.sku = a.sku AND s.warehouse = a.warehouse"
                    " WHERE a.document = sales_order.id AND s.on_hand < a.quantity - a.shipped)"
                    " ORDER BY id LIMIT :limit"
                ),
                {"limit": limit},
            ).all()
            shipped = []
            for row in ready:
                enough = tx.execute(
                    text(
                        "SELECT 1 FROM allotment AS a JOIN shelf AS s ON s.sku = a.sku AND s.warehouse = a.warehouse"
                        " WHERE a.document = :id AND s.on_hand < a.quantity - a.shipped"
                    ),
                    {"id": row.id},
                ).first()
                if enough is None and _ship(tx, row.id):
                    shipped.append({"document": str(row.id), "ref": row.ext_ref})
        return {"shipped": shipped}

    def cancel(self, document: str) -> Json:
        """Cancel a document nothing of which has left."""
        with self._writes.begin() as tx:
            found = _find(tx, document)
            tx.execute(text("UPDATE sales_order SET status = 'cancelled' WHERE id = :id"), {"id": found})
            return {"document": str(found)}

    def double(self, document: str) -> Json:
        """Enter a document once more with the same reference, as far as the schema allows that."""
        copied = "name, placed_at, currency, taxes_included, total, total_minor"
        statement = (
            f"INSERT INTO sales_order (ext_ref, {copied}, status)"  # noqa: S608  names of our own columns
            f" SELECT ext_ref, {copied}, 'open' FROM sales_order WHERE id = :id RETURNING id"
        )
        try:
            with self._writes.begin() as tx:
                made = tx.execute(text(statement), {"id": _find(tx, document)}).scalar_one()
        except IntegrityError as no:
            raise NotPossible(str(no.orig)) from no
        return {"document": str(made)}

    def state(self) -> Json:
        """The whole truth, read in one snapshot."""
        with self._reads.connect() as tx:
            lines: dict[int, list[Json]] = defaultdict(list)
            for row in tx.execute(
                text(
                    "SELECT document, sku, warehouse, quantity, shipped, shipped_at, returned FROM allotment"
                )
            ).mappings():
                line = dict(row)
                lines[line.pop("document")].append(line)
            documents: list[Json] = []
            sales: list[Json] = []
            for row in tx.execute(
                text(
                    "SELECT id, ext_ref AS ref, name, status, total, currency, created_at FROM sales_order ORDER BY id"
                )
            ).mappings():
                goods = lines[row["id"]]
                one = dict(row) | {"id": str(row["id"]), "lines": goods}
                if one["ref"] is not None:
                    documents.append(one)
                else:
                    sales.append(one | goods[0] | {"at": one["created_at"]})
            return {
                "shelves": _all(tx, "SELECT sku, warehouse, on_hand, reserved FROM shelf"),
                "documents": documents,
                "erp_sales": sales,
                "in_transit": _all(tx, "SELECT sku, origin, warehouse, units FROM transit WHERE arrived = 0"),
                "events": _all(
                    tx,
                    "SELECT sequence, at, sku, warehouse, kind, delta, on_hand_delta, ref"
                    " FROM movement WHERE sku IS NOT NULL ORDER BY sequence",
                ),
                "payments": _all(
                    tx,
                    "SELECT payment_key AS key, kind, gateway, CAST(document AS TEXT) AS document, amount FROM payment ORDER BY id",
                ),
                "credits": _all(
                    tx,
                    "SELECT credit_key AS key, CAST(document AS TEXT) AS document, amount FROM credit_memo ORDER BY id",
                ),
                "refunds": _all(
                    tx,
                    "SELECT refund_key AS key, gateway, CAST(document AS TEXT) AS document, amount FROM refund ORDER BY id",
                ),
                "refusals": _all(tx, "SELECT ref, message FROM refusal ORDER BY id"),
            }


def _all(tx: Connection, statement: str) -> list[Json]:
    return [dict(row) for row in tx.execute(text(statement)).mappings()]


def _many(tx: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        tx.execute(text(statement), [dict(zip("abc", row, strict=False)) for row in rows])


def _enter(tx: Connection, sku: str, warehouse: str, kind: str, units: int) -> None:
    tx.execute(
        text(
            "INSERT INTO stock_entry (sku, warehouse, kind, units) VALUES (:sku, :warehouse, :kind, :units)"
        ),
        {"sku": sku, "warehouse": warehouse, "kind": kind, "units": units},
    )


def _find(tx: Connection, document: str) -> int:
    by = "id = :name" if document.isdigit() else "ext_ref = :name"
    found = tx.execute(text(f"SELECT id FROM sales_order WHERE {by}"), {"name": document}).scalar()  # noqa: S608 one of two conditions of ours
    if found is None:
        raise NotPossible(f"no document {document}")
    return int(found)


def _ship(tx: Connection, document: int) -> int:
    rows = tx.execute(
        text(
            "SELECT sku, warehouse, quantity - shipped AS units FROM allotment"
            " WHERE document = :document AND quantity > shipped"
        ),
        {"document": document},
    ).all()
    for row in rows:
        tx.execute(
            text(
                "INSERT INTO shipment (document, sku, warehouse, units) VALUES (:document, :sku, :warehouse, :units)"
            ),
            {"document": document, "sku": row.sku, "warehouse": row.warehouse, "units": row.units},
        )
    return len(rows)
