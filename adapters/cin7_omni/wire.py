"""Orders and credit notes as Omni tells them, in our shapes.

An order has one branch. What of it has left is the `qtyShipped` of its lines, which its date of dispatch fills; it can
only be dispatched whole. A voided order stays voided.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from adapters.cin7_omni.client import Row, moment
from adapters.parted import Line, Part, Shelf
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import Parcel

GOODS, CHARGE = "goods", "charge"
"""What stands as integrationRef on the lines that TrueUp makes."""
VOID, APPROVED, DRAFT = "VOID", "APPROVED", "DRAFT"
MONEY = "mn-"
"""What the reference of a credit note of money alone begins with: it puts nothing back into stock."""


def reference(external_id: str, number: int) -> str:
    """The reference of a part of a document: unique in Omni, and the same whoever makes it."""
    return external_id if number == 1 else f"{external_id}-{number}"


def number_of(external_id: str, said: str) -> int:
    """Which part of the document an order is; 0 for an order that TrueUp did not make."""
    if said == external_id:
        return 1
    found = re.fullmatch(re.escape(external_id) + r"-(\d+)", said)
    return int(found[1]) if found is not None and int(found[1]) > 1 else 0


def part_of(row: Row, ref: OrderId, external_id: str, is_charge: Callable[[str], bool]) -> Part:
    """An order as a part of its document."""
    place = row.get("branchId")
    lines = tuple(_line(line, is_charge) for line in row.get("lineItems") or ())
    return Part(
        number=number_of(external_id, str(row.get("reference") or "")),
        id=str(row["id"]),
        ref=ref,
        place=WarehouseId(str(place)) if place else None,
        cancelled=bool(row.get("isVoid")) or str(row.get("status") or "").upper() == VOID,
        total=Decimal(str(row.get("total") or 0)),
        currency=str(row.get("currencyCode") or ""),
        lines=lines,
        text=row.get("internalComments") or "",
        left_at=moment(row.get("dispatchedDate")),
        locked=bool(row.get("dispatchedDate")),
        parcels=_parcels(row, [line for line in lines if line.shipped]),
    )


def _parcels(row: Row, sent: Sequence[Line]) -> tuple[Parcel, ...]:
    """An order is dispatched whole, in one parcel or several whose codes stand in one field."""
    codes = [code for code in re.split(r"[\s,;]+", str(row.get("trackingCode") or "")) if code]
    if not sent or not row.get("branchId"):
        return ()
    carrier, place = str(row.get("logisticsCarrier") or ""), WarehouseId(str(row["branchId"]))
    skus = frozenset(line.sku for line in sent if line.sku is not None)
    return tuple(Parcel(code, carrier, "", place, skus) for code in codes)


def _line(line: Row, is_charge: Callable[[str], bool]) -> Line:
    code = str(line["code"])
    mark = line.get("integrationRef") or ""
    goods = mark == GOODS or (mark != CHARGE and not is_charge(code))
    return Line(
        id=str(line["id"]),
        item=code,
        sku=Sku(code) if goods else None,
        units=int(Decimal(str(line["qty"]))),
        price=Decimal(str(line["unitPrice"])),
        text=line.get("lineComments") or "",
        shipped=int(Decimal(str(line.get("qtyShipped") or 0))) if goods else 0,
    )


def returned_in(rows: Sequence[Row]) -> dict[Shelf, int]:
    """Units that approved credit notes put back into stock: their quantities are negative."""
    found: dict[Shelf, int] = {}
    for row in rows:
        money = str(row.get("reference") or "").startswith(MONEY)
        if not money and str(row.get("status") or "").upper() == APPROVED and not row.get("isVoid"):
            for line in row.get("lineItems") or ():
                units = -int(Decimal(str(line["qty"])))
                shelf = (Sku(str(line["code"])), WarehouseId(str(row["branchId"])))
                if units > 0:
                    found[shelf] = found.get(shelf, 0) + units
    return found


def credited(row: Row) -> Decimal:
    """What a credit note gives back: its quantities are negative."""
    lines = row.get("lineItems") or ()
    return sum((-Decimal(str(line["qty"])) * Decimal(str(line["unitPrice"])) for line in lines), Decimal(0))
