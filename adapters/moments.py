"""Moments in the words of back offices."""

from datetime import UTC, datetime

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Before anything a back office holds was modified: for what bears no time."""


def utc(said: str) -> datetime:
    """An ISO time, with or without a fraction, an offset or a Z: UTC unless it says otherwise. Raises ValueError."""
    at = datetime.fromisoformat(said)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
