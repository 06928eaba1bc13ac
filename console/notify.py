"""Tells the service manager that the engine has started, how it goes, and that it is alive (sd_notify)."""

import asyncio
import logging
import socket
from collections.abc import Callable

from adapters.listener import HealthReport
from console.settings.supervisor import Supervisor

log = logging.getLogger("trueup.engine")
LEAST_OFTEN = 10.0
"""Seconds between two words when no watchdog asks for more."""


class Notify:
    """One service manager; says nothing when there is none."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def say(self, **words: str) -> None:
        """Send assignments such as READY=1 or STATUS=…; a manager that does not listen is not waited for."""
        address = self._supervisor.socket
        if not address:
            return
        text = "\n".join(f"{name.upper()}={value}" for name, value in words.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as door:
                door.setblocking(False)
                door.sendto(text.encode(), f"\0{address[1:]}" if address.startswith("@") else address)
        except OSError as trouble:
            log.warning("the service manager could not be told %s: %s", ", ".join(words), trouble.strerror)

    async def keep(self, health: Callable[[], HealthReport]) -> None:
        """Say how it goes until cancelled. No sign of life is given while the engine is not alive: it is restarted."""
        if not self._supervisor.socket:
            return
        watchdog = self._supervisor.watchdog_seconds
        every = min(LEAST_OFTEN, watchdog / 2) if watchdog else LEAST_OFTEN
        while True:
            report = health()
            words = {"status": summary(report)}
            if watchdog and report.live:
                words["watchdog"] = "1"
            self.say(**words)
            await asyncio.sleep(every)


def summary(report: HealthReport) -> str:
    """One line for `systemctl status`."""
    wrong = [f"{name}: {said}" for name, said in report.checks.items() if said not in ("ok", "led here")]
    word = "ready" if report.ready else "alive" if report.live else "not alive"
    return f"{word}; {'; '.join(wrong)}" if wrong else word
