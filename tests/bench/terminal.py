"""A program in a pseudo-terminal: what it printed, when, and what that cost it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])|[\x00-\x08\x0b-\x1f]"
)


class Terminal:
    """One running program of so many columns and rows."""

    def __init__(
        self, words: Sequence[str], *, columns: int = 120, rows: int = 40, env: Mapping[str, str]
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.began = time.perf_counter()
        self._running = subprocess.Popen(
            list(words),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=dict(env),
            close_fds=True,
        )
        os.close(slave)
        self.text = b""
        """All that was printed since `forget`, without the escape sequences."""
        self.printed = 0
        """Bytes printed since the start, with them."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._running.poll() is None:
            self._running.terminate()
        self._drain_until_ended()
        os.close(self._master)

    @property
    def pid(self) -> int:
        return self._running.pid

    def forget(self) -> None:
        """Begin anew."""
        self.text = b""

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def await_text(self, pattern: str, seconds: float = 20.0) -> float:
        """The moment at which the pattern was on the terminal; TimeoutError with what was there instead."""
        sought = re.compile(pattern.encode())
        return self.await_that(lambda text: sought.search(text) is not None, pattern, seconds)

    def await_that(self, holds: Callable[[bytes], bool], what: str, seconds: float = 20.0) -> float:
        """The moment at which this held for what was printed since `forget`."""
        ends = time.perf_counter() + seconds
        while not holds(self.text):
            if not self._read(ends - time.perf_counter()):
                shown = self.text[-1500:].decode(errors="replace")
                raise TimeoutError(f"no {what!r} within {seconds} s, but: {shown}")
        return time.perf_counter()

    def burst(self, quiet: float, seconds: float = 20.0) -> float:
        """The moment of the last byte before nothing was printed for `quiet` seconds; TimeoutError when none came."""
        if not self._read(seconds):
            raise TimeoutError(f"nothing was printed within {seconds} s")
        last = time.perf_counter()
        while self._read(quiet):
            last = time.perf_counter()
        return last

    def rest(self, seconds: float) -> None:
        """Read until nothing is printed for so long."""
        while self._read(seconds):
            pass

    def until(self, seconds: float) -> None:
        """Read for so long, whatever is printed."""
        ends = time.perf_counter() + seconds
        while (left := ends - time.perf_counter()) > 0:
            self._read(left)

    def bursts(self, seconds: float, quiet: float) -> list[int]:
        """Bytes of each burst within so long; between two of them nothing was printed for `quiet` seconds."""
        ends = time.perf_counter() + seconds
        found, begun = [], self.printed
        while time.perf_counter() < ends:
            if not self._read(quiet) and self.printed > begun:
                found.append(self.printed - begun)
                begun = self.printed
        return found

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            got = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.printed += len(got)
        self.text += ESCAPES.sub(b" ", got)
        return bool(got)

    def _drain_until_ended(self) -> None:
        ends = time.perf_counter() + 20
        while self._running.poll() is None and time.perf_counter() < ends:
            self._read(0.1)
        if self._running.poll() is None:
            self._running.kill()
        self._running.wait()
