"""Made-up records that wait for a person."""

from dataclasses import asdict, replace
from decimal import Decimal

from console.canned_time import before
from engine.desk import CauseRow, FailedRow
from engine.model.ids import WorkId


def failed_rows() -> tuple[FailedRow, ...]:
    """Records that failed in the ways records fail."""
    key = (
        "The back office refused our key (401).",
        "Renew the key, then retry: trueup check tells whether it works.",
    )
    sku = ("Nobody knows SKU ZZ-9 in the back office.", "Create the product there or map it, then retry.")
    late = (
        "The back office did not answer after the order was sent.",
        "Look there for the order before trying again.",
    )
    dead, held, unsure = "dead_lettered", "held", "uncertain"
    return (
        FailedRow(WorkId(48812), "shop-eu", "stock", "AB-001204", dead, *key, "erp.unauthorised", 7, before(2), before(1)),
        FailedRow(WorkId(48810), "shop-eu", "stock", "CX-000881", dead, *key, "erp.unauthorised", 6, before(20), before(4)),
        FailedRow(WorkId(48790), "shop-eu", "order", "#10442", held, *sku, "sku.unmapped", 3, before(209), before(60)),
        FailedRow(WorkId(48771), "shop-uk", "order", "#10398", unsure, *late, "erp.timeout", 1, before(351), before(351)),
        FailedRow(WorkId(48702), "shop-uk", "order", "#10377", held, *sku, "sku.unmapped", 2, before(90_000), before(9_000)),
    )  # fmt: skip


def fields_of(row: FailedRow) -> dict[str, object]:
    """What a filter may name."""
    known = asdict(row)
    return {**known, "record": row.ref, "tag": row.tags, "first": row.first_at, "last": row.last_at}


def noted(row: FailedRow, verb: str, value: str) -> FailedRow:
    """The record after somebody noted something on it."""
    match verb:
        case "assign":
            return replace(row, assignee=value)
        case "tag":
            return replace(row, tags=value)
        case "park":
            return replace(row, parked=value)
        case "unpark":
            return replace(row, parked="")
        case _:
            return row


def causes(rows: tuple[FailedRow, ...]) -> tuple[CauseRow, ...]:
    """The records by kind and code, most records first."""
    groups: dict[tuple[str, str], list[FailedRow]] = {}
    for row in rows:
        groups.setdefault((row.kind, row.code), []).append(row)
    found = []
    for (kind, code), mine in groups.items():
        orders = len(mine) if kind == "order" else 0
        held = (("EUR", Decimal("120.50") * orders),) if orders else ()
        first, last = min(row.first_at for row in mine), max(row.last_at for row in mine)
        found.append(CauseRow(
            kind, code, mine[0].cause, mine[0].remedy, len(mine), orders, 3 * orders, held, first, last
        ))  # fmt: skip
    return tuple(sorted(found, key=lambda cause: -cause.records))
