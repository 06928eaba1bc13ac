"""Makes store, adapters, listener and desk of settings: the place that names concrete classes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta

from prometheus_client.core import Metric
from pydantic import SecretStr

from adapters.doorbells import Doorbell, Signed, Unsigned
from adapters.field_maps import field_map, nowhere
from adapters.intake import ConnectionSecrets
from adapters.limits import Pacer
from adapters.listener import HealthReport, Listener
from adapters.read_only import asserted
from adapters.shopify.deeds import deeds
from adapters.shopify.storefront import ShopifyStorefront
from adapters.standard_webhooks import STANDARD
from console.alerting import subscribers
from console.back_offices import back_office, licence_of, webhooks
from console.inbox import Inbox
from console.settings import Settings, SettingsTrouble
from console.settings.back_offices import account
from console.settings.connection import ConnectionSettings
from console.settings.secrets import ConnectionSecrets as Secrets
from console.value_maps import value_maps
from engine.desk import Desk
from engine.flows.bulkhead import Rooms
from engine.flows.site import Rhythm, Site
from engine.front import Front
from engine.model.clock import Clock, SystemClock
from engine.model.remit import Licence
from engine.model.role import Role
from engine.orders.atlas import Atlas
from engine.orders.booking import booked_at
from engine.orders.sharing import Neighbour
from engine.products.fields import FACTS
from engine.stock.sisters import Sister
from engine.store.session import Store
from engine.store.verbs.lease import holder


def open_store(settings: Settings, clock: Clock) -> Store:
    """The store of this configuration; StoreTrouble when it cannot be opened."""
    return Store.open(settings.store.url, clock=clock)


def _text(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None


def shop(
    settings: Settings,
    one: ConnectionSettings,
    clock: Clock,
    licence: Licence | None = None,
    pace: Pacer | None = None,
) -> ShopifyStorefront:
    """The storefront of a connection; SettingsTrouble when no key opens it. What the licence leaves out is never sent.

    `pace`: that of the shop's other callers.
    """
    secrets = settings.secrets_of(one.name)
    if secrets.shop_access_token is None and not (secrets.shop_client_id and secrets.shop_client_secret):
        prefix = f"TRUEUP_SECRETS__{one.name.upper()}__"
        raise SettingsTrouble(
            f"No key of the shop of {one.name!r} is set.",
            f"Set {prefix}SHOP_ACCESS_TOKEN, or {prefix}SHOP_CLIENT_ID and {prefix}SHOP_CLIENT_SECRET.",
        )
    return ShopifyStorefront(
        str(one.shop.url).rstrip("/"),
        api_version=one.shop.api_version,
        token=_text(secrets.shop_access_token),
        client_id=_text(secrets.shop_client_id),
        client_secret=_text(secrets.shop_client_secret),
        clock=clock,
        transport=asserted(licence or licence_of(one), deeds),
        pace=pace,
        facts=settings.ownership.whole.speaks_of(FACTS, one.name),
    )


def sisters(settings: Settings, one: ConnectionSettings) -> tuple[Sister, ...]:
    """The other connections that sell from the same back office; not those that stand in the shadow, whose orders
    another connector books under names of its own."""
    return tuple(
        Sister(other.name, other.warehouses, other.recipes)
        for other in settings.connections
        if other.name != one.name
        and not other.shadow
        and account(other.back_office) == account(one.back_office)
    )


def neighbours(settings: Settings, one: ConnectionSettings) -> tuple[Neighbour, ...]:
    """The other connections of the same shop, whose back offices own other locations of it."""
    names = [each.name for each in settings.connections]
    return tuple(
        Neighbour(
            other.name, frozenset(other.warehouses), earlier=names.index(other.name) < names.index(one.name)
        )
        for other in settings.connections
        if other.name != one.name and other.shop.url == one.shop.url
    )


def sites(settings: Settings, store: Store, clock: Clock) -> list[Site]:
    """Every connection at work; those that share a shop share its pace, those that share a back office the places
    for calls to it."""
    made: dict[tuple[str, ...], Site] = {}
    paces = {one.shop.url: Pacer(clock) for one in settings.connections}
    found = []
    for one in settings.connections:
        first = made.get(account(one.back_office))
        each = site(
            settings, one, store, clock, rooms=first.rooms if first else None, pace=paces[one.shop.url]
        )
        made.setdefault(account(one.back_office), each)
        found.append(each)
    return found


def site(
    settings: Settings,
    one: ConnectionSettings,
    store: Store,
    clock: Clock,
    *,
    rooms: Rooms | None = None,
    pace: Pacer | None = None,
) -> Site:
    """One connection at work; `rooms` and `pace` are those of others whose calls count with its own."""
    public, engine, licence = settings.listener.public_url, settings.engine, licence_of(one)
    poll = getattr(one.back_office, "poll_seconds", None) or engine.delta_seconds
    return Site(
        name=one.name,
        store=store,
        shop=shop(settings, one, clock, licence, pace),
        back_office=back_office(settings, one, clock, licence),
        licence=licence,
        beside=one.shadow,
        keep=timedelta(days=settings.store.keep_days),
        clock=clock,
        locations=one.warehouses,
        buffers=one.buffer_rules,
        kits=one.recipes,
        only_available=one.stock_figures == "available",
        sells_when_off=one.closed_warehouses == "sell",
        orders_since=one.orders_since,
        untold=nowhere(one.back_office.kind),
        subscribers=subscribers(settings, one, clock),
        values=value_maps(one),
        sisters=sisters(settings, one),
        neighbours=neighbours(settings, one),
        rooms=rooms,
        by_hand=frozenset(one.by_hand),
        ownership=settings.ownership.whole,
        drafts=one.new_products == "draft",
        callback=f"{str(public).rstrip('/')}/webhooks/shopify/{one.name}" if public else None,
        rhythm=Rhythm(
            delta=poll,
            orders_poll=engine.orders_poll_seconds,
            sweep=engine.sweep_seconds,
            full_compare=timedelta(seconds=engine.full_compare_seconds),
            workers=engine.workers,
            lease=engine.lease_seconds,
            listing_lag=timedelta(seconds=engine.listing_lag_seconds),
            freshness=timedelta(seconds=engine.freshness_seconds),
        ),
    )


def _doorbell(declared: Signed | Unsigned, secrets: Secrets) -> Doorbell | None:
    """How unsigned webhooks of a back office are known; None where there are none or no path was set."""
    paths = tuple(
        path
        for path in (
            _text(secrets.back_office_webhook_path),
            _text(secrets.back_office_webhook_path_previous),
        )
        if path
    )
    return Doorbell(paths, declared.read) if isinstance(declared, Unsigned) and paths else None


def listener(
    settings: Settings,
    store: Store,
    health: Callable[[], HealthReport],
    metrics: Callable[[], Awaitable[Iterable[Metric]]],
    clock: Clock,
) -> Listener:
    """The web server that takes webhooks in."""
    routes = {}
    for one in settings.connections:
        secrets, declared = settings.secrets_of(one.name), webhooks(one)
        signing = secrets.shop_webhook_secret or secrets.shop_client_secret
        routes[one.name] = ConnectionSecrets(
            tuple(s for s in (_text(signing), _text(secrets.shop_webhook_secret_previous)) if s),
            tuple(
                s
                for s in (
                    _text(secrets.back_office_webhook_secret),
                    _text(secrets.back_office_webhook_secret_previous),
                )
                if s
            ),
            _doorbell(declared, secrets),
            declared if isinstance(declared, Signed) else STANDARD,
        )
    return Listener(
        settings.listener.host,
        settings.listener.port,
        routes,
        Inbox(store),
        health,
        more=metrics,
        clock=clock,
        body_limit=settings.listener.body_limit,
        receive_seconds=settings.listener.receive_seconds,
    )


def atlas(settings: Settings) -> Atlas:
    """What the configuration says of names, warehouses and fields."""
    ones = settings.connections
    return Atlas(
        names={one.name: value_maps(one) for one in ones},
        warehouses={one.name: booked_at(one.warehouses) for one in ones},
        fields=lambda: {one.name: field_map(one.back_office.kind) for one in ones},
    )


def desk(
    settings: Settings, store: Store, clock: Clock, *, me: str | None = None, role: Role = Role.ADMIN
) -> Desk:
    """What operators see and do with this store; `me` is the lease holder of the engine in this process, if any."""
    return Front(
        store,
        environment=settings.environment,
        clock=clock,
        me=me,
        proof_hours=settings.engine.proof_hours,
        atlas=atlas(settings),
        role=role,
    )


@asynccontextmanager
async def store_for_an_errand(settings: Settings) -> AsyncIterator[tuple[Store, Clock]]:
    """The store, open as long as one command of the command line needs it; StoreTrouble when it cannot be opened."""
    clock = SystemClock()
    store = await asyncio.to_thread(open_store, settings, clock)
    try:
        yield store, clock
    finally:
        await asyncio.to_thread(store.close)


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """The desk alone, for the command line."""
    async with store_for_an_errand(settings) as (store, clock):
        yield desk(settings, store, clock)


async def engine_elsewhere(settings: Settings, store: Store) -> bool:
    """Does a living engine hold the lease of any connection?"""
    now = SystemClock().now()
    rows = [await store.read(holder, one.name, now) for one in settings.connections]
    return any(row is not None and row.live for row in rows)
