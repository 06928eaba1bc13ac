"""An operator at a real terminal sees a failure on screen 4 and clears it with one key."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal import Terminal


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
