"""The terms of a figure, their sum and what lies behind each, as lines."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from screens.details import LINE
from screens.safe import fit, safe
from screens.tones import Part
from screens.words import count, moment

if TYPE_CHECKING:
    from engine.model.explanation import Component, Explanation, Source


def explanation_lines(one: Explanation, now: datetime, width: int) -> list[list[Part]]:
    """The figure, its signed terms with their sources, the sum, a kit's components, and both sides as they were."""
    lines: list[list[Part]] = [[(f"{safe(one.sku[:LINE])} at {safe(one.location_name[:LINE])}", "strong")]]
    if one.figure is None:
        lines.append(
            [(" no figure agreed yet: the first one waits for a complete listing of orders", "warn")]
        )
    else:
        lines.append([(f" on hand {one.figure:,}, agreed {moment(one.figure_at, now)}", "strong")])
    for term in one.terms:
        lines.append([(f"{term.units:+8,}  ", "strong"), (safe(term.text), "")])
        lines += [_source(source, now) for source in term.sources]
    if one.figure is not None:
        same = one.total == one.figure
        verdict = (
            "+ the sum is the figure" if same else f"x the sum is not the figure {one.figure:,}: report this"
        )
        lines.append([(f"{one.total:8,}  ", "strong"), (verdict, "ok" if same else "bad")])
    lines += _components(one.components)
    if one.write is not None:
        because = f", because of {safe(one.write.cause[:LINE])}" if one.write.cause else ""
        lines.append([(" last write ", "muted"), (f"{moment(one.write.at, now)}{because}", "")])
    state = one.state
    shop = f"{_figure(state.on_hand)} on hand, {_figure(state.available)} available, {_figure(state.committed)} committed"
    lines.append([(" shop       ", "muted"), (shop, "")])
    erp = f"{_figure(state.erp_on_hand)} on hand, {_figure(state.erp_reserved)} reserved, {moment(state.erp_at, now)}"
    lines.append([(" back office", "muted"), (f" {erp}", "")])
    if state.pos:
        lines.append([(" conflict   ", "muted"), (f"{state.pos:,} units written away: C decides", "warn")])
    return lines


def _source(source: Source, now: datetime) -> list[Part]:
    since = f"  {moment(source.at, now)}" if source.at else ""
    said = f"{source.units:+8,}  {safe(source.text[:LINE])}{since}  {safe(source.ref[:LINE])}"
    return [("    ", ""), (said, "muted")]


def _components(parts: tuple[Component, ...]) -> list[list[Part]]:
    """Of a kit: what each component has free here, how many kits that makes, and which one is short."""
    if not parts:
        return []
    fewest = min(part.kits for part in parts)
    lines: list[list[Part]] = [[(" COMPONENT          FREE  PER KIT  MAKES", "strong")]]
    for part in parts:
        figures = f"{count(part.free, 6):>6} {count(part.per_kit, 6):>8} {count(part.kits, 6):>6}"
        short = "  the fewest" if part.kits == fewest else ""
        lines.append([(f" {fit(safe(part.sku), 16)} ", ""), (f"{figures}{short}", "warn" if short else "")])
    return lines


def _figure(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"
