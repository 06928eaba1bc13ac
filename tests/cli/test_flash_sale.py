"""`trueup simulate flash-sale`: the same buyers under every way, from what is in store."""

import json
from random import Random

from click.testing import CliRunner

from console.canned import CannedDesk
from console.cli.simulate import simulate
from console.flash_sale import example, offers_of, played
from engine.stock.flash import Events, Rush, fixed, prevents


def told(*words: str) -> dict:
    return json.loads(CliRunner().invoke(simulate, ["flash-sale", "--example", "--json", *words]).output)


def test_live_at_half_a_second_oversells_a_hundredth_of_the_quarter_hourly_batch() -> None:
    ways = {way["name"]: way for way in told("--sales", "3", "--lag", "0.5")["ways"]}
    live, *_ = ways.values()
    batches = [ways[f"batch every {minutes} min"]["per_thousand"] for minutes in (15, 5, 1)]
    assert batches == sorted(batches, reverse=True) and batches[0] > 150
    assert 0 < live["per_thousand"] <= batches[0] / 100


def test_the_same_seed_tells_the_same_and_each_cell_its_time_and_remedy() -> None:
    first, again = told("--seed", "4", "--lag", "5"), told("--seed", "4", "--lag", "5")
    assert first == again != told("--seed", "5", "--lag", "5")
    times = [one["first_seconds"] for one in first["hurt"]]
    assert times == sorted(times) and times
    assert sum(one["units"] for one in first["hurt"]) == first["ways"][0]["oversold"]


def test_the_buffer_that_is_named_prevents_and_one_unit_less_does_not() -> None:
    way, offers = Events(5.0, 5.0), example()
    for offer, buyers in zip(offers, Rush(41, 1_800).buyers(offers, Random(2)), strict=True):
        if way.play(offer.units, buyers, fixed(0)).oversold:
            helps = prevents(way, offer.units, buyers)
            assert helps is not None
            assert way.play(offer.units, buyers, fixed(helps[0])).oversold == 0
            assert helps[0] == 1 or way.play(offer.units, buyers, fixed(helps[0] - 1)).oversold > 0


async def test_it_is_played_from_the_cells_as_they_stand(desk: CannedDesk) -> None:
    offers, lag = await offers_of(desk, "")
    page = await desk.stock(limit=500)
    sold = {(o.key.sku, o.key.location): o.units for o in offers}
    first = page.rows[0]
    assert {name: sold.get((first.sku, name)) for _, name in page.locations[:4]} == {
        cell.location_name: cell.available if (cell.available or 0) > 0 and cell.state != "inactive" else None
        for cell in first.cells[:4]
        if cell
    }
    assert lag == 1.9
    assert played(offers[:20], Rush(5, 60), lag, [1]).wanted > 50
