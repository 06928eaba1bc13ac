"""Leads from screen to screen: where a command leads, help over it, and back and forward among those visited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.travels import Travels
from screens.base import DeskScreen
from screens.messages import GoTo, Wander
from screens.narrowing import Narrowed

if TYPE_CHECKING:
    from console.app import TrueUpConsole


class Guide:
    """Shows screens. The new one is current when a call returns, and mounted a moment later."""

    def __init__(self, app: TrueUpConsole, travels: Travels) -> None:
        self._app, self._travels = app, travels

    def travel(self, where: GoTo | Wander) -> None:
        """Show another screen."""
        if isinstance(where, Wander):
            self._wander(where.by)
        elif where.name == "help":
            self._help()
        else:
            self._go(where)

    def _go(self, where: GoTo) -> None:
        app, there = self._app, self._app.room(where.name)
        if app.screen is not there:
            self._travels.went(where.name)
            app.switch_screen(where.name)
        if where.wish is not None and isinstance(there, Narrowed):
            there.narrow(where.wish)

    def _help(self) -> None:
        here, help = self._app.screen, self._app.room("help")
        if isinstance(here, DeskScreen):
            help.fill(here.CRUMB, here.COMMANDS_HERE, here.notes())  # type: ignore[attr-defined]
            self._app.push_screen("help")

    def _wander(self, by: int) -> None:
        app, name = self._app, self._travels.wander(by)
        if name is not None:
            app.switch_screen(name)
        elif isinstance(app.screen, DeskScreen):
            app.screen.say("There is no screen before this one." if by < 0 else "There is none after it.")
