"""Help: the keys and commands of a screen, from their one declaration."""

from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.getters import query_one
from textual.screen import ModalScreen

from screens.command import Command
from screens.everywhere import EVERYWHERE, MOVES
from screens.session import Session
from screens.tones import Part
from screens.widgets.line import Line, Lines

Notes = tuple[tuple[str, str], ...]
FRAME = 4
"""Cells of the border and the scroll bar."""
BEFORE = 20
"""Cells before what a key does."""
BESIDE = 200
"""Columns of the terminal from which the lines stand in two columns."""


class Help(ModalScreen[None]):
    """Made once; filled for the screen it is opened over."""

    CSS_PATH: ClassVar = ["help.tcss"]
    BINDINGS: ClassVar = [("escape,q,question_mark,enter", "dismiss", "Close")]

    heading = query_one("#heading", Line)
    lines = query_one("#lines", Lines)
    more = query_one("#more", Lines)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._filled: tuple[str, tuple[Command, ...], Notes] = ("", (), ())

    def compose(self) -> ComposeResult:
        yield Line(id="heading")
        with VerticalScroll(id="scroll"), Horizontal(id="columns"):
            yield Lines(id="lines")
            yield Lines(id="more")

    def fill(self, title: str, commands: tuple[Command, ...], notes: Notes = ()) -> None:
        """What to explain."""
        self._filled = (title, commands, notes)

    def on_screen_resume(self) -> None:
        """Explain it, with the reasons why something is off right now."""
        title, commands, notes = self._filled
        self.heading.say((f" Help: {title}", "strong"), ("   Esc or q closes", "muted"))
        beside = self.app.size.width >= BESIDE
        width = self.app.size.width * 9 // 10 - FRAME
        lines = help_lines(commands, self.session, width // 2 if beside else width, notes)
        half = -(-len(lines) // 2) if beside else len(lines)
        self.lines.show(lines[:half])
        self.more.show(lines[half:])


def help_lines(
    commands: tuple[Command, ...], session: Session, width: int, notes: Notes = ()
) -> list[list[Part]]:
    """Each command with its key and word, the screen's own first, then what there is to know, then moving."""
    own = [command for command in commands if command not in EVERYWHERE]
    lines = [line for command in own for line in _command(command, session, width)]
    for name, text in notes:
        lines += _told(name, "", text, width, [])
    rest = (*EVERYWHERE, *MOVES)
    return lines + [line for command in rest for line in _command(command, session, width)]


def _command(command: Command, session: Session, width: int) -> list[list[Part]]:
    why = command.why_off(session)
    off: list[Part] = [(f"  (off: {why.partition(':')[0]})", "warn")] if why else []
    key = session.keymap.get(command.id, command.shown if command.keys else "")
    word = f":{command.id}" if command not in MOVES else ""
    return _told(key, word, command.tip, width, off)


def _told(key: str, word: str, text: str, width: int, off: list[Part]) -> list[list[Part]]:
    """What one key does, under each other where it is long."""
    first, *more = wrap(text, max(20, width - BEFORE)) or [""]
    lines: list[list[Part]] = [[(f" {key:6}", "strong"), (f"{word:13}", "muted"), (first, "")]]
    lines += [[(" " * BEFORE, ""), (part, "")] for part in more]
    lines[-1] += off
    return lines
