"""What TrueUp may write of a connection that another connector serves as well: nothing at first, then more and more.

A connection that is ours alone has the whole remit. Beside another connector it begins in the shadow: TrueUp reads
both sides, says what it would write and writes nothing. An operator takes over one subject, or the stock of one
location, at a time, and may give each back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from engine.model.failure import Refused
from engine.model.ids import LocationId


class Subject(StrEnum):
    """A kind of record that is taken over by itself."""

    STOCK = "stock"
    """Levels in the shop; the only one that may be taken over location by location."""
    ORDERS = "orders"
    """Documents in the back office, and the money entered for them."""
    FULFILMENT = "fulfilment"
    """What left and came back, told to the other side."""
    PRODUCTS = "products"
    """Fields of products in the shop."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that would change a remote."""

    name: str
    """As the remote calls it, or as a person does."""
    subjects: frozenset[Subject]
    """Having taken over one of these suffices; with none it is never done beside another connector."""
    location: LocationId | None = None
    """Where the stock is; None when the deed is not about one place."""


@dataclass(frozen=True, slots=True)
class Remit:
    """What TrueUp writes."""

    whole: bool = True
    """No other connector is there: everything."""
    subjects: frozenset[Subject] = frozenset()
    locations: frozenset[LocationId] = frozenset()
    """Where stock is taken over, when not everywhere."""

    @property
    def nothing(self) -> bool:
        """Not a single write: the shadow."""
        return not (self.whole or self.subjects or self.locations)

    def covers(self, subject: Subject, location: LocationId | None = None) -> bool:
        """Is this ours to write? Stock without a location: of any place."""
        if self.whole or subject in self.subjects:
            return True
        here = bool(self.locations) if location is None else location in self.locations
        return subject is Subject.STOCK and here

    def allows(self, deed: Deed) -> bool:
        """May this be done?"""
        return self.whole or any(self.covers(subject, deed.location) for subject in deed.subjects)


WHOLE = Remit()
SHADOW = Remit(whole=False)
EVERY = frozenset(Subject)


@dataclass(slots=True)
class Licence:
    """The remit as it stands at this moment; one for the engine's flows and the transports of both remotes."""

    remit: Remit = field(default=WHOLE)

    def check(self, deeds: Iterable[Deed]) -> None:
        """Refused unless all of these may be done; nothing has been sent then."""
        for deed in deeds:
            if not self.remit.allows(deed):
                raise not_ours(deed)


def not_ours(deed: Deed) -> Refused:
    """The refusal of a deed that another connector's place is to do."""
    at = f" at {deed.location}" if deed.location else ""
    what = " or ".join(sorted(deed.subjects)) or "everything"
    return Refused(
        f"Another connector serves this: {deed.name}{at} was not sent",
        f"Do it there, or take {what} over first (trueup golive)",
        code="not_taken_over",
    )
