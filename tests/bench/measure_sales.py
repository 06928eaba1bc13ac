"""Orders from the shop's webhook to a document in a back office: a steady stream, and a burst on a narrow NetSuite."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any

from bed import Bed, bed, until
from figure import Figure, percentile
from measure_change import bare_calls

SKUS, PLACES = 60, 2
STREAM, PER_SECOND = 150, 5.0
BURST, BURST_SECONDS = 1000, 60.0
TOGETHER = 5
"""Calls at once that the smallest NetSuite account bears, for all its integrations together."""


def place_orders(place: Bed, orders: int, every: float, seed: int) -> None:
    """Buyers with a basket of one to three articles, one after the other at even steps of time."""
    chance, pause, begun = Random(seed), threading.Event(), time.monotonic()
    stocked = sorted({level["sku"] for level in place.shop()["levels"]})
    for number in range(orders):
        lines = [{"sku": sku, "quantity": 1} for sku in chance.sample(stocked, chance.randint(1, 3))]
        placed = place.world.shop.ask("checkout", {"lines": lines, "tax_rate": "0.07", "shipping": "4.90"})
        assert placed is not None, "an article was sold out"
        pause.wait(max(0.0, begun + (number + 1) * every - time.monotonic()))


def fill(place: Bed) -> None:
    """Goods for every order: the level follows from the back office."""
    for shelf in place.erp()["shelves"]:
        wanted = {"sku": shelf["sku"], "warehouse": shelf["warehouse"], "quantity": 500}
        assert place.world.erp.ask("receipt", wanted) is not None


def ready(place: Bed, agreed: Callable[[], int]) -> None:
    """The engine has seen every cell, and there is enough to sell."""
    until(lambda: agreed() == SKUS * PLACES, "every cell is agreed on at first")
    fill(place)
    until(lambda: place.differing() == 0, "both sides agree")


def booked(place: Bed) -> int:
    """Documents of the shop's orders."""
    return sum(1 for one in place.erp()["documents"] if one.get("ref"))


def stream() -> list[Figure]:
    """Orders at a steady pace into the home-made back office."""
    from console.world.latency import order_to_back_office

    with bed(skus=SKUS, locations=PLACES) as place, place.engine() as agreed:
        ready(place, agreed)
        place_orders(place, STREAM, 1 / PER_SECOND, seed=11)
        until(lambda: booked(place) == STREAM, "every order is booked")
        took = order_to_back_office(place.shop(), place.erp())
        bare = percentile(bare_calls(place.world.shop.control), 0.95)
    p50, p95 = percentile(took, 0.5), percentile(took, 0.95)
    head = f"order placed to created at {PER_SECOND:.0f} a second"
    return [
        Figure(f"{head}, p50 of {len(took)}", f"{p50:.0f} ms"),
        Figure(
            f"{head}, p95", f"{p95:.0f} ms", f"{bare:.1f} ms per bare API call", f"{p95 / bare:.1f}", "< 1000 ms",
            met=p95 < 1000,
        ),
    ]  # fmt: skip


@contextmanager
def narrow() -> Iterator[tuple[Callable[[Any], Any], list[Any]]]:
    """A NetSuite account that bears few calls at once, and the sandbox once it runs."""
    from adapters.netsuite import sandbox
    from console.world import sides

    running: list[Any] = []

    def begin(wanted: Any) -> Any:
        started = sandbox.start(wanted.port, **wanted.filled, together=TOGETHER)
        running.append(started)
        described = sides.netsuite_remote(started)
        return replace(described, settings={**described.settings, "concurrency": TOGETHER})

    yield begin, running


def burst() -> list[Figure]:
    """A thousand orders in a minute into a NetSuite with room for five calls."""
    with narrow() as (begin, running), bed(skus=SKUS, locations=PLACES, back_office=begin) as place:
        pool = running[0].together
        with place.engine() as agreed:
            ready(place, agreed)
            before, looking = pool.calls, itertools.count()
            begun = time.monotonic()
            place_orders(place, BURST, BURST_SECONDS / BURST, seed=12)
            placed = time.monotonic() - begun
            until(
                lambda: next(looking) >= 0 and booked(place) == BURST,
                "the burst is drained",
                seconds=600.0,
                every=1.0,
            )
            drained = time.monotonic() - begun
            calls = pool.calls - before
        refused, peak = pool.too_many, pool.peak
        erp = place.erp()
        twice = len(erp["documents"]) - len({one["ref"] for one in erp["documents"]})
    return [
        Figure(
            f"{BURST:,} orders in {placed:.0f} s booked in NetSuite", f"{drained - placed:.0f} s after the last",
            f"{drained:.0f} s in all", f"{drained / placed:.2f}", "none twice", met=not twice,
        ),
        Figure(
            "calls at once of a NetSuite that bears 5, the most", f"{peak}", f"{calls / BURST:.1f} calls per order",
            target=f"≤ {TOGETHER}, none refused", met=peak <= TOGETHER and not refused,
        ),
    ]  # fmt: skip


def measure() -> list[Figure]:
    """Both."""
    return [*stream(), *burst()]
