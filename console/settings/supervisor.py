"""What the service manager told this process (systemd's sd_notify protocol); nothing when there is none."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Where to say how it goes, and how often it must be said."""

    socket: str
    """Path of a datagram socket; `@` at its beginning stands for the abstract namespace. Empty: nobody listens."""
    watchdog_seconds: float | None
    """After so long without a sign of life the service is killed and started again."""


def supervisor() -> Supervisor:
    """From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, as sd_notify(3) and sd_watchdog_enabled(3) say."""
    meant = os.environ.get("WATCHDOG_PID", "")
    every = os.environ.get("WATCHDOG_USEC", "")
    ours = not meant or meant == str(os.getpid())
    seconds = int(every) / 1_000_000 if ours and every.isascii() and every.isdigit() and int(every) else None
    return Supervisor(os.environ.get("NOTIFY_SOCKET", ""), seconds)
