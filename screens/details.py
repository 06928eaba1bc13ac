"""All that is known of one record, as lines."""

from __future__ import annotations

from datetime import datetime
from textwrap import wrap
from typing import TYPE_CHECKING

from screens.cells import OUTCOMES, stock_cell
from screens.safe import fit, safe
from screens.tones import Part
from screens.words import ago, clock, count, moment, spark

if TYPE_CHECKING:
    from engine.desk import EventRow, FailedDetail, Pulse, StockCell, StockRow

LINE = 400
"""Characters of a text that has one line."""
LABEL = 8
"""Cells of a label and the spaces around it."""
BODY = 6_000
"""Characters of such a body that are looked at."""
BODY_LINES = 30
"""Lines of a sent or received body that are shown."""


def failed_lines(detail: FailedDetail, now: datetime, width: int) -> list[list[Part]]:
    """Why it failed, what to do, what was sent and answered, and what happened before."""
    row = detail.row
    same = f"{detail.same_cause} more fail for this cause ({safe(row.code) or 'no code'})"
    tries = "1 try" if row.tries == 1 else f"{row.tries} tries"
    since = f"{moment(row.first_at, now)}, {tries}, last {ago(row.last_at, now)}"
    fields = (
        ("state", OUTCOMES.get(row.state, row.state), "warn"),
        ("why", row.cause, "bad"),
        ("fix", row.remedy or "No remedy is known; see the log.", "ok"),
        ("since", since, ""),
        *((("whose", row.assignee, ""),) if row.assignee else ()),
        *((("tags", row.tags, ""),) if row.tags else ()),
        *((("parked", row.parked, "warn"),) if row.parked else ()),
        ("same", f"{same}   F marks them" if detail.same_cause else same, ""),
        ("sent", detail.sent or "(nothing)", ""),
        ("got", detail.got or "(nothing)", ""),
    )
    title = f"DETAIL {row.id}  {safe(row.kind[:LINE])}  {safe(row.connection[:LINE])}  {safe(row.ref[:LINE])}"
    lines: list[list[Part]] = [[(title, "strong")]]
    for name, text, tone in fields:
        parts = folded(text, width - LABEL - 1)
        lines += [[(f" {name if i == 0 else '':7}", "muted"), (part, tone)] for i, part in enumerate(parts)]
    lines.append([(" TIMELINE", "strong")])
    for step in detail.timeline:
        text = safe(f"{step.actor} {step.action} {step.detail}"[:LINE])
        lines.append([(f"  {moment(step.at, now)}  ", "muted"), (text, "")])
    if not detail.timeline:
        lines.append([("  nothing recorded yet", "muted")])
    return lines


def folded(text: str, width: int) -> list[str]:
    """The text as safe lines that fit the width, words kept whole where they can be."""
    shown = [safe(line) for line in text[:BODY].splitlines()[:BODY_LINES]]
    return [part for line in shown for part in wrap(line, max(20, width), break_on_hyphens=False) or [""]]


def stock_lines(row: StockRow, places: tuple[tuple[str, str], ...], now: datetime) -> list[list[Part]]:
    """Both sides of one SKU, location by location."""
    head = "LOCATION      AVAIL  SHOP  COMM  TARGET   ERP  RSVD  STATE     PUBLISHED"
    lines: list[list[Part]] = [[(f"{safe(row.sku)}  {safe(row.title)}", "strong")], [(head, "muted")]]
    for (place, name), cell in zip(places, row.cells, strict=False):
        start = fit(safe(name or place), 12)
        if cell is None:
            lines.append([(f"{start}      ·  not stocked here", "muted")])
            continue
        figures = (cell.on_hand, cell.committed, None, cell.erp_on_hand, cell.erp_reserved)
        shop, committed, _, erp, reserved = (fit(count(f, 5), 5, right=True) for f in figures)
        text, tone = stock_cell(cell)
        lines.append(
            [
                (f"{start} ", ""),
                (fit(text, 7, right=True), tone),
                (f" {shop} {committed}  {fit(count(cell.target, 6), 6, right=True)} {erp} {reserved}  ", ""),
                (fit(safe(cell.state), 9), tone),
                (f" {moment(cell.published_at, now)}", "muted"),
            ]
        )
    return lines


def cell_line(
    row: StockRow, cell: StockCell | None, name: str, index: int, total: int, now: datetime
) -> list[Part]:
    """The cell under the cursor in one sentence."""
    where: Part = (f" row {index + 1:,} of {total:,}  ", "muted")
    what: Part = (f"{safe(row.sku)} {safe(name)}", "strong")
    if cell is None:
        return [where, what, ("  not stocked here", "muted")]
    figures = f" = {count(cell.available, 9)} (on hand {count(cell.on_hand, 9)}, committed {count(cell.committed, 9)})"
    written = f" {moment(cell.published_at, now)}" if cell.published_at else ""
    return [where, what, (f"{figures} {safe(cell.state)}{written}", "")]


def tiles(pulse: Pulse, width: int) -> list[list[Part]]:
    """The six figures of the overview over their recent past."""
    each = max(12, min(40, width // 6 - 1))
    p95 = "-" if pulse.push_p95_ms is None else f"{pulse.push_p95_ms / 1000:.1f}"
    waiting = f"{pulse.cells_waiting:,} to agree"
    boxes: list[tuple[str, str, str, str]] = [
        ("orders/min", f"{pulse.orders_last_minute:,}", "", spark(pulse.orders_series, each)),
        ("write p95 s", p95, "", spark(pulse.writes_series, each)),
        ("queue", f"{pulse.queue:,}", "", waiting if pulse.cells_waiting else "all agree"),
        ("failed", f"{pulse.failed:,} {'!' if pulse.failed else 'ok'}", "bad" if pulse.failed else "ok",
         "4 shows them" if pulse.failed else "nobody waits"),
        ("unsure", f"{pulse.uncertain + pulse.conflicts:,} {'!' if pulse.uncertain + pulse.conflicts else 'ok'}",
         "warn" if pulse.uncertain + pulse.conflicts else "ok",
         f"{pulse.uncertain} unk {pulse.conflicts} conf"),
        ("at risk", f"{pulse.at_risk:,} {'!' if pulse.at_risk else 'ok'}", "warn" if pulse.at_risk else "ok",
         f"{pulse.over} oversold" if pulse.over else "6 shows them"),
    ]  # fmt: skip
    heads: list[Part] = [(fit(name, each) + " ", "muted") for name, _, _, _ in boxes]
    figures: list[Part] = [(fit(f" {figure}", each) + " ", tone or "strong") for _, figure, tone, _ in boxes]
    pasts: list[Part] = [(fit(past, each) + " ", "ok") for _, _, _, past in boxes]
    return [heads, figures, pasts]


def event_lines(events: tuple[EventRow, ...], room: int) -> list[list[Part]]:
    """Recent activity, newest first."""
    words = {"ok": "OK  ", "warn": "WARN", "fail": "FAIL"}
    tones = {"ok": "ok", "warn": "warn", "fail": "bad"}
    lines: list[list[Part]] = [[(" EVENTS (newest first)", "strong")]]
    for event in events[: max(0, room - 1)]:
        said: Part = (words.get(event.tone, "    "), tones.get(event.tone, ""))
        lines.append([(f" {clock(event.at)} ", "muted"), said, (f" {safe(event.text[:LINE])}", "")])
    if not events:
        lines.append([(" Nothing has happened yet. The first order or stock change shows up here.", "muted")])
    return lines
