"""The console process: paint first, load everything else in a thread, run the engine beside the screen if nobody does."""

import asyncio
import gc
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.settings import Settings
    from engine.desk import Desk
    from engine.store.session import Store

JOIN_SECONDS = 15.0


class EngineThread:
    """The engine on a thread and a loop of its own: a stalled terminal never stalls it."""

    def __init__(
        self, settings: "Settings", store: "Store", ended: Callable[[], object] = lambda: None
    ) -> None:
        self._settings, self._store, self._ended = settings, store, ended
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self.trouble: BaseException | None = None

    def start(self) -> None:
        """Begin; returns when the loop runs."""
        self._thread.start()
        self._begun.wait()

    def stop(self) -> None:
        """Drain and end."""
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None and self._thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
        self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        from console.running import run_engine

        async def main() -> None:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            self._begun.set()
            await run_engine(self._settings, self._stop, store=self._store)

        try:
            asyncio.run(main())
        except Exception as error:  # noqa: BLE001 the console ends and says it: a face without its engine looks alive
            self.trouble = error
            self._ended()
        finally:
            self._begun.set()


class Cockpit:
    """What a console needs besides its screens; built in a thread after the first paint."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._store: Store | None = None
        self._engine: EngineThread | None = None
        self.trouble: Exception | None = None
        self.leave: Callable[[], object] = lambda: None
        """Ends the console: what no screen can help is said on stderr."""

    async def desk(self) -> "Desk":
        """Load settings, open the store, start the engine unless one is running; the desk."""
        try:
            self.trouble = None
            return await asyncio.to_thread(self._build)
        except Exception as error:
            from console.settings.trouble import SettingsTrouble

            self.trouble = error
            if isinstance(error, SettingsTrouble):
                self.leave()
            raise
        finally:
            from console.garbage import only_at_leisure

            only_at_leisure()

    def close(self) -> None:
        """Stop the engine, close the store."""
        if self._engine is not None:
            self._engine.stop()
            if isinstance(self._engine.trouble, Exception):
                self.trouble = self.trouble or self._engine.trouble
        if self._store is not None:
            self._store.close()

    def _build(self) -> "Desk":
        from console.assembly import desk, engine_elsewhere, open_store
        from console.lock import Lock
        from console.logs import configure
        from console.permissions import refuse_loose
        from console.roles import role_of
        from console.settings import load
        from engine.model.clock import SystemClock

        settings, clock = load(self._config), SystemClock()
        refuse_loose(settings, self._config)
        configure(settings, terminal=True)
        self._store = store = open_store(settings, clock)
        me = None
        if not asyncio.run(engine_elsewhere(settings, store)):
            self._engine = EngineThread(settings, store, lambda: self.leave())
            self._engine.start()
            me = Lock(store).holder
        return desk(settings, store, clock, me=me, role=role_of(self._config))


def run_console(config: Path, *, rw: bool, theme: str | None = None, ascii: bool = False) -> int:
    """The console until it is left; its exit code."""
    if not _terminal("Use trueup run for the daemon, or trueup status for one printed answer."):
        return 2
    gc.disable()  # until the desk is open: what is loaded by then stays, and searching it for garbage delays the paint
    from console.app import TrueUpConsole
    from console.looks import looks
    from console.operator import operator

    cockpit, shown = Cockpit(config), looks(config, theme=theme, ascii=ascii)
    app = TrueUpConsole(
        cockpit.desk,
        read_write=rw,
        operator=operator(),
        theme=shown.theme,
        ascii=shown.ascii,
        keymap=shown.keymap,
    )
    cockpit.leave = lambda: app.call_later(app.exit)  # from any thread
    try:
        app.run(mouse=shown.mouse)
    finally:
        cockpit.close()
    if cockpit.trouble is not None:
        from console.cli.root import explained

        return explained(cockpit.trouble)
    return app.return_code or 0


def run_incident(file: Path) -> int:
    """The console over an incident bundle until it is left; its exit code. Nothing can be changed, no engine runs."""
    if not _terminal("Use trueup incident replay for the same in print."):
        return 2
    from console.app import TrueUpConsole
    from console.incident import opened
    from console.operator import operator

    with opened(file) as bundle:
        app = TrueUpConsole(bundle.desk, read_write=False, operator=operator(), clock=bundle.clock)
        app.run()
    return app.return_code or 0


def _terminal(instead: str) -> bool:
    """Can this terminal show the console? Says what to use instead when it cannot."""
    if sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        return True
    sys.stderr.write(f"trueup: this is not a terminal that can show the console.\n{instead}\n")
    return False
