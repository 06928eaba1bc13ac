"""Made-up cells at risk."""

from console.canned_time import NOW
from engine.desk import RiskPage, RiskRow
from engine.desk.risk import TREND

SELLERS = (
    # SKU, place, available, held back, web and back office an hour, minutes, oversell, open, act, units, source
    ("LE-000000", "Berlin", -1, 0, 21.1, 6.2, 0.0, 1.0, 2, "stop", 0, ""),
    ("DM-000001", "Lyon", 1, 0, 9.5, 5.0, 4.1, 0.084, 3, "stop", 0, ""),
    ("BC-000002", "Porto", 3, 1, 18.2, 8.6, 6.7, 0.021, 0, "buffer", 1, ""),
    ("AT-000061", "Leeds", 4, 0, 14.0, 0.0, 17.1, 0.0, 1, "transfer", 27, "Ghent"),
    ("CT-000003", "Leeds", 9, 0, 4.5, 1.2, 94.7, 0.0, 1, "", 0, ""),
    ("HW-000004", "Turin", 13, 2, 2.1, 0.0, 371.4, 0.0, 1, "", 0, ""),
)


def risk_page() -> RiskPage:
    """One cell oversold, two that may, one soon empty, and some that just sell."""
    rows = tuple(
        RiskRow(
            connection="shop-eu", sku=sku, title=f"Hard Oak Mug {at}", location=f"gid://shopify/Location/{at}",
            location_name=place,
            state="over" if left < 0 else "risk" if over >= 0.02 else "soon" if minutes <= 30 else "selling",
            available=left, held_back=held, web_per_hour=web, outside_per_hour=erp, minutes_to_zero=minutes,
            oversell=over, lag_seconds=1.9, open_orders=orders,
            trend=tuple((minute * 7 + at * 5) % (9 - at) for minute in range(TREND)), act=act, units=units,
            source=source,
        )
        for at, (sku, place, left, held, web, erp, minutes, over, orders, act, units, source) in enumerate(SELLERS)
    )  # fmt: skip
    return RiskPage(NOW, 0.02, rows)
