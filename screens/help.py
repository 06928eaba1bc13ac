"""Help: the keys and commands of a screen, from their one declaration."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.getters import query_one
from textual.screen import ModalScreen

from screens.commands import EVERYWHERE, MOVES, Command
from screens.session import Session
from screens.tones import Part
from screens.widgets.line import Line, Lines

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
        self._filled: tuple[str, tuple[Command, ...]] = ("", ())

    def compose(self) -> ComposeResult:
        yield Line(id="heading")
        with VerticalScroll(id="scroll"), Horizontal(id="columns"):
            yield Lines(id="lines")
            yield Lines(id="more")

    def fill(self, title: str, commands: tuple[Command, ...]) -> None:
        """What to explain."""
        self._filled = (title, commands)

    def on_screen_resume(self) -> None:
        """Explain it, with the reasons why something is off right now."""
        title, commands = self._filled
        self.heading.say((f" Help: {title}", "strong"), ("   Esc or q closes", "muted"))
        lines = help_lines(commands, self.session)
        half = -(-len(lines) // 2) if self.app.size.width >= BESIDE else len(lines)
        self.lines.show(lines[:half])
        self.more.show(lines[half:])


def help_lines(commands: tuple[Command, ...], session: Session) -> list[list[Part]]:
    """A line for each command, the screen's own first, then moving."""
    lines: list[list[Part]] = []
    own = tuple(command for command in commands if command not in EVERYWHERE)
    for command in (*own, *EVERYWHERE, *MOVES):
        why = command.why_off(session)
        off: list[Part] = [(f"  (off: {why.partition(':')[0]})", "warn")] if why else []
        key = session.keymap.get(command.id, command.shown if command.keys else "")
        word = f":{command.id}" if command not in MOVES else ""
        lines.append(
            [
                (f" {key:6}", "strong"),
                (f"{word:13}", "muted"),
                (command.tip, ""),
                *off,
            ]
        )
    return lines
