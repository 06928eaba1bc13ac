"""The command palette: the same commands, searched by what they are called and do."""

from collections.abc import Awaitable, Callable
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from screens.base import DeskScreen
from screens.command import Command


class DeskCommands(Provider):
    """Offers the commands of the screen the palette was opened over."""

    def _offered(self) -> tuple[tuple[str, str, Command], ...]:
        screen = self.screen
        if not isinstance(screen, DeskScreen):
            return ()
        return tuple(
            (f"{c.label} ({c.shown})", c.why_off(screen.session) or c.tip, c)
            for c in screen.COMMANDS_HERE
            if c.id not in ("palette", "cancel")
        )

    def _runner(self, command: Command) -> Callable[[], Awaitable[None]]:
        assert isinstance(self.screen, DeskScreen)
        return partial(self.screen.action_run, command.id)

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for title, tip, command in self._offered():
            yield DiscoveryHit(title, self._runner(command), help=tip)

    async def search(self, query: str) -> Hits:
        """Those that match."""
        matcher = self.matcher(query)
        for title, tip, command in self._offered():
            score = matcher.match(f"{title} {tip}")
            if score > 0:
                yield Hit(score, matcher.highlight(title), self._runner(command), help=tip)
