"""What a command does when it is told to end: once cleanly, at the second time at once."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

import click

from console.cli.trouble import Told

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Signals that mean: finish what is in flight, then end."""


@contextlib.contextmanager
def raising_told() -> Iterator[None]:
    """Signals to end are raised as Told, so that what was started is stopped on the way out."""

    def tell(number: int, _frame: FrameType | None) -> None:
        raise Told(number)

    before = [(each, signal.signal(each, tell)) for each in SIGNALS]
    try:
        yield
    finally:
        for each, handler in before:
            signal.signal(each, handler)


def ready_until_told() -> None:
    """Say `ready`, then wait for a signal to end; only within `raising_told`.

    Whoever reads the word may send the signal at once: there is no moment between the two at which it would be a surprise.
    """
    with contextlib.suppress(Told):
        click.echo("ready")
        while True:
            signal.pause()


class Ending:
    """Set when the process is asked to end; needs the running loop of the main thread."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.code = 0
        """128 and the number of the signal; 0 while there was none."""
        self._loop = asyncio.get_running_loop()
        for each in SIGNALS:
            self._loop.add_signal_handler(each, self._tell, each)

    def _tell(self, number: signal.Signals) -> None:
        self.event.set()
        self.code = 128 + number
        for each in SIGNALS:
            self._loop.remove_signal_handler(each)  # the next one ends the process at once
