"""A screen that follows the engine: it pulls snapshots, one read in flight, and says why it has no fresh ones."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from textual import work
from textual.events import ScreenResume, ScreenSuspend
from textual.screen import Screen
from textual.worker import Worker

from screens.safe import safe
from screens.session import Session

log = logging.getLogger("screens")
PAINT_EVERY = 0.2
"""Seconds between two paints the engine asks for."""
STATUS_EVERY = timedelta(seconds=1)
"""How often the overview above another screen is read at most: it counts all that there is."""
SILENCE = 5.0
"""Seconds without news after which we look anyway."""


class Following(Screen[None]):
    """Looked at, it reads on every change, at most five times a second and as often as the line to the terminal can take;
    not looked at, it reads nothing.
    """

    OVERVIEW = False
    """Whether what the screen shows is the overview itself."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._bell = asyncio.Event()
        self._hurry = asyncio.Event()
        self._loops: list[Worker[None]] = []
        self._news = True
        self._styled_in: str | None = None
        """The theme it was shown in last."""
        self._owed = True
        """The line above the screen is older than the last news."""

    async def read(self) -> None:
        """Read what this screen shows and show it."""

    def draw_lines(self) -> None:
        """Bring the lines around the screen up to date."""
        raise NotImplementedError

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Look at once, and from here on follow the engine.

        Textual styles all of a screen anew whenever it is shown, which takes longer than painting it: only other colours
        ask for that.
        """
        event.refresh_styles = self._styled_in != self.app.theme
        self._styled_in = self.app.theme
        self._news = True
        self.kick()
        self._loops = [self._follow(), self._listen()]
        self.draw_lines()

    def on_screen_suspend(self, event: ScreenSuspend) -> None:
        """Nobody looks: read nothing."""
        for loop in self._loops:
            loop.cancel()

    def kick(self) -> None:
        """The operator wants something: read at once."""
        self._hurry.set()
        self._bell.set()

    @work(group="listen", exit_on_error=False)
    async def _listen(self) -> None:
        await self.session.opened.wait()
        seen = -1
        while True:
            try:
                if self.session.desk is not None:
                    seen = await self.session.desk.changes.after(seen, at_most=SILENCE)
            except Exception as error:  # shown as trouble; looked at again after a pause
                log.exception("changes cannot be followed")
                self.trouble(error)
                await asyncio.sleep(SILENCE)
            self._news = True
            self._bell.set()

    @work(group="follow", exit_on_error=False)
    async def _follow(self) -> None:
        await self.session.opened.wait()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(STATUS_EVERY.total_seconds() if self._owed else None):
                    await self._bell.wait()
            self._bell.clear()
            self._hurry.clear()
            await self._look()
            await self._pause()

    async def _pause(self) -> None:
        """Until the next painting: the operator's at once, the engine's when the terminal has taken in the last one."""
        busy = True
        while busy and not self._hurry.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(PAINT_EVERY):
                    await self._hurry.wait()
            busy = self.session.line.busy

    async def _look(self) -> None:
        news, self._news = self._news, False
        self._owed = self._owed or news
        try:
            if news:
                self.grow_old()
            if not self.OVERVIEW:  # what the operator waits for comes before the line above it
                await self.read()
            if self._owed and self.session.desk is not None and (self.OVERVIEW or self._is_due()):
                self.session.pulse = await self.session.desk.pulse()
                self._owed = False
            if self.OVERVIEW:
                await self.read()
            self.session.trouble = ""
        except Exception as error:  # the operator is told; the loop lives and looks again
            log.exception("the desk cannot be read")
            self._owed = False  # with the next news
            self.trouble(error)
        self.draw_lines()

    def _is_due(self) -> bool:
        age = self.session.age()
        return age is None or age >= STATUS_EVERY or self.session.trouble != ""

    def grow_old(self) -> None:
        """Something changed: what the screen holds must be read again."""

    def trouble(self, error: BaseException) -> None:
        """Keep showing what we have, and say why it is not fresh."""
        remedy = getattr(error, "remedy", "")
        said = f"{safe(str(error)) or type(error).__name__}"
        self.session.trouble = f"{said}. {safe(remedy)}" if remedy else said
        self.draw_lines()
