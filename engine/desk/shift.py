"""What happened in the last hours and what is left, for whoever takes over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.desk.measures import Measured
from engine.desk.notices import NoticeRow


@dataclass(frozen=True, slots=True)
class ActRow:
    """Something a person did."""

    at: datetime
    who: str
    connection: str
    what: str
    about: str
    detail: str


@dataclass(frozen=True, slots=True)
class Shift:
    """From `since` to `as_of`."""

    since: datetime
    as_of: datetime
    done: Mapping[str, int]
    """How often, by what the ledger calls it: succeeded, published, held, resolved, healed …"""
    acts: tuple[ActRow, ...]
    """The newest that people did, newest first."""
    alerts: tuple[NoticeRow, ...]
    """Opened since then, or standing."""
    left: tuple[Measured, ...]
    """Each connection as it is."""
