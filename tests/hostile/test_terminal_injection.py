"""Text from shops and back offices cannot command the terminal, the console or the operator's eyes."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
from dataclasses import replace
from pathlib import Path

import pyte
import pytest

from console.app import TrueUpConsole
from console.canned import NOW, CannedDesk, FrozenClock, before, failed_rows, pulse, stock_row
from console.canned_explanation import explanation
from console.canned_lists import orders
from console.crash import last_words, record_crash
from engine.desk import ConflictRow, EventRow, GapRow, RemoteHealth, SyncPage, TimelineRow, TrailRow
from engine.desk.sync import LaneRow, StepRow, SyncRow
from engine.model.explanation import Component, Source, Term, Write
from engine.model.plan import Plan, PlanRow

PAYLOADS = {
    "closing tag": "[/]",
    "unknown tag": "[/nope] [$error]x[/] [link=http://x.invalid]",
    "action": "[@click=app.quit]free[/]",
    "half tag": "[/",
    "clipboard": "\x1b]52;c;SE9TVElMRQ==\x07",
    "title": "\x1b]0;OWNED\x1b\\",
    "wipe": "\x1b[2J\x1b[H",
    "c1": "\x9b31m\x9d52;c;SE9TVElMRQ==\x9c",
    "bidi": "abc\u202egnp.exe\u2066",
    "lines": "one\r\ntwo\ttab\x00\x08\x7f\u2028end",
    "surrogate": "\ud800",
    "wide": "日本語タオル" * 40,
    "zalgo": "e" + "\u0301" * 500,
    "endless": "x" * 5_000,
}
ALONE = tuple(PAYLOADS)
GROUPS = {
    "markup": ("closing tag", "unknown tag", "action", "half tag"),
    "controls": ("clipboard", "title", "wipe", "c1", "bidi", "lines", "surrogate"),
    "shapes": ("wide", "zalgo", "endless"),
    "everything": ALONE,
}
PAYLOADS |= {group: "".join(PAYLOADS[name] for name in names) for group, names in GROUPS.items()}
FORBIDDEN = set(map(chr, [*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]))


def hostile(text: str) -> CannedDesk:
    """A desk with the text in every field a remote can fill."""
    row = replace(
        failed_rows()[0], connection=text, kind=text, ref=text, cause=text, remedy=text, code=text, state=text
    )
    stock = stock_row(0)
    cells = tuple(replace(cell, state=text, location_name=text) if cell else None for cell in stock.cells)
    return CannedDesk(
        environment=text,
        overview=replace(
            pulse(),
            engine=text,
            remotes=(RemoteHealth(text, text, text, text, None),),
            events=(EventRow(before(1), text, text),),
        ),
        waiting=(row,),
        locations=tuple((text, text) for _ in range(10)),
        special={0: replace(stock, sku=text, title=text, cells=cells)},
        sent=text,
        got=text,
        story=(TimelineRow(before(1), text, text, text),),
        sold=(replace(orders()[0], connection=text, id=text, name=text, state=text, currency=text, document=text,
                      status=text, cause=text),),
        health=SyncPage(NOW, (SyncRow(text, text, 1, NOW, True, (StepRow(text, text, text, None, 1, NOW, 1, text),),
                                      (LaneRow(9, 1, 1, NOW),), 1, 1),)),
        ledger=(TrailRow(1, text, NOW, text, text, text, text, text),),
        changed=(ConflictRow(text, text, text, text, text, text, 1, NOW, 1, text),),
        explained=lambda sku, location, at: replace(
            explanation(sku, location, at), connection=text, sku=text, location=text, location_name=text,
            terms=(Term(text, text, 1, (Source(text, text, text, 1, NOW),)),), components=(Component(text, 3, 1),),
            write=Write(1, NOW, text, text),
            history=tuple(replace(one, kind=text, cause=text, reference=text) for one in explanation(sku, location, at).history),
        ),
        drawn=[Plan(1, text, text, text, NOW, NOW, 1, text, NOW, (PlanRow(text, text, 1, 2, text, "planned", text, text),))],
        missing=(GapRow(text, text, text, text, 1, NOW, NOW),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *((name, (80, 24)) for name in GROUPS if name != "everything"),
        ("everything", (200, 50)),
        *(pytest.param(name, (80, 24), marks=pytest.mark.long) for name in ALONE),
    ],
)
async def test_every_screen_survives_and_shows_only_what_is_printable(
    name: str, size: tuple[int, int], tmp_path: Path
) -> None:
    desk = hostile(PAYLOADS[name])
    app = TrueUpConsole(desk, read_write=True, operator=PAYLOADS[name], clock=FrozenClock(), cache=tmp_path)
    async with app.run_test(size=size) as pilot:
        for key in (
            "2", "enter", "w", "q", "C", "enter", "w", "q", "D", "escape", "0", "enter", "a", "escape", "3", "5", "enter", "E", "7", "enter", "8", "enter", "9", "enter", "4", "c", "4", "y", "F", "A",
            "escape", "question_mark", "q", "R", "1",
        ):  # fmt: skip
            await pilot.press(key)
            for _ in range(4):
                await pilot.pause()
            for strip in app.screen._compositor.render_strips():
                assert not FORBIDDEN & set(strip.text), strip.text
                assert strip.cell_length == size[0]
                assert all(not s.style or not s.style.meta.get("@click") for s in strip)
        assert app.return_code is None and app.is_running
        assert {what for what, _, _ in desk.reads} >= {
            "pulse", "stock", "failed", "detail", "orders", "order", "sync", "trail", "gaps", "causes", "conflicts",
            "explain",
        }  # fmt: skip


PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_terminal_injection import PAYLOADS, hostile
from console.app import TrueUpConsole
from console.canned import FrozenClock
text = "".join(PAYLOADS[name] for name in ("clipboard", "title", "wipe", "c1", "bidi", "lines"))
TrueUpConsole(hostile(text), read_write=False, operator="ana", clock=FrozenClock(), cache=Path(sys.argv[1])).run(mouse=False)
"""


class Terminal:
    """A program on a real pseudo terminal, seen through a terminal emulator."""

    def __init__(self, argv: list[str], **environment: str) -> None:
        self.raw = bytearray()
        self.screen = pyte.Screen(80, 24)
        self.stream = pyte.ByteStream(self.screen)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            kept = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "COLUMNS", "LINES"}}
            kept |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
            os.execvpe(argv[0], argv, kept)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def read(self) -> bool:
        """Take what comes; False at the end."""
        ready, _, _ = select.select([self.fd], [], [], 30)
        assert ready, "the console went silent:\n" + "\n".join(self.screen.display)
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return False
        self.raw += data
        self.stream.feed(data)
        return bool(data)

    def until(self, text: str) -> str:
        """Read until the emulator shows this."""
        while text not in "\n".join(self.screen.display):
            assert self.read(), bytes(self.raw[-2000:])
        return "\n".join(self.screen.display)

    def press(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self.read():
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def program(tmp_path: Path) -> list[str]:
    return [sys.executable, "-c", PROGRAM, str(tmp_path), str(Path(__file__).parent)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["TERM", "HUP"])
def test_a_real_terminal_receives_no_foreign_command_and_is_restored_on_signals(
    program: list[str], number: signal.Signals
) -> None:
    terminal = Terminal(program)
    terminal.until("EVENTS")
    terminal.press("2")
    terminal.until("oversold")
    terminal.press("4")
    terminal.until("DETAIL")
    os.kill(terminal.pid, number)
    assert terminal.end() == 0
    raw = bytes(terminal.raw)
    assert (
        b"\x1b]52" not in raw and b"\x1b]0;" not in raw and b"\xc2\x9b" not in raw and b"\xc2\x9d" not in raw
    )
    assert "\u202e".encode() not in raw and b"\x00" not in raw
    assert raw.rindex(b"\x1b[?1049l") > raw.rindex(b"\x1b[?1049h")


def test_no_color_means_no_colour_at_all(program: list[str]) -> None:
    terminal = Terminal(program, NO_COLOR="1")
    terminal.until("EVENTS")
    terminal.press("2")
    terminal.until("X oversold")
    terminal.press("q")
    terminal.until("EVENTS")
    terminal.press("q")
    assert terminal.end() == 0
    colours = {cell.fg for line in terminal.screen.buffer.values() for cell in line.values()}
    assert colours <= {"default"}
    assert b"38;2;" not in terminal.raw and b"48;2;" not in terminal.raw


def test_a_dumb_terminal_is_refused_with_a_way_out(program: list[str]) -> None:
    terminal = Terminal(program, TERM="dumb")
    code = terminal.end()
    assert code != 0 and b"TERM=dumb" in terminal.raw and b"\x1b" not in terminal.raw


def test_a_crash_tells_the_terminal_no_values(tmp_path: Path) -> None:
    secret = "shpat_0123456789"
    try:
        token = secret
        raise ValueError(f"bad token {token}")
    except ValueError as error:
        file = record_crash(error, tmp_path, FrozenClock().now())
        words = last_words(error, file)
    assert secret not in words and "ValueError" in words
    assert file is not None and str(file) in words
    assert file.stat().st_mode & 0o077 == 0
    assert "raise ValueError" in file.read_text() and "locals" not in file.read_text()


async def test_a_broken_widget_ends_the_console_without_locals(tmp_path: Path) -> None:
    app = TrueUpConsole(CannedDesk(), read_write=False, operator="ana", clock=FrozenClock(), cache=tmp_path)

    def broken() -> None:
        secret = "shpat_" + "0123456789"
        raise ValueError(secret)

    with pytest.raises(ValueError, match="shpat"):
        async with app.run_test() as pilot:
            app.call_later(broken)
            for _ in range(20):
                await pilot.pause()
    said = "".join(str(part) for part in app._exit_renderables)
    assert "shpat" not in said
    assert [name for name in os.listdir(tmp_path) if name.startswith("crash-")]
