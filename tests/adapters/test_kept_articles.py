"""Articles kept beside a back office that answers few calls: what is read again, how often, and what is told."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from adapters.kept_articles import KeptArticles, Stamped
from engine.model.clock import SystemClock
from engine.model.ids import Sku
from engine.model.product import OfficeProduct


class HandClock(SystemClock):
    """Goes when it is told to."""

    seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def go(self, seconds: float) -> None:
        self.seconds += seconds


NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Vendor:
    """Three articles, and what was asked for."""

    def __init__(self) -> None:
        self.rows = {name: self._row(name, "10.00", NOON) for name in ("CUP", "MUG", "PAN")}
        self.asked: list[datetime | None] = []

    @staticmethod
    def _row(sku: str, price: str, at: datetime, number: str = "") -> Stamped:
        return Stamped(OfficeProduct(Sku(sku), {"price": Decimal(price)}, id=number or sku), at)

    def edit(self, sku: str, price: str, at: datetime, number: str = "") -> None:
        self.rows[number or sku] = self._row(sku, price, at, number)

    async def ask(self, since: datetime | None) -> Sequence[Stamped]:
        self.asked.append(since)
        return [row for row in self.rows.values() if since is None or row.at >= since]


def kept(vendor: Vendor, clock: HandClock) -> KeptArticles:
    return KeptArticles("Vendor", clock, vendor.ask, overlap=30.0, every=60.0, whole=timedelta(hours=1))


async def test_a_look_is_one_call_a_minute_and_everything_is_read_once_an_hour() -> None:
    vendor, clock = Vendor(), HandClock()
    articles = kept(vendor, clock)
    cursor = (await articles.since(None)).cursor
    for _ in range(5):
        assert (await articles.since(cursor)).skus == frozenset()
        await articles.named([Sku("CUP")])
    assert vendor.asked == [None]
    clock.go(60)
    vendor.edit("CUP", "11.00", NOON + timedelta(seconds=5))
    told = await articles.since(cursor)
    assert told.skus == {"CUP"} and vendor.asked == [None, NOON - timedelta(seconds=30)]
    assert (await articles.since(told.cursor)).skus == frozenset()
    clock.go(3600)
    del vendor.rows["PAN"]
    assert await articles.named([Sku("PAN")]) == {} and vendor.asked[-1] is None


async def test_two_edits_with_one_stamp_are_told_twice_and_a_late_one_is_not_missed() -> None:
    vendor, clock = Vendor(), HandClock()
    articles = kept(vendor, clock)
    cursor = (await articles.since(None)).cursor
    for price in ("11.00", "12.00"):
        vendor.edit("MUG", price, NOON)
        clock.go(60)
        told = await articles.since(cursor)
        assert told.skus == {"MUG"}
        cursor = told.cursor
    vendor.edit("CUP", "9.00", NOON - timedelta(seconds=20))  # stamped when its transaction began
    clock.go(60)
    assert (await articles.since(cursor)).skus == {"CUP"}


async def test_a_code_that_two_bear_is_nobodys() -> None:
    vendor, clock = Vendor(), HandClock()
    vendor.edit("MUG", "5.00", NOON, number="other")
    articles = kept(vendor, clock)
    assert [each.sku async for page in articles.all() for each in page] == ["CUP", "PAN"]
    assert set(await articles.named([Sku("MUG"), Sku("CUP"), Sku("NOBODY")])) == {"CUP"}
