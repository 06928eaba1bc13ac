"""`trueup run` in a process of its own, and what it says."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

TRUEUP = str(Path(sys.executable).with_name("trueup"))
PATIENCE = 60.0

T = TypeVar("T")


class Daemon:
    """Started on entry, killed on exit unless it has ended."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._heard: list[str] = []
        self._news = threading.Condition()

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [TRUEUP, "run", "--config", str(self._config)], stderr=subprocess.PIPE, text=True
        )
        self._ear = threading.Thread(target=self._listen, daemon=True)
        self._ear.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        self._ear.join()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def says(self, words: str, after: int = 0) -> int:
        """Wait until a line holds these words; how many lines there were up to it."""
        with self._news:
            found = self._news.wait_for(lambda: self._place(words, after), PATIENCE)
            assert found, f"never said {words!r}:\n" + "".join(self._heard[-30:])
            return found

    @property
    def told(self) -> str:
        """All it said."""
        return "".join(self._heard)

    def ends(self) -> int:
        """Wait for its end; the exit code."""
        code = self.process.wait(PATIENCE)
        self._ear.join()
        return code

    def stop(self) -> int:
        """Ask it to end; the exit code."""
        self.process.terminate()
        return self.ends()

    def _place(self, words: str, after: int) -> int:
        for number, line in enumerate(self._heard[after:], after + 1):
            if words in line:
                return number
        return 0

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self._heard.append(line)
                self._news.notify_all()


def until(holds: Callable[[], T], what: str) -> T:
    """Look until a fact holds, ten times a second at most: what is waited for needs the processor too; the fact."""
    end, pause = time.monotonic() + PATIENCE, threading.Event()
    while not (found := holds()):
        assert time.monotonic() < end, f"never came true: {what}"
        pause.wait(0.1)
    return found


def to_stderr(config: Path) -> None:
    """Let a world's daemon log to stderr."""
    config.write_text(config.read_text().replace('file = "trueup.log"\n', ""))
