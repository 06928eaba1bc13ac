"""The line to the operator's terminal: it may be slow, stand still or break, and the console neither waits for it nor outlives it.

Textual's own driver blocks the event loop once thirty writes are unread, ends its writer at the first error, and asks a
closed terminal for keys without pause: a console whose SSH session broke would never end.
"""

import os
import selectors
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import IO, Any

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

BEHIND = 6
"""Writes waiting for the terminal from which on no more is painted: two frames."""
MOST = 24
"""Writes waiting from which on everything is dropped, below the thirty at which Textual would block."""
LEAVING = 1.0
"""Seconds a terminal has to take what is left when the console ends."""


class Outlet:
    """What the writer thread writes to: counts what is owed to the terminal, and knows when it is gone."""

    def __init__(self, file: IO[str], *, caught_up: Callable[[], object], gone: Callable[[], object]) -> None:
        self._number = file.fileno()
        self._caught_up, self._told_gone = caught_up, gone
        self._change = threading.Condition()
        self._owed = 0
        self._late = False
        self.gone = False

    def owe(self) -> bool:
        """Count one more write; False when it must be dropped."""
        with self._change:
            if self.gone or self._owed >= MOST:
                self._late = True
                return False
            self._owed += 1
            return True

    @property
    def behind(self) -> bool:
        """Whether the terminal takes in less than is painted. Whoever asks is told when it has caught up."""
        with self._change:
            self._late = self._late or self._owed > BEHIND
            return self._owed > BEHIND

    def empty(self, within: float) -> bool:
        """Wait until nothing is owed, at most so many seconds; False when something still is."""
        with self._change:
            return self._change.wait_for(lambda: not self._owed, within)

    def write(self, text: str) -> int:
        """Write to the terminal, however long it takes; a terminal that is gone takes everything."""
        left = memoryview(text.encode("utf-8", "replace"))
        try:
            while left and not self.gone:
                left = left[os.write(self._number, left) :]
        except OSError:
            self.lost()
        with self._change:
            self._owed -= 1
            late = self._late and not self._owed
            self._late = self._late and not late
            self._change.notify_all()
        if late and not self.gone:
            self._caught_up()
        return len(text)

    def lost(self) -> None:
        """The terminal is gone."""
        with self._change:
            first, self.gone = not self.gone, True
            self._change.notify_all()
        if first:
            self._told_gone()

    def flush(self) -> None:
        """Nothing is kept back."""

    def fileno(self) -> int:
        """The file number of the terminal."""
        return self._number


class TerminalDriver(LinuxDriver):
    """Textual's driver over an outlet."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        assert self._file is not None
        self.outlet = Outlet(
            self._file,
            caught_up=lambda: app.call_later(app.refresh),
            gone=lambda: app.call_later(app.exit),
        )
        self._file = self.outlet  # type: ignore[assignment]

    def write(self, data: str) -> None:
        """Hand over to the writer; never waits."""
        if self.outlet.owe():
            super().write(data)

    def close(self) -> None:
        """Let the terminal take the rest; the writer of one that does not is left behind."""
        if self.outlet.empty(LEAVING):
            super().close()

    def run_input_thread(self) -> None:
        """Read keys until the console ends or the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    typed = self._typed()
                    if not typed:
                        self.outlet.lost()
                        return
                    for event in parser.feed(decode(typed)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def _typed(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""
