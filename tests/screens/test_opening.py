"""The console shows its first screen before it loads what the desk needs."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

HEAVY = ("pydantic", "pydantic_settings", "sqlalchemy", "alembic", "httpx", "uvicorn", "click", "typer")
STUCK = """
import os, sys
from pathlib import Path
from console.app import TrueUpConsole
from console.canned import CannedDesk, FrozenClock

async def stuck():
    os.read(int(sys.argv[2]), 1)  # nothing else happens in this process until the test lets it
    return CannedDesk()

TrueUpConsole(stuck, read_write=False, operator="ana", clock=FrozenClock(), cache=Path(sys.argv[1])).run()
"""


def read_until(terminal: int, sought: bytes) -> bytes:
    got = b""
    while sought not in got:
        ready, _, _ = select.select([terminal], [], [], 20)
        assert ready, f"never shown: {sought!r}, but {got[-800:]!r}"
        got += os.read(terminal, 1 << 16)
    return got


def test_the_first_screen_is_on_the_terminal_while_the_desk_still_opens(tmp_path: Path) -> None:
    terminal, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    gate, opener = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", STUCK, str(tmp_path), str(gate)],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        pass_fds=[gate],
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color"},
    ) as running:
        try:
            first = read_until(terminal, b"?Help")
            assert b"AB-001204" not in first
            os.write(opener, b"!")
            read_until(terminal, b"AB-001204")
        finally:
            running.kill()
            for each in (terminal, inside, gate, opener):
                os.close(each)


def test_nothing_heavy_is_loaded_for_the_first_screen() -> None:
    program = (
        "import sys, console.main, console.face, console.app\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
