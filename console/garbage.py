"""Memory that nobody uses any more, searched for while nobody types: a full search takes longer than a painting."""

import gc
from collections.abc import Callable
from time import monotonic

from textual._styles_cache import StylesCache

EVERY = 1.0
"""Seconds between two looks whether it is time."""
LEISURE = 0.3
"""Seconds without a key after which nobody types."""
AT_LATEST = 5.0
"""Seconds after which it is searched for whoever types."""
SMALL_SEARCHES = 10
"""What Python itself lets pass before a full search."""
NEVER = 1_000_000


def only_at_leisure() -> None:
    """Never search what is loaded by now, and leave full searches to `Leisure` from here on."""
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], NEVER)
    gc.enable()


def search() -> None:
    """Find all that nobody uses any more.

    Textual remembers colours by the widget they were asked for (`StylesCache.get_inner_outer`), and with it a widget that
    is gone and all it ever painted: a palette that was opened and closed is 300 kB.
    """
    StylesCache.get_inner_outer.cache_clear()
    gc.collect()


class Leisure:
    """Knows when the last key came, and when garbage was searched for."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._typed = self._searched = clock()

    def typed(self) -> None:
        """A key came."""
        self._typed = self._clock()

    def look(self) -> bool:
        """Search if there may be something to find and it keeps nobody waiting; whether it was."""
        if gc.get_count()[2] < SMALL_SEARCHES:
            return False
        now = self._clock()
        if now - self._typed < LEISURE and now - self._searched < AT_LATEST:
            return False
        search()
        self._searched = now
        return True
