"""Why a stock figure is what it is: terms that add up to it, each with what lies behind it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Source:
    """Something stored that a term comes from; the units of all sources of a term add up to the term."""

    kind: str
    """snapshot, order, level, rule or other."""
    ref: str
    """What is stored: `event:12`, an order id, or the name of a rule; empty when nobody has told it apart."""
    text: str
    units: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One signed part of a figure."""

    name: str
    text: str
    units: int
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """Of a kit, one article that it is made of, at the kit's own location."""

    sku: str
    free: int
    """Units the back office has free."""
    per_kit: int

    @property
    def kits(self) -> int:
        """How many kits they are enough for."""
        return max(self.free, 0) // self.per_kit


@dataclass(frozen=True, slots=True)
class CellMoment:
    """A cell as it was after one change."""

    event: int
    at: datetime
    kind: str
    """seen, published, agreed, waiting or decided."""
    cause: str
    reference: str
    on_hand: int | None
    available: int | None
    committed: int | None
    erp_on_hand: int | None
    erp_reserved: int | None
    erp_at: datetime | None
    base: int | None
    pos: int
    ver: int
    seen_low: int | None
    seen_at: datetime | None
    target: int | None
    terms_json: str


@dataclass(frozen=True, slots=True)
class Write:
    """The last write of ours into a cell."""

    event: int
    at: datetime
    key: str
    """Idempotency key under which the shop was told."""
    cause: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A cell at one moment."""

    connection: str
    sku: str
    location: str
    location_name: str
    asked: datetime
    figure: int | None
    """On hand last written or found equal; None while neither has happened."""
    figure_at: datetime | None
    terms: tuple[Term, ...]
    write: Write | None
    state: CellMoment
    """The cell after its last change up to the moment asked for."""
    history: tuple[CellMoment, ...]
    """The changes up to then, newest first."""
    components: tuple[Component, ...] = ()
    """What a kit is made of, as it was looked at; empty for anything else."""

    @property
    def total(self) -> int:
        """The sum of the terms; equal to the figure."""
        return sum(term.units for term in self.terms)
