"""Until when we have read everything that Shopify's listing of changed orders shows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.model.ids import OrderId

SAME_SECOND = timedelta(seconds=2)
"""Shopify dates to the second: what changed so little before a reading or a listing may have changed once more."""


@dataclass(slots=True)
class Listings:
    """Which orders the listings showed, and which of them are still to be read.

    An order counts as read only by a reading that began after the listing did: Shopify dates changes to the second,
    so the date of what was read before cannot tell whether it is all there is. What began when is judged by ticks of
    the monotonic clock: the wall clock may be put back between the two, and then no reading would ever be the later.
    An order stays owed however long ago it left the listing's window.
    """

    read_until: datetime | None = None
    """When the newest listing began whose every order, and every order of those before it, has been read since."""
    read_tick: float = 0.0
    """The same moment by the monotonic clock."""
    unread: dict[OrderId, float] = field(default_factory=dict)
    """Orders that earlier listings showed and an earlier engine may not have read, with when we began to lead.

    The first listing starts where the last one ended and does not show them any more, so it counts only once they
    have been read too: otherwise what moved in them would look explained by a listing that is complete, and units
    that are sold would be listed again.
    """
    _whole: dict[OrderId, datetime] = field(default_factory=dict)
    """Orders with the date of a change that a reading began after, by the shop's own clock: it brought all of it."""
    _begun: tuple[datetime, float] | None = None
    _owed: dict[OrderId, float] = field(default_factory=dict)
    """Orders to be read before the listing counts, with when the listing began that showed them last."""
    _later_begun: tuple[datetime, float] | None = None
    _later: dict[OrderId, float] = field(default_factory=dict)
    """The same of the listings that came while orders were owed."""

    def shown(self, orders: Iterable[OrderId], begun: datetime, tick: float) -> None:
        """A listing that began then showed these orders to have changed, or perhaps to have changed."""
        fresh, self.unread = self.unread | dict.fromkeys(orders, tick), {}
        if self._owed:
            self._later |= fresh
            self._later_begun = begun, tick
        else:
            self._owed, self._begun = fresh, (begun, tick)
            self._complete()

    def read(self, order: OrderId, tick: float) -> None:
        """What a reading of this order that began then brought is in our store, if it brought anything."""
        for owed in (self.unread, self._owed, self._later):
            if order in owed and owed[order] <= tick:
                del owed[order]
        self._complete()

    def brought(self, order: OrderId, updated_at: datetime, dated: datetime | None) -> None:
        """A reading, before which the shop's clock stood at `dated` or later, brought a change of this date."""
        if dated is not None and updated_at + SAME_SECOND <= dated:
            self._whole[order] = updated_at

    def whole(self, order: OrderId, updated_at: datetime) -> bool:
        """What was read holds everything of this date: it need not be read again."""
        return self._whole.get(order) == updated_at

    def forget(self, before: datetime) -> None:
        """No listing shows what changed before this as perhaps unread any more."""
        self._whole = {order: at for order, at in self._whole.items() if at >= before}

    @property
    def owed(self) -> frozenset[OrderId]:
        """Orders that are still to be read."""
        return frozenset(self._owed) | self._later.keys()

    def _complete(self) -> None:
        """Once nothing is owed the listing counts, and what was shown meanwhile is owed."""
        while not self._owed and self._begun is not None:
            self.read_until, self.read_tick = self._begun
            self._owed, self._begun = self._later, self._later_begun
            self._later, self._later_begun = {}, None
