"""A running world: two sandboxes, the people between them, and the report on how TrueUp served them."""

import asyncio
import contextlib
import os
import random
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from console.world import files, sides
from console.world.counting import report as counted
from console.world.findings import findings, sent
from console.world.goods import articles, opening_stock
from console.world.history import History
from console.world.people import People
from console.world.remotes import Json, Remote
from console.world.settling import settle

PORTS = range(20_000, 32_000)
"""Below those that systems give to outgoing connections."""
CITIES = ("Lyon", "Porto", "Ghent", "Graz", "Turin", "Malmö", "Leeds", "Bilbao")


class World:
    """Both sides and the people; everything in threads (and processes) of its own."""

    def __init__(
        self, directory: Path, shop: Remote, erp: Remote, people: People, places: dict[str, str], seed: int,
        opening: float = 0.0,
    ) -> None:  # fmt: skip
        self.directory = directory
        self.config = directory / files.CONFIG
        """The configuration TrueUp runs this world with."""
        self.shop, self.erp, self._people = shop, erp, people
        self.places, self._seed = places, seed
        """Which warehouse stands behind which location."""
        self._opening = opening
        self._began = time.monotonic() + opening
        self._played = 0.0
        self._states: tuple[Json, Json]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._trouble: BaseException | None = None
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._live, name="world-people", daemon=True)

    @classmethod
    def start(
        cls,
        directory: Path,
        *,
        back_office: str | Callable[[sides.Wanted], Remote] = "sql",
        seed: int = 7,
        orders_per_minute: float = 120.0,
        webhook_faults: str = "none",
        skus: int = 60,
        locations: int = 2,
        edits: bool = False,
        opening: float = 0.0,
    ) -> Self:
        """Start both sides with the same stock, write the files, and let people in, who edit orders if asked to.

        They come `opening` seconds later.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory = directory.resolve()
        since = datetime.now(UTC).replace(microsecond=0)
        chance = random.Random(seed)  # noqa: S311 - a reproducible world, not a secret
        goods = articles(skus, chance)
        stock = opening_stock(goods, locations, chance)
        warehouses = [f"WH{number}" for number in range(1, locations + 1)]
        port = free_port()
        bell = f"http://127.0.0.1:{port}/webhooks/back-office/{files.CONNECTION}"
        shop = sides.shop(goods, [CITIES[at % len(CITIES)] for at in range(locations)], stock, seed=seed)
        try:
            begin = sides.BACK_OFFICES[back_office] if isinstance(back_office, str) else back_office
            erp = begin(sides.Wanted(directory, goods, warehouses, stock, seed, bell))
        except BaseException:
            shop.stop()
            raise
        places = {f"gid://shopify/Location/{at}": name for at, name in enumerate(warehouses, 1)}
        mapped = {location: erp.warehouses.get(name, name) for location, name in places.items()}
        files.write_settings(directory, shop, erp, port=port, locations=mapped, since=since)
        if sides.FAULTS[webhook_faults]:
            shop.ask("webhooks", dict(sides.FAULTS[webhook_faults]))
        skus_of = [each.sku for each in goods]
        people = People(
            shop, erp, skus=skus_of, warehouses=warehouses, seed=seed, rate=orders_per_minute, edits=edits
        )
        world = cls(directory, shop, erp, people, places, seed, opening)
        world.publish()
        world._thread.start()
        return world

    def publish(self, **more: object) -> None:
        """Write world.json: where everything is."""
        pids = [os.getpid(), *(each.pid for each in (self.shop, self.erp) if each.pid)]
        facts = {
            "shop": self.shop.control,
            "back_office": self.erp.control,
            "pids": pids,
            "seed": self._seed,
        }
        files.write_world(self.directory, {**facts, "config": str(self.config), **more})

    def _live(self) -> None:
        try:
            asyncio.run(self._people_live())
        except BaseException as error:  # noqa: BLE001 raised again by stop_buyers()
            self._trouble = error

    async def _people_live(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), self._opening)
        if not self._stop.is_set():
            await self._people.live(self._stop)

    def stop_buyers(self) -> None:
        """Nobody acts any more once this returns; raises what ended the people early."""
        while self._thread.is_alive():
            if self._loop is not None and self._stop is not None and not self._loop.is_closed():
                try:
                    self._loop.call_soon_threadsafe(self._stop.set)
                except RuntimeError:
                    self._loop = None  # it closed between the two steps: they are gone
            self._thread.join(0.1)
        self._played = self._played or self._time_played()
        if self._trouble is not None:
            raise RuntimeError("the people of the world stopped acting") from self._trouble

    def settle(self, seconds: float) -> bool:
        """Ship what is left and wait until both sides agree and are quiet; False when they did not in time."""
        return settle(self.shop, self.erp, self.places, seconds, self._given_up)

    def give_up(self) -> None:
        """Whoever settles stops waiting; may be called from any thread."""
        self._given_up.set()

    def report(self) -> Json:
        """What the sandboxes have to say."""
        played = round(self._played or self._time_played())
        self._states = self.shop.state(), self.erp.state()
        return counted(*self._states, places=self.places, seed=self._seed, seconds=played)

    def _time_played(self) -> float:
        return max(0.0, time.monotonic() - self._began)

    def findings(self) -> Json:
        """What is behind the oversold and re-listed units of the last report, with the terms of our writes."""
        history = History(*self._states, self.places)
        return findings(history, sent(self.config), self.places)

    def stop(self) -> None:
        """End the people and both sides."""
        try:
            self.stop_buyers()
        finally:
            self.shop.stop()
            self.erp.stop()


def free_port() -> int:
    """A port nobody listens on at the moment, and that no outgoing connection is given before somebody does."""
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"every port from {PORTS[0]} to {PORTS[-1]} is taken")
