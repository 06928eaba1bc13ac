"""Starts the two sides of a world."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from console.world.goods import Article
from console.world.remotes import Remote

if TYPE_CHECKING:
    from adapters.cin7_core.sandbox.server import Cin7CoreSandbox
    from adapters.netsuite.sandbox.server import NetSuiteSandbox

Stock = Mapping[tuple[str, int], int]


class Filled(TypedDict):
    """Goods, places and stock of a sandbox; `stock` maps (SKU, index of the warehouse) to units."""

    seed: int
    skus: Sequence[Article]
    warehouses: Sequence[str]
    stock: Stock


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a back office of a world starts with."""

    directory: Path
    """Where it may keep files."""
    goods: Sequence[Article]
    warehouses: Sequence[str]
    stock: Stock
    seed: int
    bell: str | None = None
    """Where it tells of changes, if it can."""
    port: int = 0
    """0 for any that is free."""

    @property
    def filled(self) -> Filled:
        """What every sandbox is filled from."""
        return {"seed": self.seed, "skus": self.goods, "warehouses": self.warehouses, "stock": self.stock}


FAULTS: Mapping[str, Mapping[str, object]] = {
    "none": {},
    "mild": {"drop": 0.02, "duplicate": 0.05, "reorder": True, "delay_max": 2},
    "storm": {"drop": 0.1, "duplicate": 0.1, "reorder": True, "delay_max": 30},
}
"""What the shop does to its webhooks."""


def shop(
    goods: Sequence[Article], names: Sequence[str], stock: Stock, *, seed: int, port: int = 0, block: int = 0
) -> Remote:
    """A Shopify shop with these goods and this stock; shops of different `block` have no number in common."""
    from adapters.shopify import sandbox

    running = sandbox.start(
        port=port,
        seed=seed,
        skus=[sandbox.SandboxSku(each.sku, each.title, each.price) for each in goods],
        locations=names,
        stock=stock,
        token="shpat_sandbox",  # noqa: S106 - public: it only opens sandboxes
        secret="shop-secret",  # noqa: S106
        block=block,
    )
    return Remote(
        control=running.url,
        stop=running.stop,
        settings={"kind": "shopify", "url": running.url},
        secrets={"shop_access_token": "shpat_sandbox", "shop_webhook_secret": "shop-secret"},
    )


def sql(wanted: Wanted) -> Remote:
    """A home-made ERP on a SQL database."""
    from adapters.sql import sandbox
    from adapters.sql.sandbox.statements import PRODUCT_FIELDS

    running = sandbox.start(wanted.directory / "erp", wanted.port, **wanted.filled, webhook_url=wanted.bell)
    return Remote(
        control=running.url,
        stop=running.stop,
        settings={
            "kind": "sql",
            "url": running.database_url,
            "statements": running.statements,
            "product_fields": list(PRODUCT_FIELDS),
        },
        secrets={"back_office_webhook_secret": running.webhook_secret},
    )


def tryton(wanted: Wanted) -> Remote:
    """A real Tryton server; the first start on a machine installs it and takes a while.

    It tells nobody of changes (`bell` stays unused): TrueUp asks it.
    """
    from adapters.tryton import sandbox

    running = sandbox.start(
        products=wanted.goods,
        warehouses=wanted.warehouses,
        stock=wanted.stock,
        port=wanted.port,
        seed=wanted.seed,
    )
    return Remote(
        control=running.control_url,
        stop=running.stop,
        pid=running.pid,
        settings={
            "kind": "tryton",
            "url": running.url,
            "database": running.database,
            "user": running.user,
            "web_shop": running.web_shop,
        },
        secrets={"back_office_password": running.password},
        rhythm={"delta_seconds": 2.0, "sweep_seconds": 60.0},
    )


def odoo(wanted: Wanted) -> Remote:
    """An Odoo 19 in memory. It tells nobody of changes (`bell` stays unused): TrueUp asks it."""
    from adapters.odoo import sandbox

    running = sandbox.start(wanted.port, **wanted.filled)
    return Remote(
        control=running.url,
        stop=running.stop,
        settings={
            "kind": "odoo",
            "url": running.url,
            "database": running.database,
            "user": running.user,
            "journal": "BNK1",
        },
        secrets={"back_office_key": running.key},
    )


def netsuite(wanted: Wanted) -> Remote:
    """A NetSuite account of the first service tier in memory, with fifteen calls at once.

    It tells nobody of changes (`bell` stays unused): TrueUp asks it.
    """
    from adapters.netsuite import sandbox

    return netsuite_remote(sandbox.start(wanted.port, **wanted.filled, together=15))


def netsuite_remote(running: "NetSuiteSandbox") -> Remote:
    """A running NetSuite account as a side of a world."""
    consumer, consumer_secret, token, token_secret = running.keys
    return Remote(
        control=running.url,
        stop=running.stop,
        settings={
            "kind": "netsuite",
            "account": running.account,
            "url": running.url,
            "concurrency": 8,
            "deposit_account": "220",
            "invoices": True,
        },
        secrets={
            "back_office_client_id": consumer,
            "back_office_client_secret": consumer_secret,
            "back_office_token_id": token,
            "back_office_token_secret": token_secret,
        },
        warehouses=running.locations,
    )


def cin7_core(wanted: Wanted) -> Remote:
    """A Cin7 Core account in memory that answers sixty calls a minute, as the real one does.

    It tells nobody of changes (`bell` stays unused): TrueUp asks it.
    """
    from adapters.cin7_core import sandbox

    return cin7_core_remote(sandbox.start(wanted.port, **wanted.filled))


def cin7_core_remote(running: "Cin7CoreSandbox") -> Remote:
    """A running Cin7 Core account as a side of a world."""
    return Remote(
        control=running.control,
        stop=running.stop,
        settings={
            "kind": "cin7_core",
            "account": running.account,
            "customer": running.customer,
            "url": running.url,
        },
        secrets={"back_office_key": running.key},
        rhythm={"sweep_seconds": 120.0},
    )


def unleashed(wanted: Wanted) -> Remote:
    """An Unleashed account in memory that answers 600 calls a minute, and 250,000 in all.

    It tells nobody of changes (`bell` stays unused): TrueUp asks it.
    """
    from adapters.unleashed import sandbox

    running = sandbox.start(wanted.port, **wanted.filled, calls=600)
    return Remote(
        control=running.url,
        stop=running.stop,
        settings={
            "kind": "unleashed",
            "api_id": running.api_id,
            "customer": running.customer,
            "url": running.url,
            "calls_per_minute": 600,
            "poll_seconds": 5.0,
        },
        secrets={"back_office_key": running.key},
        rhythm={"sweep_seconds": 120.0},
    )


def cin7_omni(wanted: Wanted) -> Remote:
    """A Cin7 Omni account in memory: 3 calls a second, 60 a minute, 5,000 a day, as the real one answers.

    It tells nobody of changes (`bell` stays unused): TrueUp asks it.
    """
    from adapters.cin7_omni import sandbox

    running = sandbox.start(wanted.port, **wanted.filled)
    return Remote(
        control=running.control,
        stop=running.stop,
        settings={
            "kind": "cin7_omni",
            "user": running.user,
            "url": running.url,
            "settle_seconds": 2.0,
            "poll_seconds": 30.0,
        },
        secrets={"back_office_key": running.key},
        warehouses=running.branches,
        rhythm={"sweep_seconds": 120.0},
    )


BACK_OFFICES: Mapping[str, Callable[[Wanted], Remote]] = {
    "sql": sql,
    "tryton": tryton,
    "odoo": odoo,
    "netsuite": netsuite,
    "cin7_core": cin7_core,
    "unleashed": unleashed,
    "cin7_omni": cin7_omni,
}
"""Back offices a world can have, by the kind the configuration names."""
