"""The desk: all that a face (screen, command line) may read or ask. Rows are frozen and already safe to keep.

Texts in rows come from remotes: a face must still pass them through its terminal sanitiser.
"""

from typing import Protocol

from engine.desk.conflicts import ConflictDesk, ConflictRow
from engine.desk.editing import Change, EditDesk, EditField, EditForm, Overtaken
from engine.desk.failures import Asked, CauseRow, Chosen, FailedDesk, FailedDetail, FailedPage, FailedRow
from engine.desk.gaps import GapDesk, GapRow
from engine.desk.listing import Look, Page
from engine.desk.mapping import CompareRow, Comparison, MappingDesk, MappingRow, NameTrial, Subject
from engine.desk.orders import OrderDesk, OrderDetail, OrderLineRow
from engine.desk.plans import Came, PlanDesk, PlanLine
from engine.desk.pulse import EventRow, Pulse, PulseDesk, RemoteHealth
from engine.desk.risk import RiskDesk, RiskPage, RiskRow
from engine.desk.stock import StockCell, StockDesk, StockPage, StockRow
from engine.desk.sync import SyncDesk, SyncPage, TopicRow
from engine.desk.trail import TimelineRow, TrailDesk, TrailRow, Verified

__all__ = [
    "Asked",
    "Came",
    "CauseRow",
    "Change",
    "Changes",
    "Chosen",
    "CompareRow",
    "Comparison",
    "ConflictRow",
    "Desk",
    "EditField",
    "EditForm",
    "EventRow",
    "FailedDetail",
    "FailedPage",
    "FailedRow",
    "GapRow",
    "Look",
    "MappingRow",
    "NameTrial",
    "OrderDetail",
    "OrderLineRow",
    "Overtaken",
    "Page",
    "PlanLine",
    "Pulse",
    "RemoteHealth",
    "RiskPage",
    "RiskRow",
    "StockCell",
    "StockPage",
    "StockRow",
    "Subject",
    "SyncPage",
    "TimelineRow",
    "TopicRow",
    "TrailRow",
    "Verified",
]  # fmt: skip


class Changes(Protocol):
    """Tells that something changed, coalesced."""

    async def after(self, seen: int, *, at_most: float) -> int:
        """Wait until the revision is past `seen` or `at_most` seconds went by; the revision then."""
        ...


class Desk(
    PulseDesk, StockDesk, RiskDesk, ConflictDesk, PlanDesk, FailedDesk, EditDesk, MappingDesk, GapDesk, OrderDesk,
    SyncDesk, TrailDesk, Protocol,
):  # fmt: skip
    """All that a face may read or ask."""

    @property
    def environment(self) -> str:
        """Name shown in the status line."""
        ...

    @property
    def changes(self) -> Changes:
        """The bell."""
        ...
