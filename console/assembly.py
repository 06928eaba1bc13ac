"""Wires settings, store, adapters, engine and desk: the place that names concrete classes."""

import asyncio
import contextlib
import fcntl
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TextIO

from pydantic import SecretStr

from adapters.field_maps import nowhere
from adapters.intake import ConnectionSecrets, Received
from adapters.listener import Busy, HealthReport, Listener
from adapters.shopify.storefront import ShopifyStorefront
from console.back_offices import back_office
from console.settings import Settings, SettingsTrouble
from console.settings.connection import ConnectionSettings
from engine.desk import Desk
from engine.flows.site import Rhythm, Site
from engine.front import Front
from engine.model.clock import Clock, SystemClock
from engine.model.ids import LocationId, WarehouseId
from engine.runtime import Engine
from engine.store.rows import Incoming
from engine.store.session import Store
from engine.store.verbs.inbox import receive, receive_many
from engine.store.verbs.lease import holder

MOST_WAITING = 2_000
"""Webhooks waiting for their commit; more are asked to come back."""
GATHER_SECONDS = 0.002
"""How long a commit waits for company while webhooks come in numbers; a lone one waits for nobody."""


def open_store(settings: Settings, clock: Clock) -> Store:
    """The store of this configuration; StoreTrouble when it cannot be opened."""
    return Store.open(settings.store.url, clock=clock)


def _text(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None


def shop(settings: Settings, one: ConnectionSettings, clock: Clock) -> ShopifyStorefront:
    """The storefront of a connection; SettingsTrouble when no key opens it."""
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
    )


def site(settings: Settings, one: ConnectionSettings, store: Store, clock: Clock) -> Site:
    """One connection at work."""
    public, engine = settings.listener.public_url, settings.engine
    poll = getattr(one.back_office, "poll_seconds", None) or engine.delta_seconds
    return Site(
        name=one.name,
        store=store,
        shop=shop(settings, one, clock),
        back_office=back_office(settings, one, clock),
        clock=clock,
        locations={
            LocationId(location): tuple(WarehouseId(name) for name in behind)
            for location, behind in one.locations.items()
        },
        buffer=one.buffer,
        orders_since=one.orders_since,
        untold=nowhere(one.back_office.kind),
        callback=f"{str(public).rstrip('/')}/webhooks/shopify/{one.name}" if public else None,
        rhythm=Rhythm(
            delta=poll,
            orders_poll=engine.orders_poll_seconds,
            sweep=engine.sweep_seconds,
            workers=engine.workers,
            lease=engine.lease_seconds,
            listing_lag=timedelta(seconds=engine.listing_lag_seconds),
            freshness=timedelta(seconds=engine.freshness_seconds),
        ),
    )


class _Batch:
    """Webhooks that will be committed together, and the answer they wait for."""

    def __init__(self) -> None:
        self.rows: list[Incoming] = []
        self.kept: asyncio.Future[Sequence[bool | BaseException]] = asyncio.get_running_loop().create_future()


class Inbox:
    """Puts genuine webhooks into the store; says Busy before it would keep too many waiting.

    What arrives while a commit is under way is committed together by the first of them.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting = 0
        self._open: _Batch | None = None
        self._turn = asyncio.Lock()
        self._together = 0

    async def receive(self, row: Received) -> bool:
        """True for a new row, False for one seen before; after the commit."""
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            batch = self._open or _Batch()
            place = len(batch.rows)
            batch.rows.append(_incoming(row))
            if place == 0:
                self._open = batch
                await self._commit(batch)
            answer = (await asyncio.shield(batch.kept))[place]
            if isinstance(answer, BaseException):
                raise answer
            return answer
        finally:
            self._waiting -= 1

    async def _commit(self, batch: _Batch) -> None:
        """Write the batch when it is its turn; whatever happens, all who wait for it are answered."""
        try:
            async with self._turn:
                if self._together > 1:
                    await asyncio.sleep(GATHER_SECONDS)
                self._close(batch)
                self._together = len(batch.rows)
                batch.kept.set_result(await self._kept(batch.rows))
        except BaseException as trouble:
            self._close(batch)
            batch.kept.set_exception(trouble if isinstance(trouble, Exception) else Busy())
            batch.kept.exception()  # the leader raises its own; others may be none
            raise

    def _close(self, batch: _Batch) -> None:
        if self._open is batch:
            self._open = None

    async def _kept(self, rows: list[Incoming]) -> Sequence[bool | BaseException]:
        """One write for all; one each when that fails, so that a row the store refuses fails alone."""
        try:
            return await self._store.write(receive_many, rows)
        except Exception:
            if len(rows) == 1:
                raise
        each = [self._store.write(receive, **asdict(row)) for row in rows]
        return await asyncio.gather(*each, return_exceptions=True)


def _incoming(row: Received) -> Incoming:
    return Incoming(
        row.connection,
        row.source,
        row.webhook_id,
        row.topic,
        row.resource,
        row.resource_version or None,
        row.body,
        row.triggered_at,
        row.received_at,
    )


def listener(settings: Settings, store: Store, health: Callable[[], HealthReport], clock: Clock) -> Listener:
    """The web server that takes webhooks in."""
    routes = {}
    for one in settings.connections:
        secrets = settings.secrets_of(one.name)
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
        )
    return Listener(
        settings.listener.host,
        settings.listener.port,
        routes,
        Inbox(store),
        health,
        clock=clock,
        body_limit=settings.listener.body_limit,
        receive_seconds=settings.listener.receive_seconds,
    )


class Lock:
    """One engine per SQLite file: while this process holds the file lock, any other holder of the lease is dead."""

    def __init__(self, store: Store) -> None:
        self.holder = f"{socket.gethostname()}:{os.getpid()}"
        self._file: TextIO | None = None
        if store.dialect == "sqlite" and store.url.database:
            self._file = Path(f"{store.url.database}.lock").open("a")  # noqa: SIM115 held as long as the engine
            self.holder = "the engine beside the database file"

    def take(self) -> bool:
        """False when another process holds it."""
        if self._file is None:
            return True
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let another engine begin."""
        if self._file is not None:
            self._file.close()


async def run_engine(
    settings: Settings,
    stop: asyncio.Event,
    *,
    started: Callable[[], None] = lambda: None,
    store: Store | None = None,
) -> None:
    """Run listener and engine until `stop` is set; waits while another engine works beside the same store."""
    clock = SystemClock()
    owned = store is None
    opened = store or open_store(settings, clock)
    lock = Lock(opened)
    sites: list[Site] = []
    try:
        while not lock.take():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1.0)
            if stop.is_set():
                return
        sites = [site(settings, one, opened, clock) for one in settings.connections]
        engine = Engine(opened, sites, holder=lock.holder, drain=settings.engine.drain_seconds)
        door = listener(settings, opened, lambda: _report(engine, sites), clock)
        await _opened(door, settings)
        try:
            running = asyncio.ensure_future(engine.run(started))
            ended = asyncio.ensure_future(stop.wait())
            await asyncio.wait((running, ended), return_when=asyncio.FIRST_COMPLETED)
            engine.stop()
            await running
            ended.cancel()
        finally:
            await door.stop()
    finally:
        for one in sites:
            await one.shop.aclose()
            await one.back_office.aclose()
        lock.release()
        if owned:
            opened.close()


async def _opened(door: Listener, settings: Settings) -> None:
    at = f"{settings.listener.host}:{settings.listener.port}"
    try:
        await door.start()
    except OSError as trouble:
        raise SettingsTrouble(
            f"Nothing can listen on {at}: {trouble.strerror}.",
            "Stop what uses that port, or set another under [listener] in the configuration.",
        ) from trouble


def _report(engine: Engine, sites: list[Site]) -> HealthReport:
    checks = dict.fromkeys(engine.health.ended, "ended")
    for one in sites:
        for remote, state in one.remotes.items():
            checks[f"{one.name}.{remote}"] = "failing" if state.failing_since else "ok"
    return HealthReport(engine.health.alive, bool(engine.health.leading) and engine.health.alive, checks)


@asynccontextmanager
async def open_desk(settings: Settings, *, me: str | None = None) -> AsyncIterator[Desk]:
    """The desk alone: for the command line, and for a console whose engine runs elsewhere."""
    clock = SystemClock()
    store = await asyncio.to_thread(open_store, settings, clock)
    try:
        yield Front(store, environment=settings.environment, clock=clock, me=me)
    finally:
        await asyncio.to_thread(store.close)


async def engine_elsewhere(settings: Settings, store: Store) -> bool:
    """Does a living engine hold the lease of any connection?"""
    now = SystemClock().now()
    rows = [await store.read(holder, one.name, now) for one in settings.connections]
    return any(row is not None and row.live for row in rows)
