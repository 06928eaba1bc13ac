"""An operator at a real terminal sees a failure on screen 4 and clears it with one key."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest

ROWS, COLUMNS = 24, 80
PATIENCE = 60.0


class Terminal:
    """A program in a pseudo terminal of 80 × 24, and what its screen shows."""

    def __init__(self, *words: str) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLUMNS=str(COLUMNS), LINES=str(ROWS))
            os.execv(words[0], words)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def press(self, key: str) -> None:
        if key:
            os.write(self._fd, key.encode())

    def until(self, *texts: str, press: str = "") -> str:
        """Read what the program paints until all texts are on the screen; press keys while they are not."""
        end = time.monotonic() + PATIENCE
        while not all(text in self.shown for text in texts):
            assert time.monotonic() < end, f"never shown: {texts}\n{self.shown}"
            self.press(press)
            if select.select([self._fd], [], [], 1.0)[0]:
                self._stream.feed(os.read(self._fd, 65536))
        return self.shown

    @property
    def shown(self) -> str:
        return "\n".join(self.screen.display)

    def end(self) -> int:
        """Ask the program to end; its exit code."""
        os.kill(self.pid, signal.SIGTERM)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if select.select([self._fd], [], [], 0.1)[0]:
                try:
                    self._stream.feed(os.read(self._fd, 65536))
                except OSError:
                    break
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                os.close(self._fd)
                return os.waitstatus_to_exitcode(status)
        _, status = os.waitpid(self.pid, 0)
        os.close(self._fd)
        return os.waitstatus_to_exitcode(status)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    trueup = str(Path(sys.executable).with_name("trueup"))
    opened = Terminal(trueup, "demo", "--orders-per-minute", "90", "--webhook-faults", "none")
    try:
        yield opened
    finally:
        with contextlib.suppress(ProcessLookupError):  # it has ended, as it should
            os.kill(opened.pid, signal.SIGKILL)


def test_a_refused_order_is_seen_on_screen_4_and_cleared_by_one_key(terminal: Terminal) -> None:
    terminal.until("for a person: 4 shows why", "engine running here")
    terminal.press("4")
    terminal.until("Customer is on credit hold", "held: a person must change something")
    terminal.until("FAIL 0", press="R")  # orders refused in the same instant are one row each
    assert terminal.end() == 0
