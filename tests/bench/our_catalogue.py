"""A plan over 100,000 adopted products, both sides made up as they are asked: run apart, so that memory is its own."""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.flows.plan_commands import PlanCommands
from engine.flows.site import Site
from engine.model.clock import SystemClock
from engine.model.ids import ItemId, LocationId, Sku, WarehouseId
from engine.model.product import OfficeProduct, ProductId, ShopVariant, VariantId
from engine.ports import Capabilities, Tier
from engine.products.ports import OfficeCatalogue, ShopCatalogue
from engine.store.product_rows import Link
from engine.store.session import Store
from engine.store.verbs.products import adopt

PRODUCTS, DIFFERING, PAGE = 100_000, 1000, 1000
READS = frozenset({"sku", "price", "barcode", "cost", "weight"})
MEGABYTE = 1024


def facts(n: int, price: str) -> dict[str, Any]:
    return {
        "sku": f"ART-{n:06}", "price": Decimal(price), "barcode": f"{4_000_000_000_000 + n}", "cost": Decimal("3.00"),
        "weight": Decimal("250.00"),
    }  # fmt: skip


class Shop(ShopCatalogue):
    """A thousand prices differ; what a plan does not ask for is left as the port has it."""

    async def write_variants(self, writes: Any) -> Any:
        raise AssertionError("a plan writes nothing")

    async def read_variants(self, ids: Collection[VariantId]) -> tuple[ShopVariant, ...]:
        return tuple(self._one(int(each)) for each in ids)

    def _one(self, n: int) -> ShopVariant:
        price = "9.00" if n % (PRODUCTS // DIFFERING) == 0 else "10.00"
        return ShopVariant(
            VariantId(str(n)), ProductId(str(n)), ItemId(str(n)), Sku(f"ART-{n:06}"), f"Article {n}", "", frozenset(),
            facts(n, price), datetime(2026, 11, 1, tzinfo=UTC),
        )  # fmt: skip


class Office(OfficeCatalogue):
    """The same articles, as a back office has them."""

    capabilities = Capabilities("made", Tier.T0, 0.0, False, 4, reads=READS)

    async def read_articles(self, skus: Collection[Sku]) -> Mapping[Sku, OfficeProduct]:
        return {sku: OfficeProduct(sku, facts(int(sku[4:]), "10.00")) for sku in skus}


def link(n: int) -> Link:
    return Link(Sku(f"ART-{n:06}"), VariantId(str(n)), ProductId(str(n)), ItemId(str(n)))


async def main(folder: str) -> None:
    clock = SystemClock()
    store = Store.open(f"sqlite:///{folder}/store.db", clock=clock)
    site = Site(
        "main", store, Shop(), Office(), clock, {LocationId("gid://shopify/Location/1"): (WarehouseId("WH1"),)},  # type: ignore[arg-type]
    )  # fmt: skip
    for start in range(0, PRODUCTS, PAGE):
        links = [link(n) for n in range(start, start + PAGE)]
        await store.write(adopt, "main", links, "bench", clock.now())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    began = time.process_time()
    made = await PlanCommands(site).do("plan", {"subject": "products"}, "bench")
    assert made.plan is not None, made
    took = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    from engine.store.queries.plans import read_plan

    plan = await store.read(read_plan, made.plan or 0)
    told = (
        SimpleNamespace(compared=plan.compared, rows=len(plan.fields))
        if plan
        else SimpleNamespace(compared=0, rows=0)
    )
    store.close()
    sys.stdout.write(json.dumps({"peak": peak, "before": before, "seconds": took, **vars(told)}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
