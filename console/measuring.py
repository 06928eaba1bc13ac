"""What this process tells of itself: metrics with the store's measures in them, and whether it is well."""

import os
import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from prometheus_client.core import Metric

from adapters.exposition import Process, families
from adapters.listener import HealthReport
from engine.desk.measures import Measures
from engine.flows.site import Site
from engine.runtime import Engine
from engine.store.queries.measures import measures
from engine.store.session import Store
from engine.store.trouble import StoreBroken, StoreTrouble

FRESH_SECONDS = 1.0
"""However many ask, the store is measured once in so long."""


class Measuring:
    """One engine with its store and its connections."""

    def __init__(self, engine: Engine, sites: Sequence[Site], store: Store) -> None:
        self._engine, self._sites, self._store = engine, sites, store
        self._last: tuple[float, Measures] | None = None

    async def metrics(self) -> list[Metric]:
        """Every family; those of the store are empty while it cannot be read."""
        up, found = True, None
        try:
            found = await self._measures()
        except StoreTrouble:
            up = False
        return list(families(self._process(up=up and self._store.trouble is None), found))

    async def _measures(self) -> Measures:
        now = self._store.clock.monotonic()
        if self._last is None or now - self._last[0] >= FRESH_SECONDS:
            found = await self._store.read(measures, self._store.clock.now())
            self._last = (now, found)
        return self._last[1]

    def _process(self, *, up: bool) -> Process:
        groups = self._store.groups
        return Process(
            version=version("trueup"),
            dialect=self._store.dialect,
            store_up=up,
            ended=tuple(self._engine.health.ended),
            attempts={
                (site.name, outcome): many for site in self._sites for outcome, many in site.attempts.items()
            },
            calls={
                (site.name, remote, gate.breaker.kind.value, outcome): many
                for site in self._sites
                for remote, gates in site.gates.items()
                for gate in (gates.read, gates.write)
                for outcome, many in gate.outcomes.items()
            },
            allowed={
                (site.name, remote): left for site in self._sites for remote, left in site.allowed().items()
            },
            groups=tuple(zip(groups.up_to, groups.counts, strict=True)),
            writes=groups.writes,
            sizes=sizes(self._store),
        )

    def health(self) -> HealthReport:
        """Live: every loop runs, the database is sound, the lease is being renewed. Ready: besides, the store can be
        written and every connection is led, by this engine or by another one.
        """
        health, now = self._engine.health, self._store.clock.monotonic()
        checks = dict.fromkeys(health.ended, "ended")
        trouble = self._store.trouble
        checks["store"] = trouble.cause if trouble else "ok"
        stuck = False
        for one in self._sites:
            led = one.name in health.leading
            if led and now > one.lease_until + one.rhythm.lease:
                # whatever keeps the loop from renewing keeps it from giving the lease up, too
                stuck = True
                checks[f"{one.name}.lease"] = "not renewed: the engine stands still"
            else:
                elsewhere = one.name in health.elsewhere
                checks[f"{one.name}.lease"] = (
                    "led here" if led else "led elsewhere" if elsewhere else "not led"
                )
            for remote, state in one.remotes.items():
                checks[f"{one.name}.{remote}"] = "failing" if state.failing_since else "ok"
        live = health.alive and not stuck and not isinstance(trouble, StoreBroken)
        led_by_someone = all(one.name in health.leading | health.elsewhere for one in self._sites)
        return HealthReport(live, live and trouble is None and led_by_someone, checks)


class Doorway:
    """A listener without an engine beside it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def metrics(self) -> list[Metric]:
        """What only this process knows; the engine's tells what the store holds."""
        groups = self._store.groups
        told = Process(
            version=version("trueup"),
            dialect=self._store.dialect,
            store_up=self._store.trouble is None,
            ended=(),
            attempts={},
            calls={},
            allowed={},
            groups=tuple(zip(groups.up_to, groups.counts, strict=True)),
            writes=groups.writes,
            sizes=sizes(self._store),
        )
        return list(families(told, None))

    def health(self) -> HealthReport:
        """Live while the database is sound, ready while it can be written."""
        trouble = self._store.trouble
        live = not isinstance(trouble, StoreBroken)
        return HealthReport(live, trouble is None, {"store": trouble.cause if trouble else "ok"})


def sizes(store: Store) -> dict[str, int]:
    """Bytes of a database in a file, of its write-ahead log, and of the disk; nothing for a server elsewhere."""
    if store.dialect != "sqlite" or not store.url.database:
        return {}
    file = Path(store.url.database)
    found = {}
    for part, path in (("database", file), ("log", Path(f"{file}-wal"))):
        try:
            found[part] = path.stat().st_size
        except FileNotFoundError:
            found[part] = 0
    disk = shutil.disk_usage(os.fspath(file.parent))
    return {**found, "disk": disk.total, "disk_free": disk.free}
