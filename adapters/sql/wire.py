"""Rows to values and documents to parameters. A row that does not say what it must is a wrong statement."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from sqlalchemy import RowMapping

from engine.model.entry import Entry
from engine.model.failure import Misset
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.money import Money
from engine.model.sale import Document, DocumentLine, DocumentStatus, Parcel, SalesDocument, SalesLine

Row = RowMapping | Mapping[str, Any]
Values = dict[str, Any]


def wrong(statement: str, what: str) -> Misset:
    """The failure for a statement that gives something unusable."""
    return Misset(
        f"The statement “{statement}” {what}.",
        "Correct [connections.back_office.statements] in the configuration.",
        code="sql.statements",
    )


def number(row: Row, column: str, statement: str) -> int:
    """A whole number; a fraction or nothing is refused rather than rounded."""
    value = row[column]
    try:
        whole = int(value)
        if Decimal(str(value)) != whole:
            raise ValueError(value)
    except (TypeError, ValueError, InvalidOperation) as error:
        raise wrong(statement, f"gives {value!r} as {column}, which is no whole number") from error
    return whole


def word(row: Row, column: str, statement: str) -> str:
    """A text that is there."""
    value = row[column]
    if value is None:
        raise wrong(statement, f"gives no {column} in some row")
    return str(value).strip()


def parcels(rows: Iterable[Row]) -> tuple[Parcel, ...]:
    """Parcels of one document: a row for each SKU in one, or one row where nobody says what is in it."""
    found: dict[str, Parcel] = {}
    for row in rows:
        number = word(row, "number", "parcels")
        skus = frozenset([Sku(str(row["sku"]))] if row["sku"] else [])
        if number in found:
            found[number] = replace(found[number], skus=found[number].skus | skus)
            continue
        place = WarehouseId(str(row["warehouse"])) if row["warehouse"] else None
        found[number] = Parcel(number, str(row["carrier"] or ""), str(row["url"] or ""), place, skus)
    return tuple(found.values())


def document(
    row: Row, lines: Iterable[DocumentLine], statement: str, boxes: tuple[Parcel, ...] = ()
) -> Document:
    """One document as read back."""
    status = word(row, "status", statement)
    try:
        known = DocumentStatus(status)
        total = Decimal(word(row, "total", statement))
    except (ValueError, InvalidOperation) as error:
        raise wrong(statement, f"gives status {status!r}, total {row['total']!r}") from error
    return Document(
        DocumentId(word(row, "id", statement)),
        OrderId(word(row, "ref", statement)),
        known,
        total,
        tuple(lines),
        boxes,
    )


def document_line(row: Row) -> DocumentLine:
    """Goods of one document at one warehouse."""
    name = "document_lines"
    return DocumentLine(
        sku=Sku(word(row, "sku", name)),
        warehouse=WarehouseId(word(row, "warehouse", name)),
        quantity=number(row, "quantity", name),
        shipped=number(row, "shipped", name),
        shipped_at=moment(row["shipped_at"], name),
        returned=number(row, "returned", name),
    )


def moment(value: object, statement: str) -> datetime | None:
    """A time from what databases call one: a timestamp, ISO text or epoch seconds; without a zone it is UTC."""
    if value is None:
        return None
    try:
        if isinstance(value, int | float | Decimal):
            return datetime.fromtimestamp(float(value), UTC)
        read = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError) as error:
        raise wrong(statement, f"gives {value!r} where a time belongs") from error
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _amount(name: str, amount: Decimal, currency: str) -> Values:
    """An amount as exact text and in minor units, the latter empty when it has a fraction of one."""
    try:
        minor: int | None = Money(amount, currency).minor()
    except ValueError:
        minor = None
    return {name: format(amount, "f"), f"{name}_minor": minor}


def _json(value: object) -> str:
    """What a statement may keep beside its columns, as JSON text; amounts are exact text."""
    return orjson.dumps(value, default=str).decode()


def order_values(sale: SalesDocument) -> Values:
    """Parameters of create_order."""
    return {
        "ref": sale.ref,
        "name": sale.name,
        "placed_at": sale.placed_at.astimezone(UTC).isoformat(),
        "currency": sale.currency,
        "taxes_included": sale.taxes_included,
        **_amount("total", sale.total, sale.currency),
        "presentment_currency": sale.presentment_currency,
        **_amount("presentment_total", sale.presentment_total, sale.presentment_currency),
        "customer": sale.customer,
        "email": sale.email,
        "address": "\n".join(sale.address),
        "note": sale.note,
        "subsidiary": sale.subsidiary,
        "details": _json(
            {
                "buyer": sale.buyer,
                "origin": sale.origin,
                "terms": sale.terms,
                "attributes": sale.attributes,
                "tags": sale.tags,
                "discounts": sale.discounts,
            }
        ),
    }


def line_values(sale: SalesDocument, line: SalesLine, position: int, document_id: str) -> Values:
    """Parameters of create_line."""
    total = (
        line.unit_price * line.quantity - line.discount + (Decimal(0) if sale.taxes_included else line.tax)
    )
    return {
        "document": document_id,
        "position": position,
        "key": line.key,
        "kind": line.kind.value,
        "sku": line.sku,
        "title": line.title,
        "quantity": line.quantity,
        **_amount("unit_price", line.unit_price, sale.currency),
        **_amount("discount", line.discount, sale.currency),
        **_amount("tax", line.tax, sale.currency),
        "taxes": json.dumps(
            [[title, format(amount, "f")] for title, amount in line.taxes], ensure_ascii=False
        ),
        **_amount("total", total, sale.currency),
        "tax_codes": json.dumps(
            [sale.tax_codes.get(title, "") for title, _ in line.taxes], ensure_ascii=False
        ),
        "carrier": line.carrier,
        "warehouse": line.warehouse,
        "details": _json(
            {
                "channel_tax": line.channel_tax,
                "attributes": line.attributes,
                "selling_plan": line.selling_plan,
                "bundle": line.bundle,
            }
        ),
    }


def entry_values(entry: Entry, document_id: str) -> Values:
    """Parameters of create_payment, create_credit or create_refund; each takes what it may."""
    return {
        "document": document_id,
        "key": entry.key,
        "kind": entry.transaction,
        "gateway": entry.gateway,
        "account": entry.account,
        "refund": entry.refund,
        "taxes_included": entry.taxes_included,
        "note": entry.note,
        **_amount("amount", entry.amount, entry.currency),
        "currency": entry.currency,
        **_amount("presentment", entry.presentment, entry.presentment_currency),
        "presentment_currency": entry.presentment_currency,
        "at": entry.at.astimezone(UTC).isoformat(),
    }


def credit_lines(entry: Entry, document_id: str) -> list[Values]:
    """Parameters of create_credit_line, one set per line."""
    return [
        {
            "document": document_id,
            "credit": entry.key,
            "position": position,
            "line": line.key,
            "sku": line.sku,
            "title": line.title,
            "quantity": line.quantity,
            **_amount("amount", line.amount, entry.currency),
            **_amount("tax", line.tax, entry.currency),
        }
        for position, line in enumerate(entry.lines, 1)
    ]


def money(row: Row, column: str, statement: str) -> Decimal:
    """An exact amount; one that is a binary fraction or nothing is refused rather than rounded."""
    value = row[column]
    try:
        if isinstance(value, float):
            raise ValueError(value)
        return Decimal(str(value))
    except (ValueError, InvalidOperation) as error:
        raise wrong(statement, f"gives {value!r} as {column}, which is no exact amount") from error


def payment_values(sale: SalesDocument, document_id: str) -> list[Values]:
    """Parameters of create_payment, one set per payment."""
    return [
        {
            "document": document_id,
            "key": payment.key,
            "kind": payment.kind,
            "gateway": payment.gateway,
            "account": payment.account,
            **_amount("amount", payment.amount, sale.currency),
        }
        for payment in sale.payments
    ]
