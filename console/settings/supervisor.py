"""What the service manager told this process (systemd's sd_notify protocol); nothing when there is none."""

import os
import socket
from dataclasses import dataclass

from console.settings.trouble import SettingsTrouble

FIRST_HANDED = 3
"""The number of the first socket that is handed over: SD_LISTEN_FDS_START of sd_listen_fds(3)."""


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


def handed_over() -> socket.socket | None:
    """The listening socket that the service manager keeps open while this program is started anew (sd_listen_fds(3)).

    None where there is none. It is told once: programs that are started from here have no part in it. Raises
    SettingsTrouble when there are several.
    """
    meant, many = os.environ.get("LISTEN_PID", ""), os.environ.get("LISTEN_FDS", "")
    if meant != str(os.getpid()) or not many:
        return None
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    if many != "1":
        raise SettingsTrouble(
            f"The service manager hands over {many} sockets.", "Leave one ListenStream in the socket unit."
        )
    os.set_inheritable(FIRST_HANDED, False)
    return socket.socket(fileno=FIRST_HANDED)
