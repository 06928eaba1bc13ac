"""The desk over the store: what faces read is queried, what they ask becomes a command row for the engine."""

from engine.desk import Changes
from engine.front.failed import FailedFront
from engine.front.mapping import MappingFront
from engine.front.orders import OrderFront
from engine.front.plans import PlanFront
from engine.front.pulse import PulseFront
from engine.front.stock import StockFront
from engine.front.trail import TrailFront


class Front(PulseFront, StockFront, PlanFront, FailedFront, MappingFront, OrderFront, TrailFront):
    """Implements `engine.desk.Desk`."""

    @property
    def environment(self) -> str:
        """Name shown in the status line."""
        return self._environment

    @property
    def changes(self) -> Changes:
        """The bell."""
        return self._changes
