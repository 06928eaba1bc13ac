"""All that is known of one order, as a tree."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from screens.details import LINE, folded
from screens.safe import fit, safe
from screens.tones import Part
from screens.words import moment, money

if TYPE_CHECKING:
    from engine.desk import OrderDetail

SHORT = 60
"""Characters of a title in the tree."""


def order_lines(detail: OrderDetail, now: datetime, width: int) -> list[list[Part]]:
    """The order as a tree: units in the shop, document, lines with their sum, payments, and what happened."""
    row = detail.row
    head = f"{safe(row.name[:LINE])}  {safe(row.state)}  {safe(money(row.total, row.currency))}  {safe(row.connection[:LINE])}"
    lines: list[list[Part]] = [[(head, "strong")], [(f" {safe(row.id[:LINE])}", "muted")]]
    if row.cause:
        lines += [[(f" {part}", "bad")] for part in folded(row.cause, width - 2)]
    if detail.waiting is not None:
        lines.append([(f" waits for a person: record {detail.waiting} on screen 4 (w)", "warn")])
    lines += _branch(
        "UNITS IN THE SHOP",
        [
            f"{fit(safe(u.sku[:SHORT]), 16)} {fit(safe(u.location[:SHORT]), 14)} to ship {u.committed:>3}  left {u.fulfilled:>3}"
            f"  came back {u.restocked:>3}"
            for u in detail.units
        ],
        "none: nothing of it is kept in stock",
    )
    document = (
        f"DOCUMENT {safe(row.document[:SHORT])} {safe(row.status[:SHORT])}" if row.document else "DOCUMENT"
    )
    lines += _branch(
        document,
        [
            f"{fit(safe(b.sku[:SHORT]), 16)} {fit(safe(b.warehouse[:SHORT]), 14)} ordered {b.quantity:>3}  shipped {b.shipped:>3}"
            f"  returned {b.returned:>3}"
            for b in detail.booked
        ],
        "not in the back office yet" if not row.document else "no goods on it",
    )
    lines += _proof(detail)
    lines += _branch(
        "PAYMENTS",
        [
            f"{fit(safe(p.kind[:SHORT]), 14)} {fit(safe(p.gateway[:SHORT]), 20)} {fit(money(p.amount, ''), 14, right=True)}"
            for p in detail.payments
        ],
        "none passed on",
    )
    lines.append([("TIMELINE", "strong")])
    for step in detail.timeline:
        said = safe(f"{step.actor} {step.action} {step.detail}"[:LINE])
        lines.append([(f"  {moment(step.at, now)}  ", "muted"), (said, "")])
    return lines


def _proof(detail: OrderDetail) -> list[list[Part]]:
    """The lines as written for the back office, their sum, and what is left against the order's total."""
    if detail.sent_total is None:
        return _branch("PROOF", [], "nothing has been written for the back office yet")
    out: list[list[Part]] = [[("PROOF  the document as written, line by line", "strong")]]
    total = Decimal(0)
    for line in detail.lines:
        total += line.amount
        name = safe((line.sku or line.title)[:SHORT])
        figures = f"{line.quantity:>3} × {money(line.unit_price, ''):>10} − {money(line.discount, ''):>8}"
        out.append(
            [
                (" ├─ ", "muted"),
                (f"{fit(safe(line.kind[:SHORT]), 9)} {fit(name, 16)} ", ""),
                (f"{figures}  = {money(line.amount, ''):>10}", ""),
            ]
        )
    left = total - detail.sent_total
    out.append([(" ├─ ", "muted"), (f"sum of the lines      {money(total, ''):>12}", "strong")])
    out.append([(" ├─ ", "muted"), (f"total of the document {money(detail.sent_total, ''):>12}", "strong")])
    exact = left == 0
    said = f"left                  {money(left, ''):>12}  {'+ exact to the cent' if exact else 'x does not add up'}"
    out.append([(" └─ ", "muted"), (said, "ok" if exact else "bad")])
    shop = detail.row.total
    if shop is not None and shop != detail.sent_total:
        differs = (
            f"    the shop says {money(shop, detail.row.currency)}: it changed after the document was written"
        )
        out.append([(safe(differs), "warn")])
    return out


def _branch(title: str, twigs: Iterable[str], nothing: str) -> list[list[Part]]:
    shown = list(twigs)
    lines: list[list[Part]] = [[(title, "strong")]]
    for at, twig in enumerate(shown):
        lines.append([(" └─ " if at == len(shown) - 1 else " ├─ ", "muted"), (twig, "")])
    if not shown:
        lines.append([(f"  {nothing}", "muted")])
    return lines
