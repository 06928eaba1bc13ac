"""How likely a cell sells more than there is, and what would help: by hand, by counting, and against a played sale."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.stock.advice import Act, advice, needed
from engine.stock.flash import Events, Offer, Rush, batch, by_velocity, fixed
from engine.stock.risk import THRESHOLD, Exposure, Sales, oversell
from engine.stock.velocity import MEMORY, STEADY, Sold, pace, sold, weighed

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
rates = st.floats(min_value=0.0, max_value=5.0)
units = st.integers(min_value=0, max_value=60)


def cell(offered: int, web: float, outside: float, lag: float = 5.0, held: int = 0) -> Exposure:
    return Exposure(offered, held, web, outside, lag * SECOND, lag * SECOND)


def test_the_chances_of_sales_to_come_add_up_and_expect_the_rate() -> None:
    sales = Sales(0.4, 30 * SECOND)
    likely = list(sales.each(200))
    assert sum(likely) == pytest.approx(1.0, abs=1e-9)
    assert sum(count * chance for count, chance in enumerate(likely)) == pytest.approx(sales.expected)


def test_the_probability_is_the_share_of_played_out_cases() -> None:
    """Both sides drawn at random, each refusing what it believes it has not."""
    chance, one = Random(3), cell(3, 0.3, 0.2, lag=8)
    web, outside = list(Sales(0.3, 8 * SECOND).each(60)), list(Sales(0.2, 16 * SECOND).each(60))
    cases = 40_000
    drawn = zip(
        chance.choices(range(61), web, k=cases), chance.choices(range(61), outside, k=cases), strict=True
    )
    over = sum(min(w, 3) + x > 3 for w, x in drawn)
    assert oversell(one) == pytest.approx(over / cases, abs=0.01)


def test_one_side_alone_oversells_only_what_it_has_not_heard_of() -> None:
    assert oversell(cell(2, web=3.0, outside=0.0)) == 0.0
    assert oversell(cell(-1, web=0.0, outside=0.0)) == 1.0
    assert oversell(cell(2, web=0.0, outside=0.2)) > 0.0


@given(offered=units, web=rates, outside=rates, held=units)
def test_it_is_a_probability_that_falls_with_stock_and_buffer_and_rises_with_sales(
    offered: int, web: float, outside: float, held: int
) -> None:
    here = oversell(cell(offered, web, outside, held=held))
    assert 0.0 <= here <= 1.0
    assert oversell(cell(offered + 3, web, outside, held=held)) <= here + 1e-9
    assert oversell(cell(offered, web, outside, held=held + 3)) <= here + 1e-9
    assert oversell(cell(offered, web, outside + 0.5, held=held)) >= here - 1e-9


def test_the_time_left_is_what_is_offered_at_the_pace_of_both_sides() -> None:
    assert cell(30, 0.05, 0.05).to_zero == timedelta(seconds=300)
    assert cell(0, 1.0, 1.0).to_zero == timedelta(0)
    assert cell(5, 0.0, 0.0).to_zero is None


def test_a_buffer_that_is_advised_brings_the_risk_below_the_limit_and_one_unit_less_does_not() -> None:
    one = cell(12, 1.0, 0.2)
    assert oversell(one) > THRESHOLD
    extra = needed(one)
    assert 0 < extra < 12
    after = [oversell(cell(12 - kept, 1.0, 0.2, held=kept)) for kept in (extra - 1, extra)]
    assert after[0] >= THRESHOLD > after[1]
    assert advice(one, {}).act is Act.BUFFER and advice(one, {}).units == extra


def test_a_cell_that_sold_too_much_or_cannot_be_helped_stops_and_a_soon_empty_one_is_filled() -> None:
    assert advice(cell(-1, 0.1, 0.0), {}).act is Act.STOP
    assert advice(cell(1, 2.0, 2.0), {}).act is Act.STOP
    here = {"here": cell(4, 0.004, 0.0), "full": cell(60, 0.0001, 0.0), "half": cell(20, 0.0, 0.0)}
    told = advice(here["here"], here)
    assert (told.act, told.units, told.source) == (Act.TRANSFER, 29, "full")
    assert advice(cell(400, 0.004, 0.0), here).act is Act.NONE


def test_velocities_go_by_the_minute_where_it_saw_enough_and_else_by_the_quarter_of_an_hour() -> None:
    one = weighed([(NOW, 1)], NOW, MEMORY), weighed([(NOW, 1)], NOW, STEADY)
    assert pace(*one) == one[1] == pytest.approx(1 / 900)
    many = [(NOW - second * SECOND, 1) for second in range(600)]
    assert pace(weighed(many, NOW, MEMORY), weighed(many, NOW, STEADY)) == pytest.approx(1.0, rel=0.02)
    rate, left = Sold(0.0, 5_000, NOW), 5_000
    for second in range(1, 3_600):
        left -= 1
        rate = sold(rate, left, NOW + second * SECOND)
    assert rate.steady == pytest.approx(1.0, rel=0.03)
    assert rate.at_steady(NOW + 4_499 * SECOND) == pytest.approx(rate.steady / 2.718, rel=0.01)


def offers(each: int = 30) -> list[Offer]:
    """50 SKUs at 4 locations, some wanted far more than others."""
    return [
        Offer(CellKey(Sku(f"S{sku:02}"), LocationId(f"L{at}")), each, (sku + 1) ** -0.9, (sku + 1) ** -0.9)
        for sku in range(50)
        for at in range(4)
    ]


def rate(sales: list[float], at: float) -> float:
    """Units a second, as `weighed` has it."""
    memory = MEMORY.total_seconds()
    return sum(exp((sale - at) / memory) for sale in sales[bisect_right(sales, at - 6 * memory) :]) / memory


def test_of_the_cells_shown_at_twenty_to_thirty_percent_as_many_oversell() -> None:
    """A played sale, looked at as the engine would: the last sales of the other side are not heard of yet."""
    shown = happened = 0
    lag = 30.0
    for seed in range(10):
        for offer, buyers in zip(offers(), Rush(41, 1_800).buyers(offers(), Random(seed)), strict=True):
            web, outside = list[float](), list[float]()
            for at, elsewhere in buyers:
                mine, other = (outside, web) if elsewhere else (web, outside)
                if offer.units - len(mine) - bisect_right(other, at - lag) > 0:
                    mine.append(at)
            accepted = sorted(web + outside)
            for at in (step * lag for step in range(2, 60)):
                sold_here, heard = web[: bisect_right(web, at)], outside[: bisect_right(outside, at - lag)]
                offered = offer.units - len(sold_here) - len(heard)
                if (
                    0 < offered <= 20
                    and 0.2 <= oversell(cell(offered, rate(sold_here, at), rate(heard, at), lag=lag)) < 0.3
                ):
                    before, after = bisect_right(accepted, at), bisect_right(accepted, at + lag)
                    shown += 1
                    happened += after > max(offer.units, before)
    assert shown > 250
    assert 0.15 <= happened / shown <= 0.35, (happened, shown)


def test_the_model_agrees_with_the_closed_form_while_the_lag_is_short() -> None:
    """Per cell sold out a·b/(a+b) units for each second of both lags, at rates that stand still."""
    over, cells, (web, outside), lag = 0, 400, (1.3, 0.7), 2.0
    chance = Random(5)
    for _ in range(cells):
        at, buyers = 0.0, list[tuple[float, bool]]()
        while at < 120:
            at += chance.expovariate(web + outside)
            buyers.append((at, chance.random() < outside / (web + outside)))
        over += Events(lag, lag).play(60, buyers, fixed(0)).oversold
    assert over / cells == pytest.approx(web * outside / (web + outside) * 2 * lag, rel=0.08)


def test_a_flash_sale_oversells_a_hundredth_of_what_a_quarter_hourly_batch_does() -> None:
    told = dict.fromkeys(("half a second", "batch"), 0.0)
    for seed in range(3):
        wanted = Rush(41, 1_800).buyers(offers(), Random(seed))
        ways = ("half a second", Events(0.5, 0.5)), ("batch", batch(15, Random(seed)))
        for name, way in ways:
            played = [way.play(30, buyers, fixed(0)) for buyers in wanted]
            told[name] += 1_000 * sum(o.oversold for o in played) / sum(o.accepted for o in played) / 3
    assert told["batch"] > 150
    assert told["half a second"] <= told["batch"] / 100


def test_a_buffer_by_velocity_prevents_most_and_strands_almost_nothing() -> None:
    wanted = Rush(41, 1_800).buyers(offers(), Random(1))
    plain, fast, flat = (
        [Events(5.0, 5.0).play(30, buyers, held) for buyers in wanted]
        for held in (fixed(0), by_velocity(5.0), fixed(5))
    )
    over = [sum(one.oversold for one in played) for played in (plain, fast, flat)]
    lost = [sum(one.lost for one in played) for played in (plain, fast, flat)]
    assert over[1] < over[0] * 2 / 3
    assert lost[1] <= lost[0] + 5 < lost[2]
