"""A made-up explanation for the canned desk."""

from datetime import datetime

from console.canned_lists import PLACES
from console.canned_time import before
from engine.model.explanation import CellMoment, Explanation, Source, Term, Write

STORY = (
    (811, 400, "agreed", "listing", "", 13, 13, 0, 14, 1, 13),
    (812, 95, "seen", "inventory_levels/update", "", 13, 11, 2, 14, 1, 13),
    (814, 40, "waiting", "delta", "", 13, 11, 2, 12, 3, 10),
    (815, 33, "published", "delta", "effect:7", 10, 8, 2, 12, 3, 10),
)
"""A count, a sale that was booked, and the write that followed: the oldest first."""


def explanation(sku: str, location: str, at: datetime) -> Explanation:
    """Fourteen in the back office at first, twelve after a sale; one left at the till."""
    history = tuple(moment for moment in reversed(_story()) if moment.at <= at) or _story()[:1]
    now = history[0]
    figure = 10 if now.kind == "published" else 13
    return Explanation(
        connection="shop-eu", sku=sku, location=location, location_name=PLACES.get(location, location), asked=at,
        figure=figure, figure_at=now.at, terms=_after(now) if figure == 10 else _before(now),
        write=Write(815, now.at, "3f2a", "delta") if figure == 10 else None, state=now, history=history,
    )  # fmt: skip


def _before(now: CellMoment) -> tuple[Term, ...]:
    counted = Source("snapshot", "event:811", "the back office counted 14", 14, now.erp_at)
    others = Source("snapshot", "event:811", "other documents of the back office", -1, now.erp_at)
    return (
        Term("erp_on_hand", "on hand in the back office", 14, (counted,)),
        Term("erp_reserved", "reserved in the back office", -1, (others,)),
    )


def _after(now: CellMoment) -> tuple[Term, ...]:
    order = "gid://shopify/Order/10442"
    return (
        Term(
            "erp_on_hand", "on hand in the back office", 12,
            (Source("snapshot", "event:814", "the back office counted 12", 12, now.erp_at),),
        ),
        Term(
            "erp_reserved", "reserved in the back office", -3,
            (
                Source("order", order, "#10442, document S-88", -2),
                Source("snapshot", "event:814", "other documents of the back office", -1, now.erp_at),
            ),
        ),
        Term(
            "exempt", "reserved there, and subtracted by Shopify itself", 2,
            (Source("order", order, "#10442, document S-88", 2),),
        ),
        Term(
            "shipped_here_only", "left in Shopify, not yet shipped in the back office", -1,
            (Source("order", "gid://shopify/Order/10440", "#10440, not booked", -1),),
        ),
    )  # fmt: skip


def _story() -> tuple[CellMoment, ...]:
    return tuple(
        CellMoment(
            event=event, at=before(ago), kind=kind, cause=cause, reference=reference, on_hand=shop, available=available,
            committed=committed, erp_on_hand=erp, erp_reserved=reserved, erp_at=before(ago + 1), base=11, pos=0, ver=4,
            seen_low=None, seen_at=None, target=target, terms_json="{}",
        )
        for event, ago, kind, cause, reference, shop, available, committed, erp, reserved, target in STORY
    )  # fmt: skip
