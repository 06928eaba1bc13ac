"""Asking the same again and again: the answer is painted anew when it changes, and only then."""

import contextlib
import functools
import io
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from shutil import get_terminal_size
from typing import TextIO

import click

from console.cli.root import explained
from console.cli.trouble import Trouble, plain

EVERY = 2.0
"""Seconds between two looks when none are given."""
HOME, LINE_END, BELOW = "\x1b[H", "\x1b[K", "\x1b[J"
ALL = "\x1b[2J"

watch_option = click.option(
    "--watch",
    type=click.FloatRange(0.2, 3600),
    is_flag=False,
    flag_value=EVERY,
    default=None,
    metavar="[SECONDS]",
    help="Ask again every so many seconds (2 without) until Ctrl-C; painted anew only when the answer changed.",
)


def watchable(ask: Callable[..., int]) -> Callable[..., int]:
    """The command with `--watch`."""

    @watch_option
    @functools.wraps(ask)
    def asked(watch: float | None, **said: object) -> int:
        if watch is None:
            return ask(**said)
        if said.get("as_json"):
            raise click.UsageError("--watch is for people: ask for --json once.")
        return keep(functools.partial(ask, **said), watch)

    return asked


def keep(
    ask: Callable[[], int],
    seconds: float,
    *,
    out: TextIO | None = None,
    pause: Callable[[float], bool] | None = None,
) -> int:
    """Ask until Ctrl-C, or until `pause` says so; the exit code of the last answer.

    What goes wrong at the first look ends it; later it is shown, and asked again: a daemon may be starting anew.
    """
    stream = out or sys.stdout
    before: str | None = None
    with contextlib.nullcontext(pause) if pause else interrupted() as wait:
        while True:
            code, answer = _asked(ask, first=before is None)
            if answer != before:
                _paint(stream, answer, first=before is None)
                before = answer
            if wait(seconds):
                return code


@contextlib.contextmanager
def interrupted() -> Iterator[Callable[[float], bool]]:
    """Waits so many seconds; whether Ctrl-C was pressed meanwhile or before. A second one interrupts whatever is going on.

    An interrupt in the middle of a look would leave its store open, or be lost where Python drops what is raised (while it
    frees an object). So it is only noted, and a look that has begun comes to its end.
    """
    before = signal.getsignal(signal.SIGINT)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: signal.signal(signal.SIGINT, before))
    noted = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield lambda seconds: bool(select.select([reading], [], [], seconds)[0])
    finally:
        signal.set_wakeup_fd(noted)
        signal.signal(signal.SIGINT, before)
        os.close(reading)
        os.close(writing)


def _asked(ask: Callable[[], int], *, first: bool) -> tuple[int, str]:
    said, wrong = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            return ask(), said.getvalue()
    except Exception as error:
        if first:
            raise
        with contextlib.redirect_stderr(wrong):
            if isinstance(error, Trouble):
                return error.code, f"{plain(error.cause)}\n{plain(error.remedy)}\n"
            return explained(error), wrong.getvalue()


def _paint(stream: TextIO, answer: str, *, first: bool) -> None:
    """On a terminal in the place of what was there; elsewhere one block after the other, each with its time."""
    lines = answer.splitlines()
    at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z"
    if not stream.isatty():
        stream.write("\n".join([at, *lines, "", ""]))
    else:
        columns, rows = get_terminal_size()
        room = max(1, rows - 2)
        if len(lines) > room:
            lines = [*lines[: room - 1], f"… {len(lines) - room + 1} more lines"]
        shown = [*lines, f"since {at}; Ctrl-C ends"]
        stream.write((ALL if first else "") + HOME)
        stream.write("".join(f"{line[:columns]}{LINE_END}\n" for line in shown) + BELOW)
    stream.flush()
