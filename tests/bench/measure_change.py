"""From a change in the back office to the shop's confirmation of the level, by the clocks of both sandboxes."""

import random
import threading
import time

import httpx
from bed import bed, until
from figure import Figure, percentile

SKUS, PLACES = 60, 2
CHANGES = 60
APART = 0.15


def bare_calls(url: str) -> list[float]:
    """Milliseconds of single API calls that do next to nothing."""
    found = []
    with httpx.Client(headers={"X-Shopify-Access-Token": "shpat_sandbox"}, trust_env=False) as client:
        for _ in range(40):
            began = time.perf_counter()
            client.post(
                f"{url}/admin/api/2026-10/graphql.json", json={"query": "{ shop { name } }"}
            ).raise_for_status()
            found.append((time.perf_counter() - began) * 1000)
    return found


def measure() -> list[Figure]:
    from console.world.history import History
    from console.world.latency import back_office_to_shop

    chance = random.Random(7)
    with bed(skus=SKUS, locations=PLACES) as place, place.engine() as agreed:
        begun = time.perf_counter()
        until(lambda: agreed() == SKUS * PLACES, "every cell is agreed on at first")
        first = time.perf_counter() - begun
        before = len(place.shop()["writes"])
        shelves = [(one["sku"], one["warehouse"]) for one in place.erp()["shelves"]]
        pause = threading.Event()
        for sku, warehouse in chance.sample(shelves, CHANGES):
            kind = chance.choice(("receipt", "sale"))
            done = place.world.erp.ask(kind, {"sku": sku, "warehouse": warehouse, "quantity": 1})
            assert done is not None, f"the back office refused a {kind}"
            pause.wait(APART)
        until(lambda: place.differing() == 0, "both sides agree again")
        shop, erp = place.shop(), place.erp()
        assert len(shop["writes"]) > before
        took = back_office_to_shop(History(shop, erp, place.places))
        bare = bare_calls(place.world.shop.control)
    p50, p95 = percentile(took, 0.5), percentile(took, 0.95)
    bare50, bare95 = percentile(bare, 0.5), percentile(bare, 0.95)
    return [
        Figure(
            "first start until every cell is agreed on",
            f"{first:.1f} s",
            "3 s of listing lag, a listing every 5 s",
        ),
        Figure(
            f"back office change to shop, p50 of {len(took)}",
            f"{p50:.0f} ms",
            f"{bare50:.1f} ms per bare API call",
            f"{p50 / bare50:.1f}",
        ),
        Figure(
            "back office change to shop, p95",
            f"{p95:.0f} ms",
            f"{bare95:.1f} ms per bare API call",
            f"{p95 / bare95:.1f}",
            "< 1000 ms",
            p95 < 1000,
        ),
    ]
