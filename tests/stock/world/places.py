"""Where everything stands, and what time it is: one step is one second."""

from datetime import UTC, datetime, timedelta

from engine.model.ids import LocationId, Sku, WarehouseId

SKU = Sku("MUG")
A, B = LocationId("A"), LocationId("B")
LOCATIONS = (A, B)
W1, W2, W3 = WarehouseId("W1"), WarehouseId("W2"), WarehouseId("W3")
BEHIND = {A: (W1, W2), B: (W3,)}
LOCATION_OF = {W1: A, W2: A, W3: B}
WAREHOUSE_OF = {A: W1, B: W3}

FRESH = timedelta(seconds=15)
LAG_STEPS = 12
LAG = timedelta(seconds=LAG_STEPS)
LATE_STEPS = 8
"""How long a request may be under way after its sender gave up."""
START = datetime(2026, 11, 24, tzinfo=UTC)


TIMES = [START + timedelta(seconds=step) for step in range(9000)]


def at(step: int) -> datetime:
    """The time of a step."""
    return TIMES[step]
