"""The console application: it paints first, opens the desk after, and wires screens to it."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import Console, RenderableType
from rich.text import Text
from textual import work
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.events import Key
from textual.filter import LineFilter
from textual.screen import Screen

from console.crash import last_words, record_crash
from console.garbage import EVERY
from console.guide import Guide
from console.shown import Shown
from console.terminal import Outlet, TerminalDriver
from console.travels import Travels
from engine.model.clock import Clock, SystemClock
from screens.ascii import Ascii
from screens.base import DeskScreen
from screens.messages import OpenAgain
from screens.pulse import Pulse
from screens.rooms import palette, room
from screens.safe import Scrub
from screens.session import Session
from screens.tones import CONTRAST, DARK, FALLBACK, LIGHT

if TYPE_CHECKING:
    from engine.desk import Desk

log = logging.getLogger("console")
CACHE = Path.home() / ".cache" / "trueup"
DUMB = "This terminal cannot show the console (TERM=dumb). Use trueup status, or set TERM."


class TrueUpConsole(App[None]):
    """The face of one desk."""

    COMMANDS: ClassVar = {palette}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-compact"), (120, "-normal"), (200, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-tall")]
    CSS = "SearchIcon { display: none; }"  # an emoji, as wide as each terminal pleases

    def __init__(
        self,
        desk_factory: Callable[[], Awaitable[Desk]] | Desk,
        *,
        read_write: bool,
        operator: str,
        theme: str | None = None,
        ascii: bool = False,
        keymap: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        cache: Path = CACHE,
    ) -> None:
        self._walls: list[LineFilter] = [Scrub(), *([Ascii()] if ascii else [])]
        colourless = Console().no_color
        super().__init__(driver_class=TerminalDriver, ansi_color=True if colourless else None)
        self._factory = desk_factory
        self._cache = cache
        self._asked = False
        self._shown = Shown()
        self.clock = clock or SystemClock()
        self.session = Session(
            now=self.clock.now,
            operator=operator,
            writable=read_write,
            copies=cache / "copied.txt",
            keymap=keymap or {},
        )
        self.session.travel = Guide(self, Travels("pulse")).travel
        self.title = "TrueUp"
        self.animation_level = "none"
        for each in (DARK, LIGHT, CONTRAST):
            self.register_theme(each)
        self.theme = "ansi-dark" if colourless else theme or DARK.name
        self.set_keymap(dict(self.session.keymap))
        self.install_screen(Pulse(self.session), "pulse")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our tones, for themes that do not know them."""
        return FALLBACK

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Nothing unprintable leaves, whatever a widget paints."""
        return [*super().get_line_filters(), *self._walls]

    def run(self, **options: Any) -> Any:
        """Run, unless the terminal cannot show it."""
        if not options.get("headless") and Console(force_terminal=True).is_dumb_terminal:
            raise SystemExit(DUMB)
        return super().run(**options)

    async def on_mount(self) -> None:
        """Listen to signals, and show the first screen."""
        if isinstance(self._driver, TerminalDriver):
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self.exit)
            self.session.line = self._driver.outlet
            self.set_interval(EVERY, self._driver.leisure.look)
        await self.push_screen("pulse")

    def on_key(self, event: Key) -> None:
        """A key that was typed ahead of an input belongs to it, and is no command."""
        if isinstance(self.screen, DeskScreen) and self.screen.is_mounted and self.screen.entry.takes(event):
            event.prevent_default()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Open the desk once a whole screen was painted: what it loads would keep the first one waiting."""
        if isinstance(self._driver, TerminalDriver):
            if self._driver.outlet.behind:
                return  # all of it is painted once the terminal has caught up
            super()._display(screen, self._new_of(renderable, self._driver.outlet))
        else:
            super()._display(screen, renderable)
        if not (self._asked or renderable is None or self._batch_count):
            self._asked = True
            self.call_later(self.open_desk)

    def _new_of(self, renderable: RenderableType | None, outlet: Outlet) -> RenderableType | None:
        """What of a painting the terminal does not show yet."""
        if outlet.doubtful():
            self._shown.forget()
        writes = self._running and not self._closed and not self._batch_count
        if writes and isinstance(renderable, LayoutUpdate | ChopsUpdate):
            return self._shown.left_of(renderable)
        return renderable

    @work(group="open", exclusive=True, exit_on_error=False)
    async def open_desk(self) -> None:
        """Ask for the desk, and tell the screens; say why when there is none."""
        session = self.session
        try:
            factory = self._factory
            session.desk = await factory() if callable(factory) else factory
        except Exception as error:  # shown on the screen, with r = try again
            log.exception("the desk cannot be opened")
            self.tell(error)
            return
        session.trouble = ""
        session.opened.set()
        if isinstance(self.screen, DeskScreen):
            self.screen.kick()

    def tell(self, error: BaseException) -> None:
        """Show on the current screen why there is no data."""
        for screen in self.screen_stack:
            if isinstance(screen, DeskScreen):
                screen.trouble(error)

    def room(self, name: str) -> Screen[Any]:
        """A screen by name, made when it is first asked for."""
        if not self.is_screen_installed(name):
            self.install_screen(room(name, self.session), name)
        return self.get_screen(name)

    def on_open_again(self, message: OpenAgain) -> None:
        """Try once more to open the desk."""
        if self.session.desk is None:
            self.open_desk()

    def _fatal_error(self) -> None:
        """Leave without printing values: the traceback goes to a private file."""
        error = sys.exc_info()[1] or RuntimeError("unknown")
        self.bell()
        file = record_crash(error, self._cache, self.clock.now())
        self._exit_renderables.append(Text(last_words(error, file)))
        self._close_messages_no_wait()
