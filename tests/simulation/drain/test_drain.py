"""After an outage stock stays fresh while the orders are caught up with; nothing is lost, nothing doubled."""

import pytest

from tests.simulation.drain.run import Drain, drain, share

FRESH_SECONDS = 30.0


def judged(seen: Drain) -> None:
    assert (seen.lost, seen.doubled, seen.unended, seen.unseen) == (0, 0, 0, 0), seen.said()
    assert seen.fresh, "no stock moved while the orders were drained"
    assert share(seen.fresh, 0.99) < FRESH_SECONDS, seen.said()


def test_stock_stays_fresh_while_waiting_orders_are_drained() -> None:
    judged(drain(300, skus=60))


@pytest.mark.long
def test_stock_stays_fresh_while_hours_of_orders_are_drained() -> None:
    judged(drain(5000, skus=500))
