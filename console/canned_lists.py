"""Made-up orders, ledger lines, gaps and sync figures."""

from dataclasses import fields
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from console.canned_time import NOW, before
from engine.desk import (
    ConflictRow,
    GapRow,
    Look,
    OrderDetail,
    OrderLineRow,
    Page,
    SyncPage,
    TimelineRow,
    TrailRow,
)
from engine.desk.orders import BookedLine, OrderUnits, SentLine, SentPayment
from engine.desk.sync import LaneRow, StepRow, SyncRow, TopicRow
from engine.model.ids import WorkId
from engine.model.wish import fits, parse

R = TypeVar("R")
NAMES = ("Berlin", "Lyon", "Porto", "Leeds", "Turin", "Gdansk", "Malmo", "Ghent", "Graz", "Cork")
PLACES = {f"gid://shopify/Location/{number}": name for number, name in enumerate(NAMES)}
"""Locations of the made-up shop by id."""


def paged(rows: tuple[R, ...], look: Look) -> Page[R]:
    """The part of these rows that was asked for."""
    known: list[tuple[dict[str, Any], R]] = [(_fields(row), row) for row in rows]
    terms = parse(look.filter, known[0][0] if known else ())
    found = [(of, row) for of, row in known if fits(terms, of, NOW)]
    if look.sort and found and look.sort in found[0][0]:
        found.sort(
            key=lambda each: (each[0][look.sort] is not None, each[0][look.sort]), reverse=look.descending
        )
    elif not look.descending:
        found.reverse()
    part = tuple(row for _, row in found[look.offset : look.offset + look.limit])
    return Page(NOW, len(found), look.offset, part)


def _fields(row: Any) -> dict[str, Any]:
    known = {field.name: getattr(row, field.name) for field in fields(row)}
    if isinstance(row, OrderLineRow):
        known |= {"order": row.name, "left": row.shipped, "sku": ""}
    return known


def conflicts() -> tuple[ConflictRow, ...]:
    """A rise and two falls."""
    at = tuple(PLACES.items())
    return (
        ConflictRow("shop-eu", "CT-000003", "Eco Oak Filter", *at[0], "rise", 2, before(4_000), 9),
        ConflictRow("shop-eu", "KP-000006", "Gloss Pearl Lamp", *at[0], "fall", 1, before(600), 20),
        ConflictRow("shop-eu", "HW-000004", "Hard Navy Blanket", *at[1], "fall", 4, before(45), 3),
    )


@cache
def orders() -> tuple[OrderLineRow, ...]:
    """Orders in the states orders are in."""
    states = (
        ("open", "S-1203", "open", ""),
        ("held", "", "", "Nobody knows SKU ZZ-9 in the back office."),
        ("settled", "S-1201", "shipped", ""),
        ("uncertain", "", "", "The back office did not answer after the order was sent."),
        ("settled", "S-1199", "shipped", ""),
        ("cancelled", "S-1198", "cancelled", ""),
    )
    found = []
    for at in range(240):
        state, document, status, cause = states[at % len(states)]
        total = Decimal(1290 + at * 731 % 20_000) / 100
        found.append(OrderLineRow(
            "shop-eu" if at % 3 else "shop-uk", f"gid://shopify/Order/{10_443 - at}", f"#{10_443 - at}", state, total,
            "EUR" if at % 3 else "GBP", before(20 + at * 61), before(5 + at * 60), 1 + at % 4,
            1 + at % 4 if status == "shipped" else 0, document, status, cause,
        ))  # fmt: skip
    return tuple(found)


def order_detail(row: OrderLineRow) -> OrderDetail:
    """An order of two articles and a parcel, exact to the cent."""
    total = row.total or Decimal(0)
    goods = total - Decimal("5.90")
    sent = bool(row.document)
    lines = (
        SentLine("goods", "CT-000003", "Eco Oak Filter 11cm", 2, goods / 2 + 1, Decimal("2.00"), Decimal("1.99"), goods),
        SentLine("shipping", "", "Standard", 1, Decimal("5.90"), Decimal(0), Decimal("0.94"), Decimal("5.90")),
    )  # fmt: skip
    return OrderDetail(
        row,
        WorkId(48790) if row.state == "held" else None,
        (OrderUnits("CT-000003", "Berlin", row.units - row.shipped, row.shipped, 0),),
        (BookedLine("CT-000003", "WH1", row.units, row.shipped, 0),) if sent else (),
        lines if sent else (),
        (SentPayment("SALE", "shopify_payments", total),) if sent else (),
        total if sent else None,
        (
            TimelineRow(before(64), "engine", "seen", f"{row.name} open"),
            TimelineRow(before(63), "engine", "intended", "create in the back office"),
            TimelineRow(
                before(62),
                "engine",
                (row.cause and "held") or "document",
                row.cause or f"{row.document} open",
            ),
        ),
    )


def sync_page() -> SyncPage:
    """One connection in step, one whose back office refuses the key."""

    def steps(name: str, bad: bool) -> tuple[StepRow, ...]:
        late = before(561) if bad else None
        return (
            StepRow(name, "shop", "OK", before(2), 0, None, 0, ""),
            StepRow(name, "back office", "FAIL" if bad else "OK", before(561 if bad else 3), 0, None, 0,
                    "401: key expired, flow paused until settings change" if bad else ""),
            StepRow(name, "webhooks in", "OK", before(1), 2, before(1), 38, ""),
            StepRow(name, "orders listed", "OK", before(9), 0, None, 0, "read up to 2026-11-23T12:04:22+00:00"),
            StepRow(name, "changes polled", "OK", before(31), 0, None, 0, "read up to 81203"),
            StepRow(name, "all compared", "OK", before(240), 0, None, 0, ""),
            StepRow(name, "records", "SLOW" if bad else "OK", before(561 if bad else 4), 37 if bad else 0, late,
                    0 if bad else 12, "4 more due later" if bad else ""),
            StepRow(name, "stock levels", "SLOW" if bad else "OK", before(561 if bad else 1), 104 if bad else 6, late,
                    0 if bad else 80, ""),
        )  # fmt: skip

    lanes = (LaneRow(0, 61, 2, before(561)), LaneRow(1, 37, 1, before(540)), LaneRow(4, 43, 0, before(201)))
    return SyncPage(
        NOW,
        (
            SyncRow(
                "shop-eu",
                "ops-1:4711",
                12,
                before(-11),
                True,
                steps("shop-eu", True),
                lanes,
                3,
                1_204,
                (
                    TopicRow("shop-eu", "orders/create", 411, before(2), 414, 3),
                    TopicRow("shop-eu", "inventory_levels/update", 793, before(1), 790, 0),
                ),
            ),
            SyncRow("shop-uk", "ops-1:4711", 9, before(-9), True, steps("shop-uk", False), (), 0, 611),
        ),
    )


@cache
def trail() -> tuple[TrailRow, ...]:
    """A ledger, newest first."""
    steps = (
        ("engine", "published", "cell:CT-000003|gid://shopify/Location/1", "12 -> 10"),
        ("engine", "held", "order:gid://shopify/Order/10442", "Nobody knows SKU ZZ-9 in the back office."),
        ("engine", "document", "order:gid://shopify/Order/10443", "S-1203 open"),
        ("ana", "asked", "command:31", 'retry {"works":[[48702,4]],"value":""}'),
        ("engine", "command done", "command:31", "retry: 1 of 1 tried again"),
        ("ana", "assigned", "order:gid://shopify/Order/10377", "- -> ana"),
        ("engine", "healed", "gid://shopify/Order/10421", ""),
    )
    many = 900
    return tuple(
        TrailRow(
            many - at,
            "shop-eu" if at % 3 else "shop-uk",
            before(1 + at * 7),
            *steps[at % len(steps)],
            f"{at:064x}",
        )
        for at in range(many)
    )


def gaps() -> tuple[GapRow, ...]:
    """What nobody has mapped yet."""
    return (
        GapRow(
            "shop-eu",
            "carrier",
            "DHL Express Easy",
            "order #10442, shipping line 1",
            12,
            before(90_000),
            before(60),
        ),
        GapRow("shop-eu", "gateway", "klarna", "order #10398, payment 1", 4, before(400_000), before(3_600)),
        GapRow(
            "shop-uk",
            "field",
            "Order.poNumber",
            "no destination is declared",
            2,
            before(800_000),
            before(90_000),
        ),
    )
