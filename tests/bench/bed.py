"""A shop and a back office without people, and the engine between them, all in this process."""

import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from figure import Missing
from sqlalchemy import func, select

Json = dict[str, Any]


class Bed:
    """The world and how to act on it."""

    def __init__(self, world: Any) -> None:
        self.world = world

    @property
    def places(self) -> Mapping[str, str]:
        from console.settings import load

        (connection,) = load(self.world.config).connections
        names = {number: name for name, number in self.world.erp.warehouses.items()}
        return {at: names.get(behind[0], behind[0]) for at, behind in connection.locations.items()}

    def shop(self) -> Json:
        return dict(self.world.shop.state())

    def erp(self) -> Json:
        return dict(self.world.erp.state())

    def differing(self) -> int:
        """How many cells do not show the same on both sides."""
        from console.world.counting import cells

        return int(cells(self.shop(), self.erp(), self.places)["differing"])

    @contextmanager
    def engine(self) -> Iterator[Callable[[], int]]:
        """The engine at work until the block ends; says how many cells it has agreed on."""
        from console.assembly import open_store
        from console.face import EngineThread
        from console.logs import configure
        from console.settings import load
        from engine.model.clock import SystemClock
        from engine.store.tables import stock

        settings = load(self.world.config)
        configure(settings)
        store = open_store(settings, SystemClock())
        engine = EngineThread(settings, store)
        engine.start()
        try:
            agreed = select(func.count(stock.c.base))
            yield lambda: int(store.read_sync(lambda tx: tx.execute(agreed).scalar_one()))
        finally:
            engine.stop()
            store.close()
        if engine.trouble is not None:
            raise engine.trouble


@contextmanager
def bed(
    *, skus: int, locations: int, rhythm: Mapping[str, float] | None = None, back_office: Any = "sql"
) -> Iterator[Bed]:
    """A world with so many cells; `rhythm` changes lines of the engine's table in its configuration."""
    try:
        from console.world.world import World
    except ImportError as missing:
        raise Missing(f"the demo world is not there yet ({missing})") from missing
    with tempfile.TemporaryDirectory(prefix="trueup-bench-", ignore_cleanup_errors=True) as name:
        try:
            world = World.start(
                Path(name), orders_per_minute=0.0, skus=skus, locations=locations, back_office=back_office
            )
        except (ImportError, AttributeError) as missing:
            raise Missing(f"a sandbox is not there yet ({missing})") from missing
        try:
            text = world.config.read_text(encoding="utf-8")
            for key, value in (rhythm or {}).items():
                text = re.sub(rf'^"?{key}"?\s*=.*$', f"{key} = {value}", text, flags=re.M)
            world.config.write_text(text, encoding="utf-8")
            yield Bed(world)
        finally:
            world.stop()


def until(holds: Callable[[], object], what: str, seconds: float = 90.0, every: float = 0.2) -> None:
    """Look again and again; TimeoutError when it never comes true."""
    ends, pause = time.monotonic() + seconds, threading.Event()
    while not holds():
        if time.monotonic() > ends:
            raise TimeoutError(f"never came true: {what}")
        pause.wait(every)
