"""A shop, a back office and a store side by side, with the product flows on them and nothing else running."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Connection, select

from adapters.shopify.sandbox import SandboxSku, ShopSandbox
from adapters.shopify.sandbox import start as start_shop
from adapters.shopify.storefront import ShopifyStorefront
from adapters.sql.back_office import SqlBackOffice
from adapters.sql.sandbox import start as start_office
from adapters.sql.sandbox.statements import MARKET_FIELDS, PRODUCT_FIELDS, STATEMENTS
from engine.flows.adopting import link, proposals
from engine.flows.catalogue import Catalogue
from engine.flows.deliver import Deliver
from engine.flows.products import Products
from engine.flows.site import Rhythm, Site
from engine.model.clock import SystemClock
from engine.model.ids import LocationId, WarehouseId
from engine.products.fields import FACTS
from engine.products.matching import Match
from engine.products.ownership import Ownership
from engine.store.product_rows import FieldKept
from engine.store.queries.products import field_conflicts, fields_of
from engine.store.session import Store
from engine.store.tables import alert
from engine.store.verbs.products import adopt, decide_field

EAGER = Rhythm(full_compare=timedelta(hours=1))
NAME = "main"


@dataclass
class Ground:
    """Both sides and what lies between them."""

    site: Site
    store: Store
    sandbox: ShopSandbox
    shop_staff: httpx.AsyncClient
    office_staff: httpx.AsyncClient

    def __post_init__(self) -> None:
        self.products, self.catalogue = Products(self.site), Catalogue(self.site)
        self.deliver = Deliver(self.site, {"product": self.products.attempt})

    async def propose(self) -> tuple[Match, ...]:
        """What could be adopted."""
        return await proposals(self.site)

    async def adopt_all(self) -> int:
        """Adopt every match that is beyond doubt."""
        found = [link(match) for match in await self.propose() if match.certain]
        return await self.store.write(adopt, NAME, found, "tester", self.site.now())

    async def settle(self) -> None:
        """Look for changes on both sides and act until nothing is due, records of the queue too."""
        await self.catalogue.articles()
        await self.catalogue.variants()
        await self.act()

    async def adopted(self) -> None:
        """Adopt all that matches, and settle."""
        await self.adopt_all()
        await self.settle()

    async def act(self) -> None:
        """Act on what is due."""
        while await self.products.round() or await self.deliver.round():
            await self.deliver.drain(10.0)

    async def article(self, sku: str, /, **facts: object) -> None:
        """Staff of the back office enter facts of an article."""
        await _said(self.office_staff, "article", {"sku": sku, "facts": facts})

    async def variant(self, sku: str, /, **facts: object) -> None:
        """Somebody edits a variant in the shop."""
        await _said(self.shop_staff, "product", {"sku": sku, "facts": facts})

    async def content(self, sku: str, **content: object) -> None:
        """The content team edits the product of a variant."""
        await _said(self.shop_staff, "product", {"sku": sku, "content": content})

    async def market(self, name: str, **asked: object) -> None:
        """Staff of the shop open a market, or give a variant (`sku`) a fixed price in it."""
        await _said(self.shop_staff, "market", {"market" if "sku" in asked else "name": name} | asked)

    async def fixed(self, sku: str) -> dict[str, Any]:
        """Fixed prices of a variant, by market."""
        found: dict[str, Any] = (await self.rows())[sku]["fixed_prices"]
        return found

    async def moved(self, sku: str) -> None:
        """A variant is deleted in the shop, and another made in its place."""
        await _said(self.shop_staff, "product", {"sku": sku, "moved": True})

    async def trouble(self, **fault: object) -> None:
        """The shop misbehaves from now on, or behaves again."""
        await _said(self.shop_staff, "faults", fault)

    async def deny(self, *scopes: str) -> None:
        """Take access scopes away from the app; without any it has all again."""
        await _said(self.shop_staff, "rights", {"deny": scopes})

    async def alarms(self) -> list[tuple[str, str]]:
        """Alerts that stand: cause and remedy."""
        return await self.store.read(_standing)

    async def rows(self) -> dict[str, dict[str, Any]]:
        """Variants of the shop as they are, by SKU."""
        return {row["sku"]: row for product in await self.catalogue_of_shop() for row in product["variants"]}

    async def rows_of(self, sku: str) -> list[str]:
        """Ids of all variants that bear a SKU."""
        return [
            row["id"]
            for product in await self.catalogue_of_shop()
            for row in product["variants"]
            if row["sku"] == sku
        ]

    async def catalogue_of_shop(self) -> list[dict[str, Any]]:
        """Every product of the shop as it is."""
        found: list[dict[str, Any]] = (await self.shop_staff.get("/_control/products")).json()
        return found

    async def api(self) -> dict[str, Any]:
        """What the shop's API was asked so far."""
        found: dict[str, Any] = (await self.shop_staff.get("/_control/state")).json()["api"]
        return found

    async def mutations(self) -> int:
        """Mutations the shop was sent."""
        return sum((await self.api())["mutations"].values())

    async def fields(self, sku: str) -> dict[str, FieldKept]:
        """Fields of an adopted variant as they were last seen."""
        return {field.field: field for field in await self.store.read(fields_of, NAME, sku)}

    async def conflicts(self) -> list[FieldKept]:
        """What waits for a person."""
        return await self.store.read(field_conflicts, self.site.now())

    async def decide(self, sku: str, field: str, what: str, minutes: int = 60) -> bool:
        """A person decides, and the flow acts on it."""
        now = self.site.now()
        until = now + timedelta(minutes=minutes)
        done = await self.store.write(decide_field, NAME, sku, field, what, until, "tester", now)
        await self.act()
        return done


def _standing(tx: Connection) -> list[tuple[str, str]]:
    rows = tx.execute(select(alert.c.cause, alert.c.remedy).where(alert.c.cleared_at.is_(None)))
    return [(row.cause, row.remedy) for row in rows]


async def _said(staff: httpx.AsyncClient, verb: str, asked: dict[str, Any]) -> None:
    reply = await staff.post(f"/_control/{verb}", json=asked)
    assert reply.status_code == 200, reply.text


@asynccontextmanager
async def ground(
    folder: Path,
    skus: Sequence[SandboxSku],
    *,
    articles: Sequence[str] | None = None,
    rules: Ownership | None = None,
    rhythm: Rhythm = EAGER,
    shop: Any = None,
) -> AsyncIterator[Ground]:
    """Both sandboxes with these SKUs; the back office may have others.

    `shop`: one that runs already, elsewhere, with `url`, `move_to_plan` and `stop` as our own has them.
    """
    shop = shop or start_shop(seed=5, skus=skus, locations=["North"], stock={})
    office = start_office(folder / "office", skus=articles or [each.sku for each in skus], stock={})
    clock = SystemClock()
    store = Store.open(f"sqlite:///{folder / 'trueup.db'}", clock=clock)
    front = ShopifyStorefront(
        shop.url, api_version="2026-10", token="shpat_sandbox", clock=clock,
        facts=(rules or Ownership()).speaks_of(FACTS, NAME),
    )  # fmt: skip
    back = SqlBackOffice(
        office.database_url, STATEMENTS, clock=clock, product_fields=[*PRODUCT_FIELDS, *MARKET_FIELDS],
        market_currencies={"eu": "EUR"},
    )  # fmt: skip
    site = Site(
        NAME, store, front, back, clock, {LocationId("gid://shopify/Location/1"): (WarehouseId("WH1"),)},
        ownership=rules or Ownership(), rhythm=rhythm,
    )  # fmt: skip
    try:
        async with (
            httpx.AsyncClient(base_url=shop.url, trust_env=False, timeout=60) as shop_staff,
            httpx.AsyncClient(base_url=office.url, trust_env=False, timeout=60) as office_staff,
        ):
            yield Ground(site, store, shop, shop_staff, office_staff)
    finally:
        await site.shop.aclose()
        await site.back_office.aclose()
        store.close()
        office.stop()
        shop.stop()
