"""What may go wrong in one seed: each kind of trouble is on or off, and has its own rate when it is on."""

from dataclasses import dataclass, fields
from random import Random


@dataclass(frozen=True, slots=True)
class Weather:
    """Rates are per call or per point; counts are per simulated hour."""

    tier: str = "T0"
    lost: float = 0.0
    """Requests that never arrive."""
    reply_lost: float = 0.0
    """Calls that are carried out and whose answer is lost."""
    late: float = 0.0
    """Calls that are carried out 25 to 85 s after they were sent, whoever waits for them."""
    late_verb: str = ""
    """Half of the calls of this verb are carried out late too. Never drawn."""
    broken: float = 0.0
    """Answers of 502, half of them after the call was carried out."""
    outages: int = 0
    crash: float = 0.0
    second_engine: bool = False
    pauses: int = 0
    stall: float = 0.0
    """The whole process stands still between deciding to send and sending."""
    jumps: int = 0
    """Times the wall clock of the machine is set wrong for a while."""
    busy: float = 0.0
    """Writes the database refuses because it is locked or full."""
    drop: float = 0.0
    duplicate: float = 0.0
    delay: float = 0.0
    reorder: bool = False
    listing_lag: float = 0.0
    """Most seconds by which the listing of changed orders runs behind."""
    index_lag: float = 0.0
    """Most seconds by which the back office's search runs behind; T2 only."""
    edits: bool = False
    """Staff correct levels by hand in the shop."""
    staff_moves: bool = False
    """Staff assign fulfilment orders to another location."""
    nap: float = 0.0
    """The whole process stands still as soon as an answer has arrived."""
    slow: float = 0.0
    """Most seconds that a call and its answer may take each, one time in three."""
    meddle: float = 0.0
    """Calls during which somebody does something: trouble likes company."""
    crossed: bool = False
    """Warehouses ship what the buyer has cancelled, because they have not heard of it yet."""
    parted: bool = False
    """Lines leave in parts, and the first part is back before the next leaves."""
    pace: float = 20.0
    """Seconds between two things people do, on average."""
    shop_clock: float = 0.0
    """Seconds by which the shop's clock is ahead of the true time; it dates all it says by it. Never drawn."""
    erp_clock: float = 0.0
    """The same of the back office."""

    products: bool = False
    """Articles and products are kept in agreement too, and edited on both sides. Never drawn; needs a unique key."""

    def told(self) -> str:
        """Only what is on."""
        on = [(f.name, getattr(self, f.name)) for f in fields(self)]
        return ", ".join(f"{name}={value}" for name, value in on if value)


CALM = Weather()


def draw(seed: int) -> Weather:
    """The weather of a seed: about half of the troubles, mild to hard."""
    chance = Random(f"weather {seed}")

    def rate(*levels: float) -> float:
        return chance.choice(levels) if chance.random() < 0.55 else 0.0

    tier = chance.choice(("T0", "T2"))
    return Weather(
        tier=tier,
        lost=rate(0.02, 0.1),
        reply_lost=rate(0.02, 0.1, 0.3),
        late=rate(0.02, 0.1),
        broken=rate(0.02, 0.1),
        outages=int(rate(1, 3)),
        crash=rate(0.0005, 0.002, 0.005),
        second_engine=chance.random() < 0.5,
        pauses=int(rate(3, 10)),
        stall=rate(0.005, 0.02),
        jumps=int(rate(1, 3)),
        drop=rate(0.1, 0.5),
        duplicate=rate(0.2),
        delay=rate(10.0, 120.0),
        reorder=chance.random() < 0.5,
        listing_lag=rate(15.0, 40.0),
        index_lag=rate(5.0, 20.0) if tier == "T2" else 0.0,
        edits=chance.random() < 0.4,
        busy=rate(0.002, 0.02, 0.1),
        nap=rate(0.001, 0.005),
        slow=rate(1.0, 3.0, 10.0),
        meddle=rate(0.01, 0.05),
        crossed=chance.random() < 0.5,
        pace=10.0 if chance.random() < 0.2 else 20.0,
        parted=chance.random() < 0.3,
    )
