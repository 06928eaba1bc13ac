"""A failure as column values, the same for records and for cells."""

from typing import Any

from engine.store.rows import FailureNote

CLEAN: dict[str, Any] = {"cause": "", "remedy": "", "code": "", "log": ""}


def note_values(failure: FailureNote) -> dict[str, Any]:
    """A failure as column values."""
    return {
        "cause": failure.cause,
        "remedy": failure.remedy,
        "code": failure.code,
        "log": failure.log,
    }
