"""The lines around a screen: where we are and how all is, what is listed, what was said, and which keys there are."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from textual.events import Resize
from textual.getters import query_one

from screens.command import Command
from screens.commands import key_line
from screens.everywhere import EVERYWHERE
from screens.following import Following
from screens.safe import safe
from screens.session import SLOW, Session
from screens.status import status
from screens.tones import Part
from screens.widgets.line import Line
from screens.words import clock

log = logging.getLogger("screens")
SAID_FOR = timedelta(seconds=12)


class Framed(Following):
    """Keeps its four lines up to date."""

    COMMANDS_HERE: tuple[Command, ...] = EVERYWHERE
    CRUMB = ""

    status_line = query_one("#status", Line)
    crumb_line = query_one("#crumb", Line)
    note_line = query_one("#note", Line)
    key_line = query_one("#keys", Line)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._said: tuple[Part, datetime] | None = None

    # what a screen fills in

    def crumb(self) -> list[Part]:
        """The second line."""
        return [(f" {self.CRUMB}", "strong")]

    def hint(self) -> list[Part]:
        """What the message line says when nobody said anything."""
        return []

    # the lines

    def on_mount(self) -> None:
        """Keep the clock going."""
        self.set_interval(1.0, self.draw_lines)

    def on_resize(self, event: Resize) -> None:
        """Fit the lines to the width."""
        self.draw_lines()

    def say(self, text: str, tone: str = "") -> None:
        """Show a message for a while."""
        self._said = ((safe(text), tone), self.session.now())
        self.draw_lines()

    @contextmanager
    def told_if_it_fails(self, what: str, said: str = "Not asked") -> Iterator[None]:
        """An error in here ends what was begun, not the console: it is logged as `what` and said to the operator."""
        try:
            yield
        except Exception as error:  # said where the operator looks
            log.exception("%s", what)
            self.say(f"{said}: {error}", "bad")

    def draw_lines(self) -> None:
        """Bring status, breadcrumb, message and keys up to date."""
        if not self.is_mounted or not self.is_current:
            return
        self.status_line.say(*status(self.session, self.size.width))
        self.crumb_line.say(*self.crumb())
        self.note_line.say(*self._note())
        self.key_line.say((f" {key_line(self.COMMANDS_HERE, self.size.width)}", "muted"))

    def _note(self) -> list[Part]:
        if self._said is not None and self.session.now() - self._said[1] > SAID_FOR:
            self._said = None
        pulse = self.session.pulse
        if self._said is not None:
            return [(" ", ""), self._said[0]]
        if self.session.trouble:
            return [(" x ", "bad"), (self.session.trouble, "bad"), ("   r = try again", "")]
        if self.session.is_old() and pulse is not None:
            since = f"the engine has not answered since {clock(pulse.as_of)}; showing the last snapshot. r = try again"
            return [(f" {since}", "warn")]
        alarm = self._alarm()
        if alarm:
            return [(f" x {alarm}", "bad")]
        if self.size.width < 80 or self.size.height < 24:
            return [(f" {self.size.width}x{self.size.height}: needs 80x24; showing what fits.", "warn")]
        lag = self.session.line.lag
        if lag > SLOW:
            return [
                (f" ~ slow line: {lag:.0f} s to paint. Keys come first, news when there is room.", "warn")
            ]
        return self.hint()

    def _alarm(self) -> str:
        """What stopped working as a whole, with the way out; empty when nothing did."""
        pulse = self.session.pulse
        if pulse is None:
            return ""
        if pulse.engine == "stopped":
            return "No engine is running: figures stand still. Start it with trueup run."
        return next((f"{safe(cause)} {safe(remedy)}" for cause, remedy in pulse.alarms), "")
