"""What is known of a cell at risk, and what could be done, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.details import folded
from screens.safe import safe
from screens.tones import Part
from screens.words import spark

if TYPE_CHECKING:
    from engine.desk import RiskRow


def told(row: RiskRow, *, whole: bool = False) -> str:
    """The advice, short or as a sentence."""
    match row.act:
        case "stop":
            return "Sells more than there is: stop selling it there." if whole else "stop selling"
        case "buffer":
            much = f"Holding back {row.units:,} more brings the risk below the limit."
            return much if whole else f"buffer +{row.units:,}"
        case "transfer":
            some = f"{row.units:,} from {row.source}"
            return f"Soon empty: {some} could be spared." if whole else some
    return "Nothing has to be done." if whole else "-"


def risk_lines(row: RiskRow, width: int) -> list[list[Part]]:
    """Velocities, how long it lasts, what may happen before the next write, and the advice."""
    left = "no sale is known" if row.minutes_to_zero is None else f"{row.minutes_to_zero:,.1f} minutes"
    fields = (
        ("offered", f"{row.available:,} units, {row.held_back:,} more held back", ""),
        ("sells", f"{row.web_per_hour:,.1f} an hour in the shop, {row.outside_per_hour:,.1f} in the back office", ""),
        ("lasts", left, ""),
        ("lag", f"{row.lag_seconds:,.1f} s until the next write of this level is confirmed", ""),
        ("over", f"{row.oversell * 100:.1f} % that more is sold than there is before that",
         "bad" if row.state in ("over", "risk") else ""),
        ("open", f"orders that wait there to be sent: {row.open_orders:,}", ""),
        ("do", told(row, whole=True), "warn" if row.act else "muted"),
        *((("held", row.hold, "warn"),) if row.hold else ()),
        *((("all here", row.stopped, "bad"),) if row.stopped else ()),
        ("trend", spark(row.trend, len(row.trend)) + "  units a minute, the last 30", "ok"),
    )  # fmt: skip
    lines: list[list[Part]] = [[(f"{safe(row.sku)}  {safe(row.location_name)}  {safe(row.title)}", "strong")]]
    for name, text, tone in fields:
        for at, part in enumerate(folded(text, width - 9)):
            lines.append([(f" {name if at == 0 else '':8}", "muted"), (part, tone)])
    return lines
