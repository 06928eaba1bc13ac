"""A made-up explanation for the canned desk."""

from datetime import datetime, timedelta

from engine.model.explanation import CellMoment, Explanation, Source, Term, Write


def explanation(sku: str, location: str, at: datetime) -> Explanation:
    """Twelve in the back office, two of them reserved, one left at the till."""
    taken, written = at - timedelta(seconds=40), at - timedelta(seconds=33)
    terms = (
        Term(
            "erp_on_hand", "on hand in the back office", 12,
            (Source("snapshot", "event:811", "the back office counted 12", 12, taken),),
        ),
        Term(
            "erp_reserved", "reserved in the back office", -3,
            (
                Source("order", "gid://shopify/Order/10442", "#1042, document S-88", -2),
                Source("snapshot", "event:811", "other documents of the back office", -1, taken),
            ),
        ),
        Term(
            "exempt", "reserved there, and subtracted by Shopify itself", 2,
            (Source("order", "gid://shopify/Order/10442", "#1042, document S-88", 2),),
        ),
        Term(
            "shipped_here_only", "left in Shopify, not yet shipped in the back office", -1,
            (Source("order", "gid://shopify/Order/10440", "#1040, not booked", -1),),
        ),
    )  # fmt: skip
    state = CellMoment(
        event=815, at=written, kind="published", cause="delta", reference="effect:7", on_hand=10, available=8,
        committed=2, erp_on_hand=12, erp_reserved=3, erp_at=taken, base=11, pos=0, ver=4, seen_low=None,
        seen_at=None, target=10, terms_json="{}",
    )  # fmt: skip
    return Explanation(
        connection="main", sku=sku, location=location, location_name=location.rsplit("/", 1)[-1], asked=at, figure=10,
        figure_at=written, terms=terms, write=Write(815, written, "3f2a", "delta"), state=state, history=(state,),
    )  # fmt: skip
