"""What is ours beside another connector, and how far that one agrees with us."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.model.ids import LocationId
from engine.model.remit import SHADOW, WHOLE, Remit, Subject
from engine.model.shadow import agreement

LYON, PORTO = LocationId("lyon"), LocationId("porto")
BEGIN = datetime(2026, 11, 28, 10, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("remit", "subject", "location", "ours"),
    [
        (WHOLE, Subject.STOCK, LYON, True),
        (WHOLE, Subject.PRODUCTS, None, True),
        (SHADOW, Subject.STOCK, LYON, False),
        (SHADOW, Subject.ORDERS, None, False),
        (Remit(False, locations=frozenset({LYON})), Subject.STOCK, LYON, True),
        (Remit(False, locations=frozenset({LYON})), Subject.STOCK, PORTO, False),
        (Remit(False, locations=frozenset({LYON})), Subject.STOCK, None, True),
        (Remit(False, locations=frozenset({LYON})), Subject.ORDERS, LYON, False),
        (Remit(False, frozenset({Subject.STOCK})), Subject.STOCK, PORTO, True),
        (Remit(False, frozenset({Subject.ORDERS})), Subject.FULFILMENT, None, False),
    ],
)
def test_what_is_ours(remit: Remit, subject: Subject, location: LocationId | None, ours: bool) -> None:
    assert remit.covers(subject, location) is ours


@pytest.mark.parametrize(
    ("judged", "spans", "share"),
    [
        (10, [], 1.0),
        (10, [(at(0), at(60))], 0.9),
        (10, [(at(-30), at(30))], 0.95),
        (10, [(at(30), at(90)), (at(0), at(6))], 0.94),
        (1, [(at(-5), at(90))], 0.0),
        (10, [(at(-30), at(-10))], 1.0),
        (0, [(at(0), at(60))], 1.0),
    ],
)
def test_agreement_is_the_share_of_the_time_of_all_that_was_compared(
    judged: int, spans: list[tuple[datetime, datetime]], share: float
) -> None:
    assert agreement(judged, spans, BEGIN, at(60)) == pytest.approx(share)
