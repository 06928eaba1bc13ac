"""The line to the operator's terminal: it may be slow, stand still or break, and the console neither waits for it nor outlives it.

Textual's own driver blocks the event loop once thirty writes are unread, ends its writer at the first error, and asks a
closed terminal for keys without pause: a console whose SSH session broke would never end.
"""

import os
import selectors
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import IO, Any

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.message import Message

from console.garbage import Leisure
from screens.session import SLOW

BEHIND = 6
"""Writes waiting for the terminal from which on no more is painted: two frames."""
MOST = 24
"""Writes waiting from which on everything is dropped, below the thirty at which Textual would block."""
FRAME = 1_000
"""Signs from which on a painting says how fast the line is."""
LONGEST = 10.0
"""Seconds the line is left free at most."""
PATIENCE = 60.0
"""Seconds after which an answer is given up."""
QUESTION = b"\x1b[?2026$p"
ANSWER = "\x1b[?2026;"
"""Whether output can be synchronised, and what a terminal says of it (DECRQM, DECRPM): Textual asks the same at the start,
so only a terminal that answered then is asked again. The answer comes once all before the question was shown: no buffer
between here and the operator hides how slow the line is."""
LEAVING = 1.0
"""Seconds a terminal has to take what is left when the console ends."""


class Outlet:
    """What the writer thread writes to: counts what is owed to the terminal, and knows when it is gone."""

    def __init__(
        self,
        file: IO[str],
        *,
        caught_up: Callable[[], object],
        gone: Callable[[], object],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._clock = clock
        self._begun: float | None = None
        """When the first write was owed of those that wait; None while none does."""
        self._free_at = 0.0
        """Until then the line is left to the operator."""
        self._asked: float | None = None
        """When the painting began after which the terminal was asked, and has not answered yet."""
        self._answers = False
        """Whether this terminal answers at all."""
        self._left = False
        """Whether the terminal is somebody else's by now."""
        self._much = 0
        """Signs written since then."""
        self.lag = 0.0
        """Seconds the terminal took for what was painted last; a clock that ticks says nothing of that."""
        self._number = file.fileno()
        self._caught_up, self._told_gone = caught_up, gone
        self._change = threading.Condition()
        self._owed = 0
        self._late = False
        self._doubt = False
        """Whether the terminal may show something else than what was written."""
        self.gone = False

    def owe(self) -> bool:
        """Count one more write; False when it must be dropped."""
        with self._change:
            if self.gone or self._owed >= MOST:
                self._late = self._doubt = True
                return False
            self._owed += 1
            if self._begun is None:
                self._begun = self._clock()
            return True

    def forget(self) -> None:
        """The terminal may show anything: somebody else wrote to it, or it has another size."""
        with self._change:
            self._doubt = True

    def doubtful(self) -> bool:
        """Whether it may show something else than what was written; whoever asks writes all of it anew."""
        with self._change:
            doubt, self._doubt = self._doubt, False
            return doubt

    @property
    def behind(self) -> bool:
        """Whether the terminal takes in less than is painted. Whoever asks is told when it has caught up."""
        with self._change:
            self._late = self._late or self._owed > BEHIND
            return self._owed > BEHIND

    @property
    def busy(self) -> bool:
        """Whether news had better wait: the terminal still takes in what was painted, or has only just taken it in.

        After a painting that took long the line is left free for as long: a key then finds nothing before it.
        """
        with self._change:
            now = self._clock()
            if self._asked is not None and now - self._asked > PATIENCE:
                self._asked = None  # the answer is lost
            return bool(self._owed) or self._asked is not None or now < self._free_at

    def answered(self) -> None:
        """The terminal has shown all that was written before it was asked."""
        with self._change:
            self._answers = True
            if self._asked is not None:
                self._measured(self._clock() - self._asked)
                self._asked = None
            self._change.notify_all()

    def begin(self) -> None:
        """The terminal is ours."""
        with self._change:
            self._left, self._doubt = False, True

    def leave(self) -> None:
        """Ask no more, and let an answer that is on its way come in: a shell would take it for typed."""
        with self._change:
            self._left = True
            self._change.wait_for(lambda: self._asked is None or self.gone, LEAVING)

    def _measured(self, took: float) -> None:
        self.lag = took
        if took > SLOW:
            self._free_at = self._clock() + min(took, LONGEST)

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
            self._much += len(text)
            ask = self._written()
            late = self._late and not self._owed
            self._late = self._late and not late
            self._change.notify_all()
        if ask and not self.gone:
            with suppress(OSError):  # the next painting finds out
                os.write(self._number, QUESTION)
        if late and not self.gone:
            self._caught_up()
        return len(text)

    def _written(self) -> bool:
        """Take the time of a painting that is written; whether to ask when the terminal has shown it."""
        if self._owed or self._begun is None:
            return False
        begun, much, self._begun, self._much = self._begun, self._much, None, 0
        if self._asked is not None or much < FRAME:
            return False
        if self._answers and not self._left:
            self._asked = begun
            return True
        self._measured(self._clock() - begun)
        return False

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
        self.leisure = Leisure()
        self._sized = False
        """Whether the terminal has said how large it is."""
        self._file = self.outlet  # type: ignore[assignment]

    def write(self, data: str) -> None:
        """Hand over to the writer; never waits."""
        if self.outlet.owe():
            super().write(data)

    def send_message(self, message: Message) -> None:
        """Hand a message to the application; a terminal of another size has moved what it shows."""
        if isinstance(message, Resize):
            if self._sized:
                self.outlet.forget()
            self._sized = True
        super().send_message(message)

    def start_application_mode(self) -> None:
        """Take the terminal, at first or again."""
        self.outlet.begin()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give the terminal back, to a shell that must not read our answers."""
        self.outlet.leave()
        super().stop_application_mode()

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
                    self.leisure.typed()
                    text = decode(typed)
                    if ANSWER in text:
                        self.outlet.answered()
                    for event in parser.feed(text):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def _typed(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""
