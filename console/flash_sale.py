"""A flash sale played from what there is: the cells as they stand, and several ways of keeping both sides together."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

from engine.desk import Desk
from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.stock.flash import Batch, Events, Held, Offer, Outcome, Rush, batch, by_velocity, fixed, prevents

BATCHES = (15.0, 5.0, 1.0)
"""Minutes between two runs of the jobs it is set beside."""
PAGE = 500
MOST = 20_000
"""Cells of one sale."""
QUIET = 0.1
"""Part of the mean pace at which a cell is wanted that has not sold of late."""


@dataclass(frozen=True, slots=True)
class Way:
    """What came of one way of keeping both sides together."""

    name: str
    accepted: float
    oversold: float
    lost: float
    """Units left over although a buyer was sent away."""

    @property
    def per_thousand(self) -> float:
        """Units oversold of 1,000 accepted."""
        return 1000 * self.oversold / self.accepted if self.accepted else 0.0


@dataclass(frozen=True, slots=True)
class Hurt:
    """A cell that oversells as both sides are kept together now."""

    sku: str
    location: str
    first_seconds: float
    units: int
    buffer: int | None
    """The smallest that prevents it; None when none does."""
    lost: int
    """What that buffer costs in lost sales."""


@dataclass(frozen=True, slots=True)
class Sale:
    """The whole answer."""

    cells: int
    units: int
    wanted: float
    ways: tuple[Way, ...]
    hurt: tuple[Hurt, ...]
    """Those of the first seed, the first to oversell first."""


async def offers_of(desk: Desk, text: str) -> tuple[list[Offer], float]:
    """The cells whose SKU or title contains the text, wanted as fast as they sold of late; and the longest lag measured."""
    risk = await desk.risk()
    pace = {(row.sku, row.location_name): row for row in risk.rows}
    web = fmean([row.web_per_hour for row in risk.rows]) if risk.rows else 0.0
    outside = fmean([row.outside_per_hour for row in risk.rows]) if risk.rows else 0.0
    found: list[Offer] = []
    offset, total = 0, 1
    while offset < total and len(found) < MOST:
        page = await desk.stock(filter=text, offset=offset, limit=PAGE)
        offset, total = offset + PAGE, page.total
        for row in page.rows:
            for cell in row.cells:
                if cell is None or cell.state == "inactive" or (cell.available or 0) <= 0:
                    continue
                known = pace.get((row.sku, cell.location_name))
                found.append(
                    Offer(
                        CellKey(Sku(row.sku), LocationId(cell.location_name)),
                        (cell.available or 0) + (known.held_back if known else 0),
                        (known.web_per_hour if known else 0.0) + QUIET * web + 1e-6,
                        (known.outside_per_hour if known else 0.0) + QUIET * outside + 1e-6,
                    )
                )
    lag = max((row.lag_seconds for row in risk.rows), default=1.0)
    return found[:MOST], lag


def example() -> list[Offer]:
    """50 SKUs at 4 locations with 30 units each, a few wanted far more than the rest."""
    return [
        Offer(CellKey(Sku(f"SKU-{sku:02}"), LocationId(f"L{at}")), 30, (sku + 1) ** -0.9, (sku + 1) ** -0.9)
        for sku in range(50)
        for at in range(4)
    ]


def played(offers: Sequence[Offer], rush: Rush, lag: float, seeds: Sequence[int]) -> Sale:
    """The same buyers under every way, over all seeds; figures of the ways are means."""
    live, wanted = Events(lag, lag), 0
    sums: dict[str, list[int]] = {}
    hurt: list[Hurt] = []
    for seed in seeds:
        buyers = rush.buyers(offers, Random(seed))  # noqa: S311 - the same buyers again, not a secret
        wanted += sum(map(len, buyers))
        ways: list[tuple[str, Events | Batch, Held]] = [
            (f"live, {lag:g} s each way", live, fixed(0)),
            (f"live, {lag:g} s, buffer by velocity", live, by_velocity(lag)),
            *((f"batch every {m:g} min", batch(m, Random(seed)), fixed(0)) for m in BATCHES),  # noqa: S311 - as above
        ]
        for name, way, held in ways:
            outcomes = [way.play(o.units, b, held) for o, b in zip(offers, buyers, strict=True)]
            before = sums.setdefault(name, [0, 0, 0])
            for at, field in enumerate(("accepted", "oversold", "lost")):
                before[at] += sum(getattr(one, field) for one in outcomes)
            if way is live and name.endswith("way") and seed == seeds[0]:
                hurt = [
                    _hurt(live, offer, theirs, one)
                    for offer, theirs, one in zip(offers, buyers, outcomes, strict=True)
                    if one.oversold
                ]
    many = len(seeds)
    return Sale(
        len(offers),
        sum(offer.units for offer in offers),
        wanted / many,
        tuple(Way(name, *(count / many for count in counts)) for name, counts in sums.items()),
        tuple(sorted(hurt, key=lambda one: one.first_seconds)),
    )


def _hurt(live: Events, offer: Offer, buyers: Sequence[tuple[float, bool]], one: Outcome) -> Hurt:
    helps = prevents(live, offer.units, buyers)
    kept, lost = helps if helps else (None, 0)
    return Hurt(offer.key.sku, offer.key.location, one.first or 0.0, one.oversold, kept, lost)
