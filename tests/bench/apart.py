"""A sandbox in a process of its own: what a vendor's machines do takes none of ours."""

import importlib
import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any


class Apart:
    """A running sandbox, asked for its attributes one at a time."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def __getattr__(self, name: str) -> Any:
        self._pipe.send(name)
        return self._pipe.recv()

    @property
    def documents(self) -> list[str]:
        """External references of the orders in its books that are open."""
        self._pipe.send(OPEN)
        return list(self._pipe.recv())


OPEN = "documents that are open"


@contextmanager
def apart(module: str, asked: Mapping[str, Any]) -> Iterator[Any]:
    """The sandbox of `module`, started with what is asked for."""
    spawned = multiprocessing.get_context("spawn")
    here, there = spawned.Pipe()
    child = spawned.Process(target=_serve, args=(there, module, dict(asked)), daemon=True)
    child.start()
    try:
        assert here.recv() == "ready"
        yield Apart(here)
        here.send(None)
    finally:
        child.join(10)
        child.kill()


def _serve(pipe: Connection, module: str, asked: dict[str, Any]) -> None:
    running = importlib.import_module(module).start(**asked)
    pipe.send("ready")
    while (name := pipe.recv()) is not None:
        if name == OPEN:
            orders = running.books.orders.values()
            pipe.send([str(one.ref) for one in orders if one.ref and one.status == "open"])
        else:
            pipe.send(getattr(running, name))
    running.stop()
