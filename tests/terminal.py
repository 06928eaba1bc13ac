"""A program in a pseudo-terminal of 80 x 24, and what its screen shows."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import threading
import time

import pyte

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
            # a shell lets what it started behind itself ignore these
            for number in (signal.SIGINT, signal.SIGQUIT):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
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

    def stalls(self) -> None:
        """Wait until the program prints no more because nobody reads."""
        end, pause, held, same = time.monotonic() + PATIENCE, threading.Event(), b"", 0
        while same < 20:
            assert time.monotonic() < end, "it never stood still"
            pause.wait(0.05)
            before, held = held, fcntl.ioctl(self._fd, termios.FIONREAD, bytes(4))
            same = same + 1 if held == before != bytes(4) else 0

    def stops(self) -> None:
        """Wait for the program to hand the terminal back to its shell, and read what it paints until then."""
        end = time.monotonic() + PATIENCE
        while not os.waitpid(self.pid, os.WUNTRACED | os.WNOHANG)[0]:
            assert time.monotonic() < end, "it never stopped"
            if select.select([self._fd], [], [], 0.05)[0]:
                self._stream.feed(os.read(self._fd, 65536))

    def blank(self) -> None:
        """Somebody else has cleared the terminal."""
        self.screen.reset()

    def hang_up(self) -> None:
        """The line is cut."""
        os.close(self._fd)

    def ends(self) -> int:
        """Wait for the program without reading a byte of what it prints; its exit code."""
        end, pause = time.monotonic() + PATIENCE, threading.Event()
        while not (found := os.waitpid(self.pid, os.WNOHANG))[0]:
            assert time.monotonic() < end, "it never ended"
            pause.wait(0.05)
        return os.waitstatus_to_exitcode(found[1])

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
