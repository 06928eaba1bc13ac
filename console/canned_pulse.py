"""A made-up overview."""

from console.canned_time import before
from engine.desk import EventRow, Pulse, RemoteHealth


def pulse() -> Pulse:
    """An overview on an ordinary, slightly bad day."""
    events = (
        EventRow(
            before(2), "fail", "shop-eu stock AB-001204: the back office refused our key (401), 7 tries"
        ),
        EventRow(before(11), "warn", "shop-uk CX-000881 at Porto: available -1, 2 open orders"),
        EventRow(before(40), "ok", "shop-eu reconciled 100,000 cells, none differs, 41 s"),
        EventRow(before(64), "ok", "shop-uk order #10443 is in the back office, 12.90 EUR to the cent"),
    )
    orders = (
        2,
        4,
        6,
        9,
        14,
        22,
        26,
        22,
        14,
        9,
        9,
        4,
        9,
        17,
        26,
        33,
        38,
        33,
        22,
        14,
        9,
        4,
        9,
        14,
        22,
        26,
        33,
        38,
        36,
        38,
    )
    return Pulse(
        as_of=before(1), engine="running here", orders_last_minute=38, orders_total=10_443, push_p95_ms=1_900,
        queue=143, failed=5, uncertain=1, cells=100_000, cells_waiting=41, conflicts=2, at_risk=3, over=1,
        remotes=(
            RemoteHealth("shop-eu", "shop", "OK", "", before(2)),
            RemoteHealth("shop-eu", "back office", "FAIL", "401: key expired, flow paused until settings change", before(92)),
            RemoteHealth("shop-uk", "shop", "SLOW", "answers after 3.1 s (p95)", before(4)),
            RemoteHealth("shop-uk", "back office", "PAUSED", "by an operator since 11:58", before(391)),
        ),
        events=events * 5, orders_series=orders, writes_series=orders[::-1],
    )  # fmt: skip
